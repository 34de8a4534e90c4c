// What was simulated is found again. Every sample is of the house's Philox with a fixed seed; a figure that is
// held within three standard errors would be outside by chance in one of 370 seeds, one within four in 16,000.
#include <cmath>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "host/fit/dependence.hpp"
#include "host/fit/distributions.hpp"
#include "host/fit/garch_fit.hpp"
#include "host/fit/jump_fit.hpp"
#include "host/fit/markov_chain.hpp"
#include "host/fit/ou_fit.hpp"
#include "host/fit/regime_fit.hpp"
#include "host/fit/student_t_fit.hpp"
#include "host/io/history.hpp"
#include "tests/support/numbered_draws.hpp"

namespace tailbit::calibration_recovery_test {
namespace {

constexpr double kDay = 1.0 / 365.0;

using test::Draws;

void expect_within(double found, double error, double truth, double errors, const char* what) {
  EXPECT_GT(error, 0.0) << what;
  EXPECT_LT(std::abs(found - truth), errors * error) << what << ": " << found << " +- " << error << ", not " << truth;
}

std::vector<double> simulated_garch(const fit::GarchParameters& p, int dof, std::size_t n, std::uint64_t seed) {
  const Draws draws(seed);
  std::vector<double> out;
  double variance = p.omega / std::max(1.0 - p.persistence(), 0.05);
  for (std::size_t t = 0; t < n; ++t) {
    const double e = std::sqrt(variance) * draws.normal(t, 0) * (dof > 0 ? draws.mixing(t, dof) : 1.0);
    out.push_back(p.mean + e);
    variance = p.omega + (p.alpha + (e < 0.0 ? p.gamma : 0.0)) * e * e + p.beta * variance;
  }
  return out;
}

TEST(Recovery, OfGjrWithStudentT) {
  const fit::GarchParameters truth{3e-4, 2e-5, 0.05, 0.06, 0.88, 5.0};
  const fit::GarchFit found = fit::fit_garch(simulated_garch(truth, 5, 6'000, 1), fit::GarchKind::gjr, true);
  const auto &p = found.parameters, &e = found.errors;
  expect_within(p.mean, e.mean, truth.mean, 3.0, "mean");
  expect_within(p.omega, e.omega, truth.omega, 3.0, "omega");
  expect_within(p.alpha, e.alpha, truth.alpha, 3.0, "alpha");
  expect_within(p.gamma, e.gamma, truth.gamma, 3.0, "gamma");
  expect_within(p.beta, e.beta, truth.beta, 3.0, "beta");
  expect_within(p.dof, e.dof, truth.dof, 3.0, "dof");
  EXPECT_LT(e.beta, 0.05) << "errors that are worth something";
}

TEST(Recovery, OfGarchWithGapsAndNormalInnovations) {
  const fit::GarchParameters truth{0.0, 4e-5, 0.1, 0.0, 0.85};
  std::vector<double> returns = simulated_garch(truth, 0, 5'000, 2);
  for (std::size_t t = 40; t < returns.size(); t += 97) returns[t] = kGap;
  const fit::GarchFit found = fit::fit_garch(returns, fit::GarchKind::garch, false);
  expect_within(found.parameters.omega, found.errors.omega, truth.omega, 3.0, "omega");
  expect_within(found.parameters.alpha, found.errors.alpha, truth.alpha, 3.0, "alpha");
  expect_within(found.parameters.beta, found.errors.beta, truth.beta, 3.0, "beta");
}

// An integrated variance: the persistence ends at its bound, and the weight of shocks is still found.
TEST(Recovery, OfAnIntegratedVariance) {
  const fit::GarchParameters truth{0.0, 1e-6, 0.07, 0.0, 0.93, 4.0};
  const std::vector<double> returns = simulated_garch(truth, 4, 6'000, 3);
  const fit::GarchFit ewma = fit::fit_garch(returns, fit::GarchKind::ewma, true);
  EXPECT_EQ(ewma.parameters.omega, 0.0);
  EXPECT_DOUBLE_EQ(ewma.parameters.alpha + ewma.parameters.beta, 1.0);
  const fit::GarchFit found = fit::fit_garch(returns, fit::GarchKind::garch, true);
  EXPECT_GT(found.parameters.persistence(), 0.99);
  EXPECT_LE(found.parameters.persistence(), 1.0 + 1e-15);
  expect_within(found.parameters.alpha, found.errors.alpha, truth.alpha, 3.0, "alpha");
  expect_within(found.parameters.dof, found.errors.dof, truth.dof, 3.0, "dof");
}

TEST(Recovery, OfStudentsT) {
  const Draws draws(4);
  std::vector<double> x;
  for (std::size_t t = 0; t < 4'000; ++t) x.push_back(0.1 + 0.2 * fit::t_quantile(draws.uniform(t, 0), 2.5));
  const fit::StudentTFit found = fit::fit_student_t(x);
  const auto& e = found.likelihood.standard_errors;
  expect_within(found.location, e[0], 0.1, 3.0, "location");
  expect_within(found.scale, e[1], 0.2, 3.0, "scale");
  expect_within(found.dof, e[2], 2.5, 3.0, "dof");
}

TEST(Recovery, OfAnOrnsteinUhlenbeckProcess) {
  const Draws draws(5);
  const double kappa = 5.0, mean = -0.6, vol = 0.9, phi = std::exp(-kappa * kDay);
  const double deviation = vol * std::sqrt((1.0 - phi * phi) / (2.0 * kappa));
  std::vector<double> x{mean};
  for (std::size_t t = 0; t < 8'000; ++t) x.push_back(mean + phi * (x.back() - mean) + deviation * draws.normal(t, 0));
  const fit::OuFit found = fit::fit_ou(x, kDay);
  expect_within(found.kappa, found.kappa_error, kappa, 3.0, "kappa");
  expect_within(found.mean, found.mean_error, mean, 3.0, "mean");
  expect_within(found.vol, found.vol_error, vol, 3.0, "vol");
}

// One draw out of a law that reverts fast, seen rarely: what is told of it is that it is too fast to be told.
TEST(Recovery, SaysSoWhereAFactorIsTooFast) {
  const Draws draws(6);
  std::vector<double> x;
  for (std::size_t t = 0; t < 2'000; ++t) x.push_back(draws.normal(t, 0) - 0.2 * (t > 0 ? x.back() : 0.0));
  const fit::OuFit found = fit::fit_ou(x, kDay);
  EXPECT_TRUE(found.fast);
  EXPECT_NEAR(found.kappa, -std::log(fit::kLeastPhi) * 365.0, 1e-9);
}

TEST(Recovery, OfAMultivariateTWithGaps) {
  const Draws draws(7);
  const double rho = 0.8, other = -0.4;
  fit::Rows series(3);
  for (std::size_t t = 0; t < 4'000; ++t) {
    const double w = draws.mixing(t, 5), a = draws.normal(t, 0), b = draws.normal(t, 1), c = draws.normal(t, 2);
    series[0].push_back(0.03 * w * a);
    series[1].push_back(t % 7 == 0 ? kGap : 0.05 * w * (rho * a + std::sqrt(1.0 - rho * rho) * b));
    series[2].push_back(t < 2'000 ? kGap : w * (other * a + std::sqrt(1.0 - other * other) * c));
  }
  const fit::MultivariateTFit found = fit::fit_multivariate_t(series);
  EXPECT_TRUE(found.converged);
  expect_within(found.dof, found.dof_error, 5.0, 3.0, "dof");
  const fit::PairwiseCorrelation pairs = fit::pairwise_correlation(series, 60);
  // The likelihood's error is less than that of the sample's correlation, whose fourth moment is large.
  expect_within(found.correlation[0][1], pairs.errors[0][1], rho, 3.0, "correlation");
  expect_within(found.correlation[0][2], pairs.errors[0][2], other, 3.0, "correlation of half as many");
  expect_within(pairs.matrix[0][1], pairs.errors[0][1], rho, 3.0, "sample correlation");
}

// Margins do not matter to a copula: here they are those of exponentials of cubes.
TEST(Recovery, OfATCopula) {
  const Draws draws(8);
  fit::Rows series(2);
  for (std::size_t t = 0; t < 3'000; ++t) {
    const double w = draws.mixing(t, 4), a = draws.normal(t, 0), b = draws.normal(t, 1);
    series[0].push_back(std::exp(0.3 * w * a));
    series[1].push_back(std::pow(w * (0.7 * a + std::sqrt(1.0 - 0.49) * b), 3));
  }
  const auto found = fit::fit_t_copula(series);
  ASSERT_TRUE(found);
  expect_within(found->dof, found->dof_error, 4.0, 3.0, "dof");
  EXPECT_NEAR(found->correlation[0][1], 0.7, 0.04);
}

TEST(Recovery, OfMertonsJumps) {
  const Draws draws(9);
  const double vol = 0.5, intensity = 20.0, jump_mean = -0.03, jump_deviation = 0.08;
  std::vector<double> r;
  for (std::size_t t = 0; t < 6'000; ++t) {
    double x = 2e-4 + vol * std::sqrt(kDay) * draws.normal(t, 0);
    // Poisson by inversion.
    double probability = std::exp(-intensity * kDay), sum = probability;
    for (std::uint32_t k = 1; draws.uniform(t, 0) > sum && k < 10; ++k) {
      x += jump_mean + jump_deviation * draws.normal(t, k);
      probability *= intensity * kDay / k;
      sum += probability;
    }
    r.push_back(x);
  }
  const fit::JumpFit found = fit::fit_jumps(r, kDay);
  const auto& e = found.likelihood.standard_errors;
  expect_within(found.vol, e[1], vol, 3.0, "vol");
  expect_within(found.intensity, e[2], intensity, 3.0, "intensity");
  expect_within(found.jump_mean, e[3], jump_mean, 3.0, "jump mean");
  expect_within(found.jump_deviation, e[4], jump_deviation, 3.0, "jump deviation");
}

// Calm and wild days: a chain that stays 50 and 12.5 days.
TEST(Recovery, OfRegimes) {
  const Draws draws(10);
  const double deviations[] = {0.02, 0.06}, means[] = {1e-3, -2e-3}, leave[] = {0.02, 0.08};
  std::vector<double> r;
  std::vector<int> truth;
  int state = 0;
  for (std::size_t t = 0; t < 4'000; ++t) {
    truth.push_back(state);
    r.push_back(t % 100 == 50 ? kGap : means[state] + deviations[state] * draws.normal(t, 0) * draws.mixing(t, 8));
    if (draws.uniform(t, 0) < leave[state]) state = 1 - state;
  }
  const fit::RegimeFit found = fit::fit_regimes(r, 2, true);
  const auto &p = found.parameters, &e = found.errors;
  for (std::size_t k = 0; k < 2; ++k) {
    expect_within(p.deviations[k], e.deviations[k], deviations[k], 3.0, "deviation");
    expect_within(p.means[k], e.means[k], means[k], 3.0, "mean");
    expect_within(p.transition[k][1 - k], e.transition[k][1 - k], leave[k], 3.0, "leaving");
  }
  expect_within(p.dof, e.dof, 8.0, 3.0, "dof");
  std::size_t right = 0;
  for (std::size_t t = 0; t < r.size(); ++t) right += (found.path.filtered[t][1] > 0.5) == (truth[t] == 1);
  EXPECT_GT(right, r.size() * 9 / 10);
  ASSERT_EQ(found.path.ahead.size(), r.size() + 1);
  EXPECT_NEAR(found.path.ahead.back()[0] + found.path.ahead.back()[1], 1.0, 1e-12);
}

TEST(Regimes, TheFilterIsBayes) {
  const fit::RegimeParameters p{{0.0, 0.0}, {1.0, 2.0}, {{0.9, 0.1}, {0.3, 0.7}}};
  EXPECT_NEAR(long_run_probabilities(p.transition)[0], 0.75, 1e-12);
  const fit::RegimePath path = fit::regime_path(std::vector<double>{1.0, kGap}, p);
  const double calm = 0.75 * std::exp(-0.5), wild = 0.25 * 0.5 * std::exp(-0.125);
  EXPECT_NEAR(path.filtered[0][0], calm / (calm + wild), 1e-12);
  EXPECT_NEAR(path.ahead[1][0], 0.9 * path.filtered[0][0] + 0.3 * path.filtered[0][1], 1e-12);
  EXPECT_EQ(path.filtered[1], path.ahead[1]) << "a gap tells nothing";
  EXPECT_EQ(path.log_likelihoods.size(), 1u);
  EXPECT_THROW(fit::fit_regimes(std::vector<double>(500, 0.0), 5, true), std::invalid_argument);
}

}  // namespace
}  // namespace tailbit::calibration_recovery_test
