// Whole runs, from files to files, against books whose exact VaR and ES are known.
//
// False alarms. Each check is a z-test at 5 standard errors: 6e-7 for a normal statistic, some times that for the
// skewed ones of the far tails (about 400 losses beyond 0.999), below 1e-5 in every case; about 400 checks in all, so
// less than 0.4 % for the whole file if the random numbers change. As long as they do not, a passing run passes again.
#include <algorithm>
#include <cmath>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tailbit/measure/estimates.hpp"
#include "tailbit/measure/host_sample.hpp"
#include "tests/support/job_files.hpp"
#include "tests/support/lognormal_laws.hpp"
#include "tests/support/one_asset_book.hpp"
#include "tests/support/oracles.hpp"
#include "tests/support/simulated.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::run_oracles_test {
namespace {

using test::ExactLosses;
using test::ExactTail;
using test::expect_exceedances;
using test::expect_mean;
using test::expect_reported;
using test::expect_shortfall;
using test::JobSize;
using test::Leg;
using test::Ran;
using test::World;
using Json = nlohmann::ordered_json;

const std::vector<double> kLevels{0.95, 0.975, 0.99, 0.995, 0.999};

Ran run_book(const std::vector<Leg>& legs, const World& world, const JobSize& size) {
  const test::ScratchFolder folder;
  return test::run_files(test::write_one_asset_job(folder, legs, world, size));
}

// --- Books on one underlying -----------------------------------------------------------------------------------------

// The books of single_underlying_books.csv's header.
const std::map<std::string, std::vector<Leg>> kBooks{
    {"long_call_ATM", {{"call", 100, 0.5, 1, 0.3}}},
    {"short_call_ATM", {{"call", 100, 0.5, -1, 0.3}}},
    {"long_put_OTM90", {{"put", 90, 0.25, 1, 0.35}}},
    {"short_put_OTM90", {{"put", 90, 0.25, -1, 0.35}}},
    {"short_straddle", {{"call", 100, 0.1, -1, 0.3}, {"put", 100, 0.1, -1, 0.3}}},
    {"long_straddle", {{"call", 100, 0.1, 1, 0.3}, {"put", 100, 0.1, 1, 0.3}}},
    {"call_spread_95_105", {{"call", 95, 0.08, 1, 0.3}, {"call", 105, 0.08, -1, 0.29}}},
    {"risk_reversal_short", {{"call", 110, 0.25, -2, 0.27}, {"put", 90, 0.25, 1.5, 0.36}}},
    {"iron_condor_short",
     {{"put", 85, 0.1, 1, 0.36},
      {"put", 92, 0.1, -1, 0.33},
      {"call", 108, 0.1, -1, 0.28},
      {"call", 115, 0.1, 1, 0.27}}},
    {"covered_call", {{"spot", 0, 0, 1, 0}, {"call", 105, 0.15, -1, 0.3}}},
    {"protective_put_expiring_in_horizon", {{"spot", 0, 0, 1, 0}, {"put", 95, 0.04, 1, 0.32}}},
    {"ratio_1x3_put", {{"put", 100, 0.2, 1, 0.3}, {"put", 85, 0.2, -3, 0.38}}}};

// The two worlds of the table's rows; steps change nothing about geometric Brownian motion.
struct NamedWorld {
  const char* name;
  World world;
  std::uint32_t steps;
};
const std::vector<NamedWorld> kWorlds{{"two_weeks", {0.04, 0.3, 0.0}, 1}, {"a_day_and_a_half", {0.004, 0.45, 0.1}, 6}};

TEST(OneAssetBooks, AreThoseOfTheTable) {
  TAILBIT_ORACLE_OR_SKIP(table, "single_underlying_books.csv");
  nlohmann::json described;
  for (const std::string& comment : table.comments) {
    if (comment.find("legs [") != std::string::npos)
      described = nlohmann::json::parse(comment.substr(comment.find('{')));
  }
  ASSERT_EQ(described.size(), kBooks.size());
  for (const auto& [name, legs] : kBooks) {
    ASSERT_TRUE(described.contains(name)) << name;
    ASSERT_EQ(described[name].size(), legs.size()) << name;
    for (std::size_t i = 0; i < legs.size(); ++i) {
      const nlohmann::json ours = {legs[i].kind, legs[i].strike, legs[i].expiry, legs[i].quantity, legs[i].vol};
      EXPECT_EQ(described[name][i].dump(), ours.dump()) << name;
    }
  }
}

// The test's own exact values against the table's rows.
TEST(OneAssetBooks, ExactValuesAreTheTables) {
  TAILBIT_ORACLE_OR_SKIP(table, "single_underlying_books.csv");
  ASSERT_FALSE(table.rows.empty());
  for (const test::OracleRow& row : table.rows) {
    const World world{row.number("horizon"), row.number("sigma_P"), row.number("mu")};
    const ExactLosses exact(kBooks.at(row.text("book")), world);
    const ExactTail tail = exact.tail(row.number("alpha"));
    EXPECT_NEAR(tail.var, row.number("VaR"), 1e-6 * row.number("VaR")) << row.text("alpha");
    EXPECT_NEAR(tail.es, row.number("ES"), 1e-6 * row.number("ES")) << row.text("alpha");
    EXPECT_NEAR(exact.mean(), row.number("mean_loss"), 1e-7) << row.text("alpha");
  }
}

class OneAssetBook : public testing::TestWithParam<std::tuple<std::string, std::size_t>> {};

TEST_P(OneAssetBook, MeetsItsExactTail) {
  const auto& [name, w] = GetParam();
  const NamedWorld& named = kWorlds[w];
  const std::vector<Leg>& legs = kBooks.at(name);
  const ExactLosses exact(legs, named.world);
  const Ran ran = run_book(legs, named.world, {400'000, 1000 + w, named.steps, kLevels});
  const std::vector<double>& losses = ran.losses.at(0);
  ASSERT_EQ(losses.size(), 400'000u);
  EXPECT_NEAR(ran.summary["base_value"].get<double>(), test::book_value(legs, named.world, named.world.spot, 0.0),
              1e-9);
  expect_mean(losses, exact.mean(), exact.stdev());
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    const ExactTail tail = exact.tail(kLevels[i]);
    expect_exceedances(losses, kLevels[i], tail.var);
    expect_shortfall(losses, kLevels[i], tail);
    expect_reported(ran.summary["measures"][i], losses, tail);
  }
}

std::vector<std::string> book_names() {
  std::vector<std::string> names;
  for (const auto& [name, unused] : kBooks) names.push_back(name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Books, OneAssetBook,
                         testing::Combine(testing::ValuesIn(book_names()),
                                          testing::Range(std::size_t{0}, kWorlds.size())),
                         [](const auto& test) {
                           return std::get<0>(test.param) + "_" + kWorlds[std::get<1>(test.param)].name;
                         });

// A put that expires within the horizon, inside a step: its payoff at expiry and the spot at the horizon are two
// factors. E[loss] is known: both are means of lognormals.
TEST(OneAssetBooks, AnExpiryInsideAStepPaysAtItsExpiry) {
  const World world{0.04, 0.3, 0.1};
  const Leg put{"put", 98, 0.025, 1, 0.32};
  for (const std::uint32_t steps : {1u, 3u}) {
    const Ran ran = run_book({put, {"spot", 0, 0, 1, 0}}, world, {400'000, 77, steps, {0.95, 0.99}});
    // The payoff's mean is the undiscounted Black-Scholes value at the model's drift and vol.
    const Leg payoff{"put", put.strike, put.expiry, 1, world.vol};
    const double paid =
        test::black_scholes(payoff, world.spot, put.expiry, world.drift) * std::exp(world.drift * put.expiry);
    const double base = test::black_scholes(put, world.spot, put.expiry, world.rate);
    const double mean = base - paid + world.spot * (1.0 - std::exp(world.drift * world.horizon));
    expect_mean(ran.losses[0], mean, ran.summary["pnl"]["stdev"].get<double>());
  }
}

TEST(OneAssetBooks, SinglePrecisionMeetsTheSameTail) {
  const World world = kWorlds[0].world;
  const std::vector<Leg>& legs = kBooks.at("ratio_1x3_put");
  const ExactLosses exact(legs, world);
  const Ran ran = run_book(legs, world, {400'000, 5, 1, kLevels, "single"});
  expect_mean(ran.losses[0], exact.mean(), exact.stdev());
  for (const double level : kLevels) {
    const ExactTail tail = exact.tail(level);
    expect_exceedances(ran.losses[0], level, tail.var);
    expect_shortfall(ran.losses[0], level, tail);
  }
}

// --- Closed forms ----------------------------------------------------------------------------------------------------

struct ClosedFormRow {
  std::string family;
  double level, var, es;
};
std::vector<ClosedFormRow> closed_form_rows(const test::OracleTable& table) {
  std::vector<ClosedFormRow> rows;
  for (const test::OracleRow& row : table.rows)
    rows.push_back({row.text("family"), row.number("alpha"), row.number("VaR"), row.number("ES")});
  return rows;
}

// Quantities of spot that a lognormal price makes the loss of; the normal quantile is the table's. Long: the loss
// S_0 - S_h; VaR at z = -q, ES from E[S; Z < z] = E[S] N(z - s). Short: mirrored.
TEST(ClosedForms, LognormalSpot) {
  TAILBIT_ORACLE_OR_SKIP(table, "var_es_closed_form.csv");
  std::size_t tested = 0;
  for (const ClosedFormRow& row : closed_form_rows(table)) {
    if (row.family != "normal") continue;
    for (const double quantity : {1.0, -2.5}) {
      const World world{0.02, 0.7, 0.3};
      const double s = world.vol * std::sqrt(world.horizon);
      const double m = (world.drift - 0.5 * world.vol * world.vol) * world.horizon;
      const double z = quantity > 0.0 ? -row.var : row.var;
      const double price = world.spot * std::exp(m + s * z);
      const double tail_price = world.spot * std::exp(m + 0.5 * s * s) *
                                test::normal_below(quantity > 0.0 ? z - s : s - z) / (1.0 - row.level);
      const ExactTail exact{quantity * (world.spot - price), quantity * (world.spot - tail_price)};
      const Ran ran = run_book({{"spot", 0, 0, quantity, 0}}, world, {500'000, 31, 4, {row.level}});
      expect_exceedances(ran.losses[0], row.level, exact.var);
      expect_shortfall(ran.losses[0], row.level, exact);
      expect_reported(ran.summary["measures"][0], ran.losses[0], exact);
      ++tested;
    }
  }
  EXPECT_EQ(tested, 4u);
}

// As the vol goes to 0 the law of a spot position becomes the normal one of the table, in units of S_0 s: the
// difference is s / 2 z^2 of it, here 2e-4.
TEST(ClosedForms, SmallMovesAreNormal) {
  TAILBIT_ORACLE_OR_SKIP(table, "var_es_closed_form.csv");
  const World world{0.01, 0.001, 0.0};
  const double unit = world.spot * world.vol * std::sqrt(world.horizon);
  const Ran ran = run_book({{"spot", 0, 0, 1, 0}}, world, {500'000, 8, 1, {0.975, 0.99}});
  for (const ClosedFormRow& row : closed_form_rows(table)) {
    if (row.family != "normal") continue;
    std::vector<double> losses = ran.losses[0];
    for (double& loss : losses) loss /= unit;
    expect_exceedances(losses, row.level, row.var - 5e-5 * row.var * row.var);
    expect_shortfall(losses, row.level, {row.var - 5e-5 * row.var * row.var, row.es - 5e-5 * (1.0 + row.var * row.es)});
  }
}

// A t quantile with four degrees of freedom has a closed form (Shaw 2006).
double t4_quantile(double p) {
  const double a = std::sqrt(4.0 * p * (1.0 - p));
  const double q = std::cos(std::acos(a) / 3.0) / a;
  return (p < 0.5 ? -2.0 : 2.0) * std::sqrt(q - 1.0);
}

// The estimators, fed with the exact quantiles at (i + 0.5) / N, give the law's VaR and ES up to what the grid cannot
// resolve: half a cell at VaR, and for ES the last cell, in which the quantile runs off to infinity (together less than
// 0.2 Q(1 - 1/N) / (N (1 - a)), by the first cells' midpoint errors).
TEST(ClosedForms, EstimatorsOnExactQuantiles) {
  TAILBIT_ORACLE_OR_SKIP(table, "var_es_closed_form.csv");
  constexpr std::size_t n = 1'000'000;
  constexpr double unit = 0x1p-40;
  for (const ClosedFormRow& row : closed_form_rows(table)) {
    std::vector<std::int64_t> profit(n);
    double z = 0.0, largest = 0.0;
    for (std::size_t i = n / 2; i < n; ++i) {
      const double above = (static_cast<double>(n - i) - 0.5) / static_cast<double>(n);
      z = row.family == "normal" ? -test::normal_quantile(above, -z) : t4_quantile(1.0 - above);
      profit[i] = -static_cast<std::int64_t>(std::llround(z / unit));
      profit[n - 1 - i] = -profit[i];
      largest = z;
    }
    const measure::HostSample sample(profit);
    const measure::TailEstimate e =
        measure::tail_estimate(sample, measure::level_ranks(n, measure::make_level(row.level)), unit);
    const double tail = 1.0 - row.level, count = static_cast<double>(n);
    const double slope = (row.es - row.var) / tail;  // dQ/da at VaR is below that for these laws
    EXPECT_NEAR(e.var, row.var, 3.0 * slope / count) << row.family << " " << row.level;
    EXPECT_NEAR(e.es, row.es, 0.2 * largest / (count * tail)) << row.family << " " << row.level;
    // Both intervals hold the exact value: the sample is the law itself.
    EXPECT_LT(e.var_ci95.low.value(), row.var);
    EXPECT_GT(e.var_ci95.high.value(), row.var);
    EXPECT_LT(e.es_ci95.low.value(), row.es);
    EXPECT_GT(e.es_ci95.high.value(), row.es);
    if (row.family == "normal") {
      const double excess = row.es - row.var;                              // E[(L - VaR)+] / (1 - a)
      const double second = (1.0 + row.var * row.var) - row.var * row.es;  // E[(L - VaR)^2; L > VaR] / (1 - a)
      const double variance = second / tail - excess * excess;
      EXPECT_NEAR(e.es_se, std::sqrt(variance / count), 1e-4 * e.es_se);
    }
  }
}

// --- Two correlated underlyings --------------------------------------------------------------------------------------

void run_two_spots(double q1, double q2, double rho, std::uint32_t steps) {
  const test::ScratchFolder folder;
  const World first{0.05, 0.8, 0.0, 40000.0, 0.0}, second{0.05, 1.1, 0.0, 2500.0, 0.0};
  const std::string config = test::write_one_asset_job(folder, {}, first, {500'000, 99, steps, kLevels});
  const auto asset = [](const World& world) { return Json{{"spot_vol", {{"kind", "constant"}, {"vol", world.vol}}}}; };
  folder.write("market.json", Json{{"schema", "tailbit.market/1"},
                                   {"as_of", "2026-01-01T00:00:00Z"},
                                   {"underlyings", {{"AAA", {{"spot", first.spot}}}, {"BBB", {{"spot", second.spot}}}}}}
                                  .dump());
  // The factors in the other order: names, not places, say what belongs together.
  Json model = {{"schema", "tailbit.model/1"}, {"underlyings", {{"BBB", asset(second)}, {"AAA", asset(first)}}}};
  model["correlation"]["factors"] = {"BBB.spot", "AAA.spot"};
  model["correlation"]["matrix"] = {{1.0, rho}, {rho, 1.0}};
  folder.write("model.json", model.dump());
  folder.write("book.csv", "instrument,quantity\nAAA," + number_text(q1 / first.spot) + "\nBBB_USDC-PERPETUAL," +
                               number_text(q2 / second.spot) + "\n");
  const Ran ran = test::run_files(config);
  const double root = std::sqrt(first.horizon);
  const auto returns = [root](double weight, const World& world) {
    const double stdev = world.vol * root;
    return test::Lognormal{weight, -0.5 * stdev * stdev, stdev};
  };
  const test::TwoLognormals exact{q1 + q2, returns(q1, first), returns(q2, second), rho};
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    const ExactTail tail = exact.tail(kLevels[i]);
    expect_exceedances(ran.losses[0], kLevels[i], tail.var);
    expect_shortfall(ran.losses[0], kLevels[i], tail);
    expect_reported(ran.summary["measures"][i], ran.losses[0], tail);
  }
  expect_mean(ran.losses[0], 0.0, ran.summary["pnl"]["stdev"].get<double>());
}

TEST(TwoUnderlyings, BothLong) { run_two_spots(100.0, 60.0, 0.7, 1); }
TEST(TwoUnderlyings, HedgedWithTheOther) { run_two_spots(100.0, -75.0, 0.85, 1); }
TEST(TwoUnderlyings, NegativelyCorrelatedInManySteps) { run_two_spots(-50.0, 80.0, -0.4, 5); }
TEST(TwoUnderlyings, BothShortIndependent) { run_two_spots(-50.0, -80.0, 0.0, 2); }

}  // namespace
}  // namespace tailbit::run_oracles_test
