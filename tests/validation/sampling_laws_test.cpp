// Antithetic pairs and Sobol points: every scenario has the model's law on every date, whatever draws its innovations,
// and the errors that are told are true. Statistics are held against 5 standard errors that come from 64
// randomisations, or 32,768 pairs: some 70 of them, of Student's t law with 63 degrees of freedom at worst, so false
// alarms below 1e-3 for the file, those of coverage included.
#include <cmath>

#include <gtest/gtest.h>

#include "tailbit/measure/clusters.hpp"
#include "tests/support/coverage.hpp"
#include "tests/support/simulated.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::sampling_laws_test {
namespace {

using measure::ClusteredLosses;
using measure::Clusters;
using test::JobText;
using test::kDay;
using Json = nlohmann::json;

constexpr std::uint64_t kScenarios = 65'536;
constexpr double kVolA = 0.5, kVolB = 0.8, kCorrelation = 0.6;

struct Way {
  std::string name;
  Json sampling;
  Clusters clusters;
};
const Way kWays[] = {
    {"pairs", {{"method", "antithetic"}}, {Clusters::Kind::pairs}},
    {"points", {{"method", "sobol"}, {"randomisations", 64}}, {Clusters::Kind::interleaved, 64}},
};

// Residuals of unit variance, of A and B, whose correlation is that of the model.
Json residuals() {
  Json rows = Json::array();
  const double rest = std::sqrt(1.0 - kCorrelation * kCorrelation);
  for (int i = 0; i < 64; ++i) {
    const double a = (i % 8 - 3.5) / std::sqrt(5.25), b = (i / 8 - 3.5) / std::sqrt(5.25);
    rows.push_back({a, kCorrelation * a + rest * b});
  }
  return {{"factors", {"AAA.spot", "BBB.spot"}}, {"rows", rows}};
}

const Json kInnovations[] = {
    {{"kind", "gaussian"}},
    {{"kind", "student_t"}, {"dof", 9.0}},
    {{"kind", "grouped_t"}, {"groups", Json::array({{{"factors", {"AAA.spot", "BBB.spot"}}, {"dof", 9.0}}})}},
    {{"kind", "bootstrap"}, {"residuals", residuals()}, {"mean_block", 3.0}},
};

class Samplings : public testing::TestWithParam<std::tuple<int, int>> {
 protected:
  const Way& way() const { return kWays[std::get<0>(GetParam())]; }
  const Json& innovations() const { return kInnovations[std::get<1>(GetParam())]; }
};

// Two days of eleven steps each, looked at where halves of the path do not end.
TEST_P(Samplings, KeepTheLawOnEveryDate) {
  JobText job(2.0 * kDay, kScenarios, 5, 22);
  job.underlying("AAA", 100.0, kVolA);
  job.underlying("BBB", 100.0, kVolB);
  job.correlate({"AAA.spot", "BBB.spot"}, {{1.0, kCorrelation}, {kCorrelation, 1.0}});
  job.model["innovations"] = innovations();
  job.run["exposure_dates"] = {"1d", "2d"};
  job.run["sampling"] = way().sampling;
  job.hold("AAA", 1.0);
  job.hold("BBB", 1.0);
  const test::Simulated ran = simulate_text(job);
  std::vector<double> a[2], b[2];
  for (int date = 0; date < 2; ++date) {
    for (std::uint64_t i = 0; i < kScenarios; ++i) {
      const auto move = [&](const char* name, double vol) {
        const double before = date == 0 ? 100.0 : 100.0 + ran.of(name, 0)[i];
        const double r = std::log((100.0 + ran.of(name, date)[i]) / before);
        return (r + 0.5 * vol * vol * kDay) / (vol * std::sqrt(kDay));
      };
      a[date].push_back(move("AAA", kVolA));
      b[date].push_back(move("BBB", kVolB));
    }
  }
  const auto expect = [&](const std::string& what, double wanted, const std::vector<double>& x,
                          const std::vector<double>& y) {
    std::vector<double> products;
    for (std::uint64_t i = 0; i < kScenarios; ++i) products.push_back(x[i] * y[i]);
    const double error = ClusteredLosses(products, way().clusters).mean_error([](double p) { return p; });
    test::expect_z(way().name + " " + innovations()["kind"].get<std::string>() + ": " + what, test::mean_of(products),
                   wanted, error + 1e-9);
  };
  const std::vector<double> ones(kScenarios, 1.0);
  for (int date = 0; date < 2; ++date) {
    const std::string day = " of day " + std::to_string(date + 1);
    expect("mean" + day, 0.0, a[date], ones);
    expect("variance" + day, 1.0, a[date], a[date]);
    expect("variance of B" + day, 1.0, b[date], b[date]);
    expect("correlation" + day, kCorrelation, a[date], b[date]);
  }
  // Rows follow each other, and so do their moves; of the others the days are uncorrelated.
  if (innovations()["kind"] != "bootstrap") expect("correlation of the days", 0.0, a[0], a[1]);
}

INSTANTIATE_TEST_SUITE_P(Ways, Samplings, testing::Combine(testing::Range(0, 2), testing::Range(0, 4)));

// Of 100 intervals that hold with probability 0.95, 86 do but for a chance of 2e-4; eight are looked at.
class SamplingErrors : public testing::TestWithParam<Sampling> {};
TEST_P(SamplingErrors, AreTrueOverAHundredSeeds) {
  for (const test::Coverage& c : test::measure_coverage(test::kShortCall, 16'384, 1, 100, GetParam())) {
    EXPECT_GE(c.var, 86u) << c.level;
    EXPECT_GE(c.es, 86u) << c.level;
  }
}
INSTANTIATE_TEST_SUITE_P(Ways, SamplingErrors, testing::Values(Sampling::antithetic, Sampling::sobol));

// Where each randomisation has a whole share of losses beyond the level, or the level lies at the edge of an atom,
// nothing differs between clusters there, and the interval still holds the VaR: in 50 seeds 40 times at least, but for
// a chance of 1e-4 each.
TEST_P(SamplingErrors, HoldTheVarAtEvenLevelsAndAtoms) {
  constexpr double kRounding = 1e-6;
  const auto holds = [&](const std::vector<double>& levels, const Json& position, double var) {
    JobText job(kDay, 4096, 0);
    job.underlying("AAA", 100.0, kVolA);
    job.run["levels"] = levels;
    if (GetParam() == Sampling::antithetic) job.run["sampling"] = kWays[0].sampling;
    if (GetParam() == Sampling::sobol) job.run["sampling"] = {{"method", "sobol"}};
    if (position.is_null()) {
      job.hold("AAA", 1.0);
    } else {
      job.define(position, -1.0);
    }
    int held = 0;
    for (int seed = 1; seed <= 50; ++seed) {
      job.run["seed"] = seed;
      const Json interval = test::run_text(job).summary["measures"][0]["var_ci95"];
      held += (interval[0].is_null() || interval[0].get<double>() <= var + kRounding) &&
              (interval[1].is_null() || interval[1].get<double>() >= var - kRounding);
    }
    return held;
  };
  const double deviation = kVolA * std::sqrt(kDay);
  // The loss of a coin at 75 %: 100 (1 - exp(-v/2 - 0.674490 deviations)).
  const double quarter = 100.0 * (1.0 - std::exp(-0.5 * deviation * deviation - 0.6744897501960817 * deviation));
  EXPECT_GE(holds({0.75}, nullptr, quarter), 40);
  // A digital that pays with probability 0.0995 = 1 - N(1.284460...): at 90 % the VaR is the premium's gain.
  const double strike = 100.0 * std::exp(-0.5 * deviation * deviation + 1.2844 * deviation);
  Json digital{{"id", "digital"},  {"family", "digital"}, {"underlying", "AAA"},
               {"option", "call"}, {"strike", strike},    {"payoff", "cash"},
               {"cash", 100.0},    {"settlement", "usd"}, {"expiry", test::after(kDay)},
               {"vol", 0.5}};
  JobText once(kDay, 4096, 1);
  once.underlying("AAA", 100.0, kVolA);
  once.define(digital, -1.0);
  const double gain = test::run_text(once).summary["base_value"];
  EXPECT_GE(holds({0.9}, digital, gain), 40);
}

// What they are for: at equal scenarios a smooth book's expected shortfall is much surer; never less sure than told.
TEST(Sobol, MakesTheTailSurer) {
  JobText job(10.0 * kDay, kScenarios, 11, 10);
  job.underlying("AAA", 100.0, kVolA);
  Json call = test::option("call", "AAA", "call", 100.0, 60.0 * kDay);
  call["vol"] = 0.6;
  job.define(call, -1.0);
  const auto tail = [&](const Json& sampling) {
    job.run["sampling"] = sampling;
    return test::run_text(job).summary["measures"][1];
  };
  const Json plain = tail({{"method", "independent"}}), points = tail(kWays[1].sampling);
  const double plain_error = plain["es_se"], error = points["es_se"];
  EXPECT_LT(3.0 * error, plain_error);
  EXPECT_LT(std::fabs(points["es"].get<double>() - plain["es"].get<double>()), 5.0 * std::hypot(error, plain_error));
}

}  // namespace
}  // namespace tailbit::sampling_laws_test
