// Regimes that several series have in common: what was simulated is found again, and the special cases that other
// estimators know. Samples are of the house's Philox with fixed seeds.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "host/fit/goodness.hpp"
#include "host/fit/joint_regime_fit.hpp"
#include "host/fit/regime_fit.hpp"
#include "host/io/history.hpp"
#include "tests/support/numbered_draws.hpp"

namespace tailbit::calibration_joint_regimes_test {
namespace {

using test::Draws;

// Calm days, and wild ones in which the two move more together: a chain that stays 50 and 12.5 days.
const fit::JointRegimeParameters kTruth{{{1e-3, 5e-4}, {-2e-3, -3e-3}},
                                        {{0.02, 0.03}, {0.06, 0.07}},
                                        {{{1.0, 0.5}, {0.5, 1.0}}, {{1.0, 0.9}, {0.9, 1.0}}},
                                        {{0.98, 0.02}, {0.08, 0.92}},
                                        6.0};

struct Simulated {
  fit::Rows series;
  std::vector<std::size_t> states;
};
Simulated simulated(const fit::JointRegimeParameters& law, std::size_t n, std::uint64_t seed) {
  const Draws draws(seed);
  Simulated out{{{}, {}}, {}};
  std::size_t state = 0;
  for (std::size_t t = 0; t < n; ++t) {
    out.states.push_back(state);
    double chi_square = 0.0;
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(law.dof); ++i)
      chi_square += std::pow(draws.normal(t, 1000 + i), 2);
    const double mixing = std::sqrt((law.dof - 2.0) / chi_square), rho = law.correlations[state][0][1];
    const double x = draws.normal(t, 0), y = rho * x + std::sqrt(1.0 - rho * rho) * draws.normal(t, 1);
    out.series[0].push_back(law.means[state][0] + law.deviations[state][0] * mixing * x);
    out.series[1].push_back(law.means[state][1] + law.deviations[state][1] * mixing * y);
    if (draws.uniform(t, 0) > law.transition[state][state]) state = 1 - state;
  }
  return out;
}

void expect_within_three(double found, double error, double truth, const char* what) {
  EXPECT_GT(error, 0.0) << what;
  EXPECT_LT(std::abs(found - truth), 3.0 * error) << what << ": " << found << " +- " << error << ", not " << truth;
}

// The second series begins late, the first one has holes.
TEST(JointRegimeFit, FindsTheLawThatWasSimulated) {
  Simulated sample = simulated(kTruth, 4'000, 21);
  for (std::size_t t = 0; t < 600; ++t) sample.series[1][t] = kGap;
  for (std::size_t t = 50; t < 4'000; t += 97) sample.series[0][t] = kGap;
  const fit::JointRegimeFit found = fit::fit_joint_regimes(sample.series, 2, true);
  EXPECT_TRUE(found.likelihood.converged);
  const auto &p = found.parameters, &e = found.errors;
  for (std::size_t k = 0; k < 2; ++k) {
    for (std::size_t i = 0; i < 2; ++i) {
      expect_within_three(p.means[k][i], e.means[k][i], kTruth.means[k][i], "mean");
      expect_within_three(p.deviations[k][i], e.deviations[k][i], kTruth.deviations[k][i], "deviation");
      EXPECT_LT(e.deviations[k][i], 0.1 * p.deviations[k][i]) << "errors that are worth something";
    }
    expect_within_three(p.correlations[k][0][1], e.correlations[k][0][1], kTruth.correlations[k][0][1], "correlation");
    expect_within_three(p.transition[k][1 - k], e.transition[k][1 - k], kTruth.transition[k][1 - k], "leaving");
  }
  expect_within_three(p.dof, e.dof, kTruth.dof, "dof");
  std::size_t right = 0;
  for (std::size_t t = 0; t < 4'000; ++t) right += (found.smoothed[t][1] > 0.5) == (sample.states[t] == 1);
  EXPECT_GT(right, 3'700u);
  ASSERT_EQ(found.path.ahead.size(), 4'001u);
}

// What the search finds is a maximum: no step away from it, of any parameter, is more likely.
TEST(JointRegimeFit, IsAtAMaximum) {
  const Simulated sample = simulated(kTruth, 1'500, 22);
  const fit::JointRegimeFit found = fit::fit_joint_regimes(sample.series, 2, true);
  const auto likelihood = [&](const fit::JointRegimeParameters& p) {
    double sum = 0.0;
    for (const double each :
         fit::hamilton_filter(fit::joint_log_densities(sample.series, p), p.transition).log_likelihoods)
      sum += each;
    return sum;
  };
  const double most = likelihood(found.parameters);
  EXPECT_NEAR(most, found.likelihood.log_likelihood, 1e-6);
  for (const double step : {-0.3, 0.3}) {
    for (std::size_t k = 0; k < 2; ++k) {
      fit::JointRegimeParameters p = found.parameters;
      p.deviations[k][1] += step * found.errors.deviations[k][1];
      EXPECT_LT(likelihood(p), most);
      p = found.parameters;
      p.correlations[k][0][1] += step * found.errors.correlations[k][0][1];
      p.correlations[k][1][0] = p.correlations[k][0][1];
      EXPECT_LT(likelihood(p), most);
      p = found.parameters;
      p.transition[k][1 - k] += step * found.errors.transition[k][1 - k];
      p.transition[k][k] = 1.0 - p.transition[k][1 - k];
      EXPECT_LT(likelihood(p), most);
    }
    fit::JointRegimeParameters p = found.parameters;
    p.dof += step * found.errors.dof;
    EXPECT_LT(likelihood(p), most);
  }
}

TEST(JointRegimeFit, OfOneSeriesIsThatOfTheSearch) {
  const std::vector<double> returns = simulated(kTruth, 2'000, 23).series[0];
  for (const bool student_t : {false, true}) {
    const fit::JointRegimeFit joint = fit::fit_joint_regimes({returns}, 2, student_t);
    const fit::RegimeFit one = fit::fit_regimes(returns, 2, student_t);
    EXPECT_NEAR(joint.likelihood.log_likelihood, one.likelihood.log_likelihood, 0.02);
    EXPECT_DOUBLE_EQ(joint.likelihood.aic() - one.likelihood.aic(),
                     2.0 * (one.likelihood.log_likelihood - joint.likelihood.log_likelihood));
    for (std::size_t k = 0; k < 2; ++k) {
      EXPECT_NEAR(joint.parameters.deviations[k][0], one.parameters.deviations[k], 0.05 * one.errors.deviations[k]);
      EXPECT_NEAR(joint.errors.deviations[k][0], one.errors.deviations[k], 0.05 * one.errors.deviations[k]);
      EXPECT_NEAR(joint.path.ahead.back()[k], one.path.ahead.back()[k], 1e-2);
    }
  }
}

TEST(JointRegimeFit, OfOneGaussianRegimeIsTheSample) {
  const fit::Rows series = simulated(kTruth, 1'000, 24).series;
  const fit::JointRegimeFit found = fit::fit_joint_regimes(series, 1, false);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(found.parameters.means[0][i], fit::mean_of(series[i]), 1e-9);
    EXPECT_NEAR(found.parameters.deviations[0][i], std::sqrt(fit::variance_of(series[i])), 1e-8);
    EXPECT_NEAR(found.errors.means[0][i], found.parameters.deviations[0][i] / std::sqrt(1'000.0), 1e-6);
  }
  EXPECT_EQ(found.parameters.transition, (fit::Rows{{1.0}}));
}

TEST(JointRegimeFit, WhatIsMissingIsIntegratedOut) {
  const fit::Rows logs = fit::joint_log_densities({{0.01, kGap, kGap}, {kGap, -0.02, kGap}}, kTruth);
  const fit::RegimeParameters second{{5e-4, -3e-3}, {0.03, 0.07}, kTruth.transition, kTruth.dof};
  // By Bayes, from the long run's 0.8 and 0.2.
  const fit::RegimePath path = fit::regime_path(std::vector<double>{-0.02}, second);
  EXPECT_NEAR(std::log(path.filtered[0][0] / path.filtered[0][1]), logs[1][0] - logs[1][1] + std::log(4.0), 1e-12);
  EXPECT_EQ(logs[0].size(), 2u);
  EXPECT_TRUE(logs[2].empty());
}

TEST(JointRegimeFit, RefusesWhatSaysNothing) {
  EXPECT_THROW(fit::fit_joint_regimes({std::vector<double>(500, 0.0)}, 2, true), std::invalid_argument);
  const fit::Rows series = simulated(kTruth, 199, 25).series;
  EXPECT_THROW(fit::fit_joint_regimes(series, 2, true), std::invalid_argument);
  EXPECT_THROW(fit::fit_joint_regimes(series, 5, true), std::invalid_argument);
  EXPECT_THROW(fit::fit_joint_regimes({}, 1, true), std::invalid_argument);
}

// Of so many parameters that their errors are those by the outer product of gradients: as many means, each of its own
// observations.
TEST(MaximumLikelihoodFit, ErrorsOfManyParametersAreThoseOfTheInformation) {
  const Draws draws(26);
  constexpr std::size_t kMeans = fit::kMostForCurvature + 1, kEach = 400;
  std::vector<double> x, means(kMeans, 0.0);
  for (std::size_t t = 0; t < kMeans * kEach; ++t) {
    x.push_back(draws.normal(t, 0));
    means[t / kEach] += x.back() / kEach;
  }
  const auto likelihoods = [&](std::span<const double> p, std::vector<double>& each) {
    each.resize(x.size());
    for (std::size_t t = 0; t < x.size(); ++t) each[t] = -0.5 * std::pow(x[t] - p[t / kEach], 2);
  };
  const fit::MaximumLikelihood found = fit::at_maximum(
      likelihoods, [](std::span<const double> p) { return std::vector<double>(p.begin(), p.end()); }, means, true);
  ASSERT_EQ(found.standard_errors.size(), kMeans);
  double mean = 0.0;
  for (const double error : found.standard_errors) {
    EXPECT_NEAR(error, 1.0 / std::sqrt(static_cast<double>(kEach)), 0.01);
    mean += error / kMeans;
  }
  EXPECT_NEAR(mean, 0.05, 0.001);
}

}  // namespace
}  // namespace tailbit::calibration_joint_regimes_test
