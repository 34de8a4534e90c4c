// Funding by the venues' rules, against numbers computed by hand, and what perpetuals receive and pay over a path,
// against sums written out in the test; coins that are held and coins that are sold.
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "host/compile/underlyings.hpp"
#include "tests/support/moving_book.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::funding_in_scenarios_test {
namespace {

using test::hold;
using test::in_days;
using test::kDaySeconds;
using test::kSpotAAA;

// --- The rules ------------------------------------------------------------------------------------------------------

struct RuleCase {
  const char* funding;                              // as in market.json
  std::vector<std::pair<double, double>> expected;  // premium, rate per 8 hours
};
const RuleCase kRules[] = {
    {R"({"rule": "deribit"})",
     {{0.0, 0.0},
      {0.0002, 0.0},
      {0.00025, 0.0},
      {0.0003, 0.00005},
      {0.001, 0.00075},
      {0.05, 0.04975},
      {-0.0002, 0.0},
      {-0.00025, 0.0},
      {-0.0003, -0.00005},
      {-0.01, -0.00975}}},
    {R"({"rule": "deribit", "cap_8h": 0.005})",
     {{0.0051, 0.00485},
      {0.00525, 0.005},
      {0.0053, 0.005},
      {0.3, 0.005},
      {-0.0053, -0.005},
      {-0.3, -0.005},
      {0.0, 0.0}}},
    {R"({"rule": "binance"})",
     {{0.0, 0.0001},
      {0.0003, 0.0001},
      {0.0006, 0.0001},
      {0.0007, 0.0002},
      {0.001, 0.0005},
      {-0.0004, 0.0001},
      {-0.0005, 0.0},
      {-0.001, -0.0005},
      {-0.01, -0.0095}}},
    {R"({"rule": "binance", "rate_8h": -0.0002, "cap_8h": 0.003})",
     {{0.0, -0.0002},
      {0.0003, -0.0002},
      {0.0004, -0.0001},
      {-0.0007, -0.0002},
      {-0.0008, -0.0003},
      {0.0036, 0.003},
      {0.01, 0.003},
      {-0.0036, -0.003},
      {-0.01, -0.003}}},
    {R"({"rate_8h": 0.0003})", {{0.0, 0.0003}, {0.02, 0.0003}, {-0.02, 0.0003}}},
    {R"({"rate_8h": -0.0003, "rule": "constant", "cap_8h": 0.0003})", {{0.0, -0.0003}, {0.02, -0.0003}}},
};

TEST(FundingRules, AreThoseComputedByHand) {
  for (const RuleCase& rule : kRules) {
    test::Job job;
    job.market["underlyings"]["BTC"]["funding"] = nlohmann::json::parse(rule.funding);
    const market::UnderlyingToday btc = make_underlying("BTC", job.read().market);
    for (const auto& [premium, rate] : rule.expected)
      EXPECT_NEAR(btc.funding.rate_8h(premium), rate, 1e-17) << rule.funding << " at " << premium;
  }
}

// --- Over a path ----------------------------------------------------------------------------------------------------

constexpr double kPremiumToday = 0.0012, kKappa = 900.0, kMean = -0.0011;
constexpr double kPeriods = 1.5;  // of 8 hours in a step: four in two days
constexpr double kSteps[] = {0.5, 1.0, 1.5, 2.0};
constexpr double kInside = 1.0 + 1.0 / 6.0;  // a third into the third step

double deribit(double p) { return std::max(0.00025, p) + std::min(-0.00025, p); }
double binance(double p) { return p + std::clamp(0.0001 - p, -0.0005, 0.0005); }
double capped(double p) { return std::clamp(deribit(p), -0.0004, 0.0004); }

struct Rule {
  const char* name;
  Funding funding;
  double (*rate)(double);
};
const Rule kOverPaths[] = {
    {"Constant", {FundingRule::constant, 0.0007, {}, kPremiumToday}, [](double) { return 0.0007; }},
    {"Deribit", {FundingRule::deribit, 0.0, {}, kPremiumToday}, deribit},
    {"Binance", {FundingRule::binance, 0.0001, {}, kPremiumToday}, binance},
    {"Capped", {FundingRule::deribit, 0.0, 0.0004, kPremiumToday}, capped}};

class FundedPath : public testing::TestWithParam<std::tuple<Rule, bool, CashConversion>> {
 protected:
  void SetUp() override {
    const auto& [rule, moving, conversion] = GetParam();
    Inputs inputs = test::two_coins(200, 4);
    inputs.config.cash_conversion = conversion;
    for (const double days : {0.5, 1.0, kInside, 1.5, 2.0})
      inputs.config.exposure_seconds.push_back(in_days(days).seconds - test::kBookAsOf.seconds);
    inputs.market.underlyings["AAA"].funding = rule.funding;
    inputs.model.underlyings["AAA"].premium = PremiumModel{kKappa, moving ? 0.05 : 0.0, kMean};
    hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
    hold(inputs, "LINEAR", "AAA", Perpetual::Terms{}, 1.0);
    hold(inputs, "INVERSE", "AAA", Perpetual::Terms{Settlement::coin}, 1.0);
    job_ = test::compile_fitted(inputs);
    notes_ = test::take_notes(job_);
  }

  static double decayed(double days) { return kMean + (kPremiumToday - kMean) * std::exp(-kKappa * days / 365.0); }

  // At the end of step k of scenario s; -1 is today.
  double premium(int k, std::size_t s) const {
    if (k < 0) return kPremiumToday;
    return kPremiumToday + notes_.step_ends[static_cast<std::size_t>(k)][s].factors[2];
  }
  double spot(std::uint32_t node, std::size_t s) const { return test::values_of(job_, notes_, "AAA", node)[s]; }
  double spot_at_step(int k, std::size_t s) const {
    constexpr std::uint32_t kNodes[] = {0, 1, 3, 4};
    return k < 0 ? kSpotAAA : spot(kNodes[k], s);
  }

  struct Cash {
    double usd = 0.0, coins = 0.0;
  };
  // What a linear and an inverse long have paid by the end of step k; coins sold are USD.
  std::pair<Cash, Cash> paid(int last, std::size_t s) const {
    Cash linear, inverse;
    for (int k = 0; k <= last; ++k) add_step(k, s, kPeriods, spot_at_step(k, s), linear, inverse);
    return {linear, inverse};
  }
  // Step k's payment over `periods`, at the rate and mark of its start, received when the spot is `now`.
  void add_step(int k, std::size_t s, double periods, double now, Cash& linear, Cash& inverse) const {
    const auto& [rule, moving, conversion] = GetParam();
    const double p = premium(k - 1, s), mark = spot_at_step(k - 1, s) * std::exp(p);
    linear.usd -= rule.rate(p) * mark * periods;
    const double coins = -rule.rate(p) / mark * periods;
    conversion == CashConversion::hold ? inverse.coins += coins : inverse.usd += coins * now;
  }
  void expect_values(std::uint32_t node, std::size_t s, double premium_now, const Cash& linear, const Cash& inverse) {
    const double now = spot(node, s), mark_0 = kSpotAAA * std::exp(kPremiumToday), mark = now * std::exp(premium_now);
    ASSERT_NEAR(test::values_of(job_, notes_, "LINEAR", node)[s], mark - mark_0 + linear.usd, 5e-11) << node;
    ASSERT_NEAR(test::values_of(job_, notes_, "INVERSE", node)[s],
                (1.0 / mark_0 - 1.0 / mark + inverse.coins) * now + inverse.usd, 1e-15)
        << node;
  }

  CompiledJob job_;
  test::Notes notes_;
};

TEST_P(FundedPath, PaysEachStepAtTheRateAndMarkOfItsStart) {
  constexpr std::uint32_t kNodes[] = {0, 1, 3, 4};
  for (std::size_t s = 0; s < 200; ++s) {
    for (int k = 0; k < 4; ++k) {
      const auto [linear, inverse] = paid(k, s);
      expect_values(kNodes[k], s, premium(k, s), linear, inverse);
    }
  }
}

TEST_P(FundedPath, PaysForTheTimeThatHasPassedInsideAStep) {
  for (std::size_t s = 0; s < 200; ++s) {
    auto [linear, inverse] = paid(1, s);
    add_step(2, s, kPeriods / 3.0, spot(2, s), linear, inverse);
    // Where the premium moves at random the linear contract tells it.
    const double mark = test::values_of(job_, notes_, "LINEAR", 2)[s] - linear.usd + kSpotAAA * std::exp(kPremiumToday);
    const double told = std::log(mark / spot(2, s));
    if (!std::get<bool>(GetParam())) {
      ASSERT_NEAR(told, decayed(kInside), 1e-14);
    }
    expect_values(2, s, told, linear, inverse);
  }
}

TEST_P(FundedPath, HasThePremiumOfItsProcess) {
  for (int k = 0; k < 4; ++k) {
    double sum = 0.0;
    for (std::size_t s = 0; s < 200; ++s) sum += premium(k, s);
    const double mean = decayed(kSteps[k]);
    if (std::get<bool>(GetParam())) {
      const double stdev = 0.05 * std::sqrt((1.0 - std::exp(-2.0 * kKappa * kSteps[k] / 365.0)) / (2.0 * kKappa));
      EXPECT_LT(std::abs(sum / 200.0 - mean), 5.0 * stdev / std::sqrt(200.0));
    } else {
      EXPECT_NEAR(sum / 200.0, mean, 1e-17);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, FundedPath,
                         testing::Combine(testing::ValuesIn(kOverPaths), testing::Bool(),
                                          testing::Values(CashConversion::hold, CashConversion::at_receipt)),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param).name) +
                                  (std::get<1>(test.param) ? "Moving" : "Decaying") +
                                  (std::get<2>(test.param) == CashConversion::hold ? "Held" : "Sold");
                         });

// --- Coins paid at an expiry
// ------------------------------------------------------------------------------------------

// A linear future tells the spot of the expiry, which lies inside a step; the spot itself that of the node.
TEST(CashConversion, CoinsPaidAtAnExpiryAreHeldOrSoldThere) {
  for (const CashConversion conversion : {CashConversion::hold, CashConversion::at_receipt}) {
    Inputs inputs = test::two_coins(300, 3);
    inputs.config.cash_conversion = conversion;
    inputs.config.exposure_seconds = {110'000, 2 * kDaySeconds};  // after the expiry, within its step; and the horizon
    test::move_everything(inputs);
    const double days = 0.8, mark = kSpotAAA * std::exp(std::log(test::kForwardAAA / kSpotAAA) * days / 60.0);
    hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
    hold(inputs, "LINEAR", "AAA", Future::Terms{in_days(days), Settlement::usd}, 1.0);
    hold(inputs, "INVERSE", "AAA", Future::Terms{in_days(days), Settlement::coin}, 1.0);
    for (const OptionKind option : {OptionKind::call, OptionKind::put}) {
      hold(inputs, option == OptionKind::call ? "CALL" : "PUT", "AAA",
           European::Terms{option, 50'100.0, in_days(days), Settlement::coin, {}}, 1.0);
    }
    const CompiledJob job = test::compile_fitted(inputs);
    const test::Notes notes = test::take_notes(job);
    double apart = 0.0;
    for (std::uint32_t node = 0; node < 2; ++node) {
      const auto values = [&](const char* id) -> const std::vector<double>& {
        return test::values_of(job, notes, id, node);
      };
      for (std::size_t s = 0; s < 300; ++s) {
        const double at_expiry = mark + values("LINEAR")[s], now = values("AAA")[s];
        const double then = conversion == CashConversion::hold ? now : at_expiry;  // what a coin fetched
        EXPECT_NEAR(values("CALL")[s], std::max(at_expiry - 50'100.0, 0.0) / at_expiry * then, 1e-10);
        EXPECT_NEAR(values("PUT")[s], std::max(50'100.0 - at_expiry, 0.0) / at_expiry * then, 1e-10);
        EXPECT_NEAR(values("INVERSE")[s], (1.0 / mark - 1.0 / at_expiry) * then, 1e-15);
        apart = std::max(apart, std::abs(now / at_expiry - 1.0));
      }
    }
    EXPECT_GT(apart, 0.01);
  }
}

}  // namespace
}  // namespace tailbit::funding_in_scenarios_test
