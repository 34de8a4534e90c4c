// Spot vols that are GARCH's, or log-normal: moments of the log-returns day by day against exact ones. Z-tests at 5
// standard errors, some 60 of them: false alarms below 1e-4 for the file.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/simulated.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::spot_vol_laws_test {
namespace {

using test::JobText;
using test::kDay;
using Json = nlohmann::json;

constexpr std::uint64_t kScenarios = 400'000;
constexpr int kDays = 4;

JobText four_days(const Json& spot_vol, std::uint32_t steps) {
  JobText job(kDays * kDay, kScenarios, 23, steps);
  job.underlying("AAA", 100.0, 0.5);
  job.model["underlyings"]["AAA"]["spot_vol"] = spot_vol;
  job.run["exposure_dates"] = {"1d", "2d", "3d", "4d"};
  job.hold("AAA", 1.0);
  return job;
}

// [days][scenarios]
std::vector<std::vector<double>> daily_returns(const JobText& job) {
  const test::Simulated ran = simulate_text(job);
  std::vector<std::vector<double>> returns;
  for (int day = 0; day < kDays; ++day) {
    auto& out = returns.emplace_back();
    for (std::uint64_t i = 0; i < kScenarios; ++i) {
      const double before = day == 0 ? 100.0 : 100.0 + ran.of("AAA", day - 1)[i];
      out.push_back(std::log((100.0 + ran.of("AAA", day)[i]) / before));
    }
  }
  return returns;
}

struct Garch {
  double vol, omega, alpha, beta, gamma;
  Json json() const {
    return {{"kind", "garch"}, {"vol", vol}, {"omega", omega}, {"alpha", alpha}, {"beta", beta}, {"gamma", gamma}};
  }
};

class GarchMoments : public testing::TestWithParam<std::tuple<std::uint32_t, bool>> {};

// A day's variance h is known at its start: r = -h dt / 2 + sqrt(h dt) e, and h' = omega + (alpha e^2 + gamma e^2 [e <
// 0]
// + beta) h.
TEST_P(GarchMoments, OfDailyReturnsAreExact) {
  const auto [steps, fat] = GetParam();
  const Garch g{0.8, 0.05, 0.15, 0.6, 0.1};
  JobText job = four_days(g.json(), steps);
  const double dof = 12.0;
  if (fat) job.model["innovations"] = {{"kind", "student_t"}, {"dof", dof}};
  const double e4 = fat ? 3.0 * (dof - 2.0) / (dof - 4.0) : 3.0;
  const std::vector<std::vector<double>> returns = daily_returns(job);
  const double kept = g.alpha + 0.5 * g.gamma + g.beta;
  // E[(alpha e^2 + gamma e^2 [e < 0] + beta)^2]
  const double kept_squared = g.alpha * g.alpha * e4 + 0.5 * g.gamma * (2.0 * g.alpha + g.gamma) * e4 +
                              2.0 * g.beta * (g.alpha + 0.5 * g.gamma) + g.beta * g.beta;
  double h = g.vol * g.vol, h_squared = h * h;
  for (int day = 0; day < kDays; ++day) {
    const std::string at = "day " + std::to_string(day);
    test::expect_own_mean(returns[day], -0.5 * h * kDay, "mean of " + at);
    std::vector<double> squares = returns[day];
    for (double& r : squares) r *= r;
    test::expect_own_mean(squares, h * kDay + 0.25 * h_squared * kDay * kDay, "square of " + at);
    if (day > 0) {  // a fall raises what follows
      std::vector<double> products;
      double before = 0.0;
      for (const double r : returns[day - 1]) before += r < 0.0 ? 1.0 : 0.0;
      for (std::uint64_t i = 0; i < kScenarios; ++i)
        products.push_back(returns[day - 1][i] < 0.0 ? returns[day][i] * returns[day][i] : 0.0);
      EXPECT_GT(test::mean_of(products) / (before / kScenarios), test::mean_of(squares));
    }
    h_squared = g.omega * g.omega + 2.0 * g.omega * kept * h + kept_squared * h_squared;
    h = g.omega + kept * h;
  }
}

INSTANTIATE_TEST_SUITE_P(Steps, GarchMoments, testing::Combine(testing::Values(4u, 12u), testing::Bool()),
                         [](const auto& info) {
                           return "Steps" + std::to_string(std::get<0>(info.param)) +
                                  (std::get<1>(info.param) ? "StudentT" : "Gaussian");
                         });

// The variance that a day has is a function of the shocks before, path by path: recomputed from the returns.
TEST(GarchMoments, VariancesFollowTheReturns) {
  const Garch g{0.8, 0.02, 0.2, 0.7, 0.3};
  Json model = g.json();
  model["max_vol"] = 0.95;
  const std::vector<std::vector<double>> returns = daily_returns(four_days(model, 4));
  // Standardised with these variances, the last day's returns are standard normal.
  std::vector<double> standardised;
  std::size_t cut = 0;
  for (std::uint64_t i = 0; i < kScenarios; ++i) {
    double h = g.vol * g.vol;
    for (int day = 0; day + 1 < kDays; ++day) {
      const double e = (returns[day][i] + 0.5 * h * kDay) / std::sqrt(h * kDay);
      h = g.omega + (g.alpha + (e < 0.0 ? g.gamma : 0.0)) * h * e * e + g.beta * h;
      cut += h > 0.95 * 0.95 ? 1 : 0;
      h = std::min(h, 0.95 * 0.95);
    }
    standardised.push_back((returns[kDays - 1][i] + 0.5 * h * kDay) / std::sqrt(h * kDay));
  }
  EXPECT_GT(cut, kScenarios / 100);
  test::expect_mean(standardised, 0.0, 1.0, "standardised");
  test::expect_variance(standardised, 0.0, 1.0, "standardised");
  std::vector<double> fourth = standardised;
  for (double& x : fourth) x = x * x * x * x;
  test::expect_own_mean(fourth, 3.0, "fourth moment");
}

// The square of a log-normal vol has the mean of its own reversion, from step to step.
TEST(LogNormalVol, KeepsTheMeanOfItsSquare) {
  constexpr double kToday = 0.9, kLongRun = 0.5, kKappa = 60.0, kVolOfVol = 4.0;
  const Json model{{"kind", "log_normal"},
                   {"vol", kToday},
                   {"long_run_vol", kLongRun},
                   {"kappa", kKappa},
                   {"vol_of_vol", kVolOfVol}};
  const std::vector<std::vector<double>> returns = daily_returns(four_days(model, 8));
  const auto variance_at = [&](double years) {
    const double share = std::exp(-kKappa * years);
    return std::exp(2.0 * (share * std::log(kToday) + (1.0 - share) * std::log(kLongRun)));
  };
  for (int day = 0; day < kDays; ++day) {
    const double variance = 0.5 * (variance_at(day * kDay) + variance_at((day + 0.5) * kDay));
    test::expect_own_mean(returns[day], -0.5 * variance * kDay, "day " + std::to_string(day));
    // Returns of a vol that moves so much have fat tails.
    double squares = 0.0, fourths = 0.0;
    for (const double r : returns[day]) {
      squares += r * r / kScenarios;
      fourths += r * r * r * r / kScenarios;
    }
    if (day == kDays - 1) {
      EXPECT_GT(fourths / (squares * squares), 4.0);
    }
  }
}

}  // namespace
}  // namespace tailbit::spot_vol_laws_test
