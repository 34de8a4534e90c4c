// Levels are exact decimals: how many losses lie in the tail is never a matter of floating point.
#include "tailbit/measure/level.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace tailbit::measure::level_test {
namespace {

void expect_tail(double level, std::uint64_t n, std::uint64_t whole, std::uint64_t rest, std::uint64_t denominator) {
  const TailCount m = tail_count(n, make_level(level));
  EXPECT_EQ(m.whole, whole) << level;
  EXPECT_EQ(m.rest, rest) << level;
  EXPECT_EQ(m.denominator, denominator) << level;
}

TEST(Level, IsTheShortestDecimal) {
  const Level level = make_level(0.975);
  EXPECT_EQ(level.numerator, 975u);
  EXPECT_EQ(level.denominator, 1000u);
  EXPECT_EQ(make_level(0.5).numerator, 5u);
  EXPECT_EQ(make_level(0.000000001).numerator, 1u);
  EXPECT_EQ(make_level(0.000000001).denominator, 1'000'000'000u);
  EXPECT_EQ(make_level(0.123456789).numerator, 123'456'789u);
}

TEST(Level, ReadsBackAsTheSameNumber) {
  for (std::uint64_t k = 1; k < 1000; ++k) {
    const double a = static_cast<double>(k) / 1000.0;
    EXPECT_EQ(make_level(a).value(), a);
  }
  EXPECT_EQ(make_level(0.999999999).value(), 0.999999999);
}

TEST(Level, RefusesWhatIsNoLevel) {
  for (const double bad :
       {0.0, 1.0, -0.5, 1.5, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -0.0}) {
    EXPECT_THROW(make_level(bad), std::invalid_argument) << bad;
  }
}

TEST(Level, RefusesMoreThanNineDecimals) {
  EXPECT_NO_THROW(make_level(0.999999999));
  EXPECT_THROW(make_level(0.9999999999), std::invalid_argument);
  EXPECT_THROW(make_level(1.0 / 3.0), std::invalid_argument);
  EXPECT_THROW(make_level(1e-10), std::invalid_argument);
}

TEST(TailCount, IsExactForTheUsualLevels) {
  expect_tail(0.99, 100'000, 1000, 0, 100);
  expect_tail(0.999, 100'000, 100, 0, 1000);
  expect_tail(0.95, 100'000, 5000, 0, 100);
  expect_tail(0.975, 100'000, 2500, 0, 1000);
  expect_tail(0.9, 15, 1, 5, 10);
  expect_tail(0.999999999, 1'000'000'000, 1, 0, 1'000'000'000);
  expect_tail(0.999999999, 999'999'999, 0, 999'999'999, 1'000'000'000);
}

TEST(TailCount, DoesNotOverflowForTheMostScenarios) {
  expect_tail(0.999999999, std::uint64_t{1} << 40, 1099, 511'627'776, 1'000'000'000);
  expect_tail(0.000000001, std::uint64_t{1} << 40, 1'099'511'626'676, 488'372'224, 1'000'000'000);
  EXPECT_EQ(quantile_rank(std::uint64_t{1} << 40, make_level(0.999999999)), (std::uint64_t{1} << 40) - 1099);
}

// Floating point fails here: 1 - 0.9 is less than 0.1, so that floor(10 (1 - 0.9)) is 0.
TEST(TailCount, IsWholeWhereFloatingPointIsNot) {
  ASSERT_LT(std::floor(10.0 * (1.0 - 0.9)), 1.0);
  expect_tail(0.9, 10, 1, 0, 10);
  int traps = 0;
  for (std::uint64_t hundreds = 1; hundreds <= 2000; ++hundreds) {
    for (std::uint64_t percent = 1; percent < 100; ++percent) {
      const double a = static_cast<double>(percent) / 100.0;
      const double n = static_cast<double>(100 * hundreds);
      traps += std::floor(n * (1.0 - a)) != static_cast<double>(hundreds * (100 - percent));
      const TailCount m = tail_count(100 * hundreds, make_level(a));
      ASSERT_EQ(m.whole, hundreds * (100 - percent)) << a << " of " << n;
      ASSERT_EQ(m.rest, 0u);
    }
  }
  EXPECT_GT(traps, 1000);  // the loop does pass where floating point errs
}

TEST(QuantileRank, IsTheRankOfTheLeftQuantile) {
  EXPECT_EQ(quantile_rank(100'000, make_level(0.95)), 95'000u);
  EXPECT_EQ(quantile_rank(100'001, make_level(0.95)), 95'001u);
  EXPECT_EQ(quantile_rank(15, make_level(0.5)), 8u);
  EXPECT_EQ(quantile_rank(1, make_level(0.001)), 1u);
  EXPECT_EQ(quantile_rank(100, {1, 100}), 1u);
}

// VaR by the descending rank floor(m) + 1 is VaR by the ascending rank ceil(N a).
TEST(QuantileRank, MeetsTheTailCount) {
  for (const double a : {0.5, 0.9, 0.95, 0.975, 0.99, 0.999, 0.123456789}) {
    for (std::uint64_t n = 1; n < 3000; ++n) {
      ASSERT_EQ(quantile_rank(n, make_level(a)) + tail_count(n, make_level(a)).whole, n) << a << " of " << n;
    }
  }
}

}  // namespace
}  // namespace tailbit::measure::level_test
