// Tests of samples against exact laws, and what they say when they fail.
//
// A z-test fails beyond 5 standard errors: by chance once in 2,000,000 for a normal statistic, and some ten times as
// often for skewed ones of far tails. A Kolmogorov-Smirnov test fails by chance once in 1,000,000 (see expect_law).
// Each test's largest |z| is recorded as the property "worst_z" (--gtest_output=xml).
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/one_asset_book.hpp"

namespace tailbit::test {

inline constexpr double kSigmas = 5.0;

// Keeps the worst of the running test.
inline void record_z(const std::string& what, double z) {
  static const testing::TestInfo* running = nullptr;
  static double worst = 0.0;
  const testing::TestInfo* now = testing::UnitTest::GetInstance()->current_test_info();
  if (now != running) worst = 0.0;
  running = now;
  if (std::abs(z) < worst) return;
  worst = std::abs(z);
  testing::Test::RecordProperty("worst_z", std::to_string(z) + " " + what);
}

inline void expect_z(const std::string& what, double estimate, double exact, double error) {
  const double z = (estimate - exact) / error;
  record_z(what, z);
  EXPECT_LE(std::abs(z), kSigmas) << what << ": " << estimate << " against " << exact << ", standard error " << error;
}

inline double mean_of(const std::vector<double>& sample) {
  double sum = 0.0;
  for (const double x : sample) sum += x;
  return sum / static_cast<double>(sample.size());
}

// E[x], given its deviation.
inline void expect_mean(const std::vector<double>& sample, double mean, double stdev,
                        const std::string& what = "mean") {
  const double rounding = 1e-9 * std::max(1.0, std::abs(mean)) / kSigmas;  // of sums and of the reference
  expect_z(what, mean_of(sample), mean, stdev / std::sqrt(static_cast<double>(sample.size())) + rounding);
}
// E[x], with the sample's own deviation.
inline void expect_own_mean(const std::vector<double>& sample, double mean, const std::string& what) {
  const double middle = mean_of(sample);
  double squares = 0.0;
  for (const double x : sample) squares += (x - middle) * (x - middle);
  expect_mean(sample, mean, std::sqrt(squares / static_cast<double>(sample.size())), what);
}
// Var(x), where the mean is known.
inline void expect_variance(std::vector<double> sample, double mean, double variance, const std::string& what) {
  for (double& x : sample) x = (x - mean) * (x - mean);
  expect_own_mean(sample, variance, what);
}

// The number of losses beyond the exact VaR is binomial. Where the law has an atom at VaR (an option that expired, a
// spread in its flat part), P(L > VaR) <= 1 - a <= P(L >= VaR), and both sides are tested.
inline void expect_exceedances(const std::vector<double>& losses, double level, double var) {
  const double rounding = 1e-6 * std::max(1.0, std::abs(var));  // of the reference; next to no mass
  const auto count = [&](double bound) {
    return static_cast<double>(
        std::count_if(losses.begin(), losses.end(), [bound](double loss) { return loss > bound; }));
  };
  const double expected = static_cast<double>(losses.size()) * (1.0 - level);
  const double error = std::sqrt(expected * level);
  const double above = (count(var + rounding) - expected) / error;
  const double not_below = (count(var - rounding) - expected) / error;
  record_z("exceedances", above > 0.0 ? above : std::min(not_below, 0.0));
  EXPECT_LE(above, kSigmas) << "level " << level << ", VaR " << var;
  EXPECT_GE(not_below, -kSigmas) << "level " << level << ", VaR " << var;
}

// VaR + (L - VaR)+ / (1 - a) at the exact VaR has the mean ES (Rockafellar and Uryasev 2000): an unbiased z-test.
inline void expect_shortfall(const std::vector<double>& losses, double level, const ExactTail& exact) {
  const double n = static_cast<double>(losses.size());
  double sum = 0.0, squares = 0.0;
  for (const double loss : losses) {
    const double x = std::max(loss - exact.var, 0.0) / (1.0 - level);
    sum += x;
    squares += x * x;
  }
  const double mean = sum / n;
  const double error = std::sqrt(std::max(squares / n - mean * mean, 0.0) / n);
  const double rounding = 1e-6 * std::max(1.0, std::abs(exact.es)) / kSigmas;
  expect_z("ES", exact.var + mean, exact.es, error + rounding);
}

inline void expect_tail(const std::vector<double>& losses, double level, const ExactTail& exact) {
  SCOPED_TRACE("level " + std::to_string(level));
  expect_exceedances(losses, level, exact.var);
  expect_shortfall(losses, level, exact);
}

// What is reported is the estimator of definitions.md on the losses that are stored, and near the exact value: the
// estimates are off by not more than 5 of their own errors (and one more for the estimate's bias).
inline void expect_reported(const nlohmann::ordered_json& measure, std::vector<double> losses, const ExactTail& exact) {
  const double level = measure["level"];
  std::sort(losses.begin(), losses.end(), std::greater<>());
  const double beyond = std::round(static_cast<double>(losses.size()) * (1.0 - level) * 1e6) / 1e6;
  const auto whole = static_cast<std::size_t>(beyond);
  EXPECT_EQ(measure["var"].get<double>(), losses[whole]) << "level " << level;
  double sum = 0.0;
  for (std::size_t i = 0; i < whole; ++i) sum += losses[i];
  const double es = (sum + (beyond - static_cast<double>(whole)) * losses[whole]) / beyond;
  EXPECT_NEAR(measure["es"].get<double>(), es, 1e-9 * std::max(1.0, std::abs(es))) << "level " << level;
  const double rounding = 1e-6 * std::max(1.0, std::abs(exact.var));
  EXPECT_NEAR(measure["var"].get<double>(), exact.var, (kSigmas + 1.0) * measure["var_se"].get<double>() + rounding);
  EXPECT_NEAR(measure["es"].get<double>(), exact.es, (kSigmas + 1.0) * measure["es_se"].get<double>() + rounding);
}

// Kolmogorov's statistic sqrt(n) sup |F_n - F| exceeds 2.7 with probability 2 exp(-2 * 2.7^2) = 9e-7 at most, whatever
// the continuous law F; all the less where it is looked at on some 2,000 order statistics only.
template <class Below>
void expect_law(std::vector<double> sample, Below&& below, const std::string& what) {
  std::sort(sample.begin(), sample.end());
  const double n = static_cast<double>(sample.size());
  double distance = 0.0;
  const std::size_t stride = std::max<std::size_t>(1, sample.size() / 2000);
  for (std::size_t i = stride / 2; i < sample.size(); i += stride) {
    const double p = below(sample[i]);
    distance = std::max({distance, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
  }
  testing::Test::RecordProperty("kolmogorov_of_2.7", std::to_string(distance * std::sqrt(n)));
  EXPECT_LE(distance * std::sqrt(n), 2.7) << what;
}

}  // namespace tailbit::test
