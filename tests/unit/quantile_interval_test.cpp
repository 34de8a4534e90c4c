// The ranks that bound a quantile with 95 % confidence, against the binomial law summed directly.
#include "tailbit/measure/quantile_interval.hpp"

#include <cmath>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace tailbit::measure::quantile_interval_test {
namespace {

using Rank = std::optional<std::uint64_t>;

// P(Bin(n, a) = k), k = 0..n, by logarithms of factorials.
std::vector<long double> binomial(std::uint64_t n, long double a) {
  std::vector<long double> log_factorial(n + 1, 0.0L);
  for (std::uint64_t k = 1; k <= n; ++k)
    log_factorial[k] = log_factorial[k - 1] + std::log(static_cast<long double>(k));
  std::vector<long double> p;
  for (std::uint64_t k = 0; k <= n; ++k) {
    p.push_back(std::exp(log_factorial[n] - log_factorial[k] - log_factorial[n - k] +
                         static_cast<long double>(k) * std::log(a) + static_cast<long double>(n - k) * std::log1p(-a)));
  }
  return p;
}

// Word for word from docs/definitions.
RankInterval by_definition(std::uint64_t n, Level level) {
  const auto p = binomial(n, static_cast<long double>(level.numerator) / static_cast<long double>(level.denominator));
  RankInterval interval;
  long double cumulative = 0.0L;
  for (std::uint64_t l = 1; l <= n; ++l) {
    cumulative += p[l - 1];  // P(Bin <= l - 1)
    if (cumulative <= 0.025L) interval.lower = l;
  }
  cumulative = 0.0L;
  for (std::uint64_t u = n; u >= 1; --u) {
    cumulative += p[u];  // P(Bin >= u)
    if (cumulative <= 0.025L) interval.upper = u;
  }
  return interval;
}

void expect_ranks(std::uint64_t n, double a, Rank lower, Rank upper) {
  const RankInterval interval = quantile_interval(n, make_level(a));
  EXPECT_EQ(interval.lower, lower) << a << " of " << n;
  EXPECT_EQ(interval.upper, upper) << a << " of " << n;
}

// shared/oracles/estimators_small_sample.json
TEST(QuantileInterval, GivesTheKnownRanksOfFifteenLosses) {
  expect_ranks(15, 0.5, 4, 12);
  expect_ranks(15, 0.8, 9, std::nullopt);
  expect_ranks(15, 0.9, 11, std::nullopt);
  expect_ranks(15, 0.95, 12, std::nullopt);
  expect_ranks(15, 0.2, std::nullopt, 7);
}

TEST(QuantileInterval, HasNoBoundsForTooFewLosses) {
  expect_ranks(1, 0.5, std::nullopt, std::nullopt);
  expect_ranks(5, 0.5, std::nullopt, std::nullopt);  // 2^-5 = 3.1 %
  expect_ranks(6, 0.5, 1, 6);                        // 2^-6 = 1.6 %
}

TEST(QuantileInterval, EqualsTheDefinition) {
  for (const double a : {0.01, 0.05, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.975, 0.99, 0.999, 0.123456789}) {
    const Level level = make_level(a);
    // From two losses: with one, P(Bin(1, 0.975) <= 0) is 2.5 % exactly, and rounding decides.
    for (std::uint64_t n = 2; n <= 2000; n += n < 60 ? 1 : 97) {
      const RankInterval actual = quantile_interval(n, level), expected = by_definition(n, level);
      ASSERT_EQ(actual.lower, expected.lower) << a << " of " << n;
      ASSERT_EQ(actual.upper, expected.upper) << a << " of " << n;
    }
  }
}

// The mirror image: losses turned into profits.
TEST(QuantileInterval, IsSymmetric) {
  for (const std::uint64_t n : {40u, 1000u, 12'345u}) {
    const RankInterval high = quantile_interval(n, make_level(0.95)), low = quantile_interval(n, make_level(0.05));
    ASSERT_TRUE(high.lower && low.upper);
    EXPECT_EQ(*high.lower, n + 1 - *low.upper);
  }
}

// For many scenarios the normal law gives the ranks to about one.
TEST(QuantileInterval, ApproachesTheNormalLawForManyScenarios) {
  for (const double a : {0.9, 0.99, 0.999}) {
    const std::uint64_t n = 10'000'000;
    const RankInterval interval = quantile_interval(n, make_level(a));
    const double mean = static_cast<double>(n) * a, deviation = std::sqrt(mean * (1.0 - a));
    ASSERT_TRUE(interval.lower && interval.upper);
    EXPECT_NEAR(static_cast<double>(*interval.lower), mean - 1.959964 * deviation, 3.0);
    EXPECT_NEAR(static_cast<double>(*interval.upper), mean + 1.959964 * deviation, 3.0);
  }
}

}  // namespace
}  // namespace tailbit::measure::quantile_interval_test
