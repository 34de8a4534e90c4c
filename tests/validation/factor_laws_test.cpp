// All factors of a model at dates on and between steps, recovered scenario by scenario from what they did to contracts,
// against the exact moments of Ornstein-Uhlenbeck processes. Z-tests at 5 standard errors, some 800 of them: false
// alarms below 1e-3 for the file.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/implied_level.hpp"
#include "tests/support/ou_laws.hpp"
#include "tests/support/simulated.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::factor_laws_test {
namespace {

using test::JobText;
using test::kDay;
using test::Ornstein;

constexpr std::uint64_t kScenarios = 150'000;
constexpr double kSpot = 100.0, kFlat = 0.8, kExpiry = 60.0 * kDay;
// AAA has a level, a skew and a basis, BBB a premium.
const std::vector<std::string> kNames{"AAA.spot", "BBB.spot", "AAA.vol", "AAA.skew", "AAA.basis", "BBB.premium"};
const std::vector<Ornstein> kLaws{{0.0, 0.7}, {0.0, 1.1}, {4.0, 1.2}, {20.0, 0.4}, {0.0, 0.5}, {60.0, 0.3}};
constexpr double kDrift = 0.5, kPremium = 0.01, kPremiumMean = -0.02, kLevelDecay = 0.5, kBasisDecay = 0.25;
const std::vector<std::vector<double>> kCorrelation{
    {1.0, 0.8, -0.5, -0.3, 0.4, 0.3}, {0.8, 1.0, -0.4, -0.2, 0.3, 0.5}, {-0.5, -0.4, 1.0, 0.3, -0.2, -0.1},
    {-0.3, -0.2, 0.3, 1.0, 0.1, 0.2}, {0.4, 0.3, -0.2, 0.1, 1.0, 0.6},  {0.3, 0.5, -0.1, 0.2, 0.6, 1.0}};

struct Date {
  const char* text;
  double years;
  bool on_grid(std::uint32_t steps) const {
    const double passed = years / (4.0 * kDay) * steps;
    return passed == std::round(passed);
  }
};
const std::vector<Date> kDates{
    {"12h", 0.5 * kDay}, {"30h", 1.25 * kDay}, {"2d", 2.0 * kDay}, {"60h", 2.5 * kDay}, {"4d", 4.0 * kDay}};

JobText probes(std::uint32_t steps) {
  JobText job(4.0 * kDay, kScenarios, 41, steps);
  for (const Date& date : kDates) job.run["exposure_dates"].push_back(date.text);
  job.underlying("AAA", kSpot, kLaws[0].vol, kDrift);
  job.underlying("BBB", kSpot, kLaws[1].vol, kDrift);
  auto& aaa = job.model["underlyings"]["AAA"];
  aaa["implied_vol"]["level"] = {{"kappa", kLaws[2].kappa}, {"vol_of_vol", kLaws[2].vol}, {"term_decay", kLevelDecay}};
  aaa["implied_vol"]["skew"] = {{"kappa", kLaws[3].kappa}, {"vol", kLaws[3].vol}};
  aaa["basis"] = {{"kappa", kLaws[4].kappa}, {"vol", kLaws[4].vol}, {"term_decay", kBasisDecay}};
  job.market["underlyings"]["AAA"]["surface"] = {{"kind", "flat"}, {"vol", kFlat}};
  job.market["underlyings"]["BBB"]["funding"] = {{"rate_8h", 0.0}, {"premium", kPremium}};
  job.model["underlyings"]["BBB"]["premium"] = {
      {"kappa", kLaws[5].kappa}, {"vol", kLaws[5].vol}, {"mean", kPremiumMean}};
  job.correlate(kNames, kCorrelation);
  job.hold("AAA", 1.0);
  job.hold("BBB", 1.0);
  job.hold("BBB_USDC-PERPETUAL", 1.0);
  job.define(test::future("future", "AAA", kExpiry), 1.0);
  nlohmann::json own = test::option("own", "AAA", "call", kSpot, kExpiry);
  own["vol"] = kFlat;
  job.define(own, 1.0);
  job.define(test::option("wing", "AAA", "call", 1.4 * kSpot, kExpiry), 1.0);
  return job;
}

// [factors][scenarios] at a date; of the spots the log-return without its drift.
std::vector<std::vector<double>> factors_at(const test::Simulated& ran, std::size_t date) {
  const double t = kDates[date].years, left = kExpiry - t, scale = 30.0 / 60.0;
  const double level_scale = std::pow(scale, kLevelDecay), basis_scale = std::pow(scale, kBasisDecay);
  const double level_variance = kLaws[2].variance(t);
  const double own_today = test::black("call", kSpot, kSpot, kFlat, kExpiry);
  const double wing_today = test::black("call", kSpot, 1.4 * kSpot, kFlat, kExpiry);
  std::vector<std::vector<double>> x(kNames.size(), std::vector<double>(kScenarios));
  for (std::size_t i = 0; i < kScenarios; ++i) {
    const double spot = kSpot + ran.of("AAA", date)[i], other = kSpot + ran.of("BBB", date)[i];
    const double forward = kSpot + ran.of("future", date)[i];
    const double mark = kSpot * std::exp(kPremium) + ran.of("BBB_USDC-PERPETUAL", date)[i];
    const double vol = test::implied_vol("call", forward, kSpot, left, own_today + ran.of("own", date)[i], kFlat);
    const double wing =
        test::implied_vol("call", forward, 1.4 * kSpot, left, wing_today + ran.of("wing", date)[i], vol);
    x[0][i] = std::log(spot / kSpot) - (kDrift - 0.5 * kLaws[0].vol * kLaws[0].vol) * t;
    x[1][i] = std::log(other / kSpot) - (kDrift - 0.5 * kLaws[1].vol * kLaws[1].vol) * t;
    x[2][i] = std::log(vol / kFlat) / level_scale + 0.5 * level_scale * level_variance;
    x[3][i] = (wing - vol) / (std::log(1.4 * kSpot / forward) * std::sqrt(scale));
    x[4][i] = std::log(forward / spot) / (left * basis_scale);
    x[5][i] = std::log(mark / other) - kPremiumMean - (kPremium - kPremiumMean) * std::exp(-kLaws[5].kappa * t);
  }
  return x;
}

// Of centred jointly normal variates a product's deviation is sqrt(v_x v_y + c^2).
void expect_covariance(const std::vector<double>& x, const std::vector<double>& y, double exact, double variance_x,
                       double variance_y, const std::string& what) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  const double n = static_cast<double>(x.size());
  test::expect_z(what, sum / n, exact, std::sqrt((variance_x * variance_y + exact * exact) / n));
}

// Whether the joint law of factors f at date s and g at date t is exact by construction: on the grid always, between
// its dates where both return to their means at the same speed. Bridges are drawn factor by factor, which leaves two
// factors of different speeds a correlation at the same date that is off by less than 0.01 here.
bool exact_pair(std::size_t f, std::size_t s, std::size_t g, std::size_t t, std::uint32_t steps) {
  return kLaws[f].kappa == kLaws[g].kappa || (kDates[s].on_grid(steps) && kDates[t].on_grid(steps));
}

void expect_correlation_near(const std::vector<double>& x, const std::vector<double>& y, double exact,
                             const std::string& what) {
  double xy = 0.0, xx = 0.0, yy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += x[i] * y[i];
    xx += x[i] * x[i];
    yy += y[i] * y[i];
  }
  EXPECT_NEAR(xy / std::sqrt(xx * yy), exact, 0.01 + test::kSigmas / std::sqrt(static_cast<double>(x.size()))) << what;
}

class FactorMoments : public testing::TestWithParam<std::uint32_t> {};

// Variances, autocovariances and covariances of all factors at all dates; two steps leave three dates to bridges, eight
// steps of half a day leave one.
TEST_P(FactorMoments, HaveTheirMomentsOnAndBetweenSteps) {
  const test::Simulated ran = simulate_text(probes(GetParam()));
  std::vector<std::vector<std::vector<double>>> x;  // [dates][factors][scenarios]
  for (std::size_t date = 0; date < kDates.size(); ++date) x.push_back(factors_at(ran, date));
  const auto variance = [](std::size_t f, std::size_t t) { return kLaws[f].variance(kDates[t].years); };
  for (std::size_t t = 0; t < kDates.size(); ++t) {
    for (std::size_t g = 0; g < kNames.size(); ++g) {
      const std::string at_t = kNames[g] + " at " + kDates[t].text;
      test::expect_mean(x[t][g], 0.0, std::sqrt(variance(g, t)), at_t);
      for (std::size_t s = 0; s <= t; ++s) {
        for (std::size_t f = 0; f < kNames.size(); ++f) {
          if (s == t && f > g) continue;
          const double exact =
              test::covariance(kLaws[f], kDates[s].years, kLaws[g], kDates[t].years, kCorrelation[f][g]);
          const std::string what = kNames[f] + " at " + kDates[s].text + " with " + at_t;
          if (!exact_pair(f, s, g, t, GetParam())) {
            if (s == t)
              expect_correlation_near(x[s][f], x[t][g], exact / std::sqrt(variance(f, s) * variance(g, t)), what);
            continue;
          }
          expect_covariance(x[s][f], x[t][g], exact, variance(f, s), variance(g, t), what);
        }
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Steps, FactorMoments, testing::Values(2u, 8u),
                         [](const auto& test) { return "steps_" + std::to_string(test.param); });

// Over a step that is long against their memories, factors of different speeds are much less correlated than their
// normals; in one step and in ten alike.
TEST(FactorLaws, LoseCorrelationOverLongSteps) {
  const double years = 5.0 * kDay;
  const Ornstein spot{0.0, 0.5}, basis{50.0, 0.6}, premium{400.0, 0.5};
  const double spot_basis = 0.7, spot_premium = -0.8, basis_premium = -0.4;
  for (const std::uint32_t steps : {1u, 10u}) {
    JobText job(years, kScenarios, 42, steps);
    job.underlying("AAA", kSpot, spot.vol);
    job.model["underlyings"]["AAA"]["basis"] = {{"kappa", basis.kappa}, {"vol", basis.vol}};
    job.model["underlyings"]["AAA"]["premium"] = {{"kappa", premium.kappa}, {"vol", premium.vol}};
    job.correlate(
        {"AAA.spot", "AAA.basis", "AAA.premium"},
        {{1.0, spot_basis, spot_premium}, {spot_basis, 1.0, basis_premium}, {spot_premium, basis_premium, 1.0}});
    job.hold("AAA", 1.0);
    job.hold("AAA_USDC-PERPETUAL", 1.0);
    job.define(test::future("future", "AAA", kExpiry), 1.0);
    const test::Simulated ran = simulate_text(job);
    const std::vector<double> r = test::log_returns(ran.of("AAA"), kSpot);
    std::vector<double> x = r, z = test::log_returns(ran.of("future"), kSpot);
    std::vector<double> p = test::log_returns(ran.of("AAA_USDC-PERPETUAL"), kSpot);
    for (std::size_t i = 0; i < r.size(); ++i) {
      x[i] = r[i] + 0.5 * spot.vol * spot.vol * years;
      z[i] = (z[i] - r[i]) / (kExpiry - years);
      p[i] -= r[i];
    }
    const auto expect = [&](const std::vector<double>& a, const Ornstein& f, const std::vector<double>& b,
                            const Ornstein& g, double rho, const std::string& what) {
      expect_covariance(a, b, test::covariance(f, years, g, years, rho), f.variance(years), g.variance(years), what);
    };
    SCOPED_TRACE(steps);
    expect(z, basis, z, basis, 1.0, "basis");
    expect(p, premium, p, premium, 1.0, "premium");
    expect(x, spot, z, basis, spot_basis, "spot and basis");
    expect(x, spot, p, premium, spot_premium, "spot and premium");
    expect(z, basis, p, premium, basis_premium, "basis and premium");
  }
}

// On the grid and off it every factor is normal, not only of the right variance.
TEST(FactorLaws, AreNormalBetweenSteps) {
  const test::Simulated ran = simulate_text(probes(2));
  for (const std::size_t date : {std::size_t{1}, std::size_t{3}, std::size_t{4}}) {
    const auto x = factors_at(ran, date);
    for (std::size_t f = 0; f < kNames.size(); ++f) {
      const double stdev = std::sqrt(kLaws[f].variance(kDates[date].years));
      test::expect_law(
          x[f], [stdev](double at) { return test::normal_below(at / stdev); }, kNames[f]);
    }
  }
}

}  // namespace
}  // namespace tailbit::factor_laws_test
