// VaR, expected shortfall, their errors, moments and exposure of samples small enough to check by hand, and of large
// ones against long double.
#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tailbit/measure/host_sample.hpp"
#include "tailbit/measure/results.hpp"

namespace tailbit::measure::estimates_test {
namespace {

constexpr double kUnit = 0x1p-44;  // rounding the numbers below to it moves them by less than 3e-14

using Quanta = std::vector<std::int64_t>;

Quanta profits_of(const std::vector<double>& losses) {
  Quanta quanta;
  for (const double loss : losses) quanta.push_back(static_cast<std::int64_t>(std::nearbyint(-loss / kUnit)));
  return quanta;
}

const std::vector<double> kFifteen{0.37, -1.2, 2.5,   0.01, -0.4, 1.13, 0.9, -2.2,
                                   3.4,  0.55, -0.07, 1.8,  -0.9, 0.25, 2.05};

TailEstimate estimate_of(const Quanta& quanta, double level) {
  return tail_estimate(HostSample(quanta), level_ranks(quanta.size(), make_level(level)), kUnit);
}

// A skewed sample of about 10^4 USD with ties, more than one block of the moments and ragged.
Quanta large_sample(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Quanta quanta;
  for (std::size_t i = 0; i < size; ++i) {
    const double u = static_cast<double>(random() >> 11) * 0x1p-53;
    quanta.push_back(static_cast<std::int64_t>(std::floor(100.0 * std::log(u + 1e-9) + 90.0)) << 40);
  }
  return quanta;
}

// shared/oracles/estimators_small_sample.json
TEST(TailEstimate, EqualsTheOracleAtOneHalf) {
  const TailEstimate e = estimate_of(profits_of(kFifteen), 0.5);
  EXPECT_NEAR(e.var, 0.37, 1e-12);
  EXPECT_NEAR(e.es, 1.6686666666666667, 1e-12);
  EXPECT_NEAR(e.es_se, 0.500504380520925, 1e-12);
  ASSERT_TRUE(e.var_ci95.low && e.var_ci95.high && e.var_se);
  EXPECT_NEAR(*e.var_ci95.low, -0.4, 1e-12);
  EXPECT_NEAR(*e.var_ci95.high, 1.8, 1e-12);
  EXPECT_NEAR(*e.var_se, 0.5 * 2.2 / 1.96, 1e-12);
  EXPECT_EQ(e.losses_in_tail, 7u);
  EXPECT_EQ(e.level, 0.5);
}

TEST(TailEstimate, EqualsTheOracleAtFourFifths) {
  const TailEstimate e = estimate_of(profits_of(kFifteen), 0.8);
  EXPECT_NEAR(e.var, 1.8, 1e-12);
  EXPECT_NEAR(e.es, 2.6500000000000004, 1e-12);
  EXPECT_NEAR(e.es_se, 0.5647376129040561, 1e-12);
  ASSERT_TRUE(e.var_ci95.low);
  EXPECT_NEAR(*e.var_ci95.low, 0.55, 1e-12);
  EXPECT_FALSE(e.var_ci95.high);
  EXPECT_FALSE(e.var_se);
  EXPECT_EQ(e.losses_in_tail, 3u);
}

TEST(TailEstimate, EqualsTheOracleAtNineTenths) {
  const TailEstimate e = estimate_of(profits_of(kFifteen), 0.9);
  EXPECT_NEAR(e.var, 2.5, 1e-12);
  EXPECT_NEAR(e.es, 3.1, 1e-12);  // m = 1.5: (3.4 + 0.5 * 2.5) / 1.5
  EXPECT_NEAR(e.es_se, 0.6, 1e-12);
  ASSERT_TRUE(e.var_ci95.low);
  EXPECT_NEAR(*e.var_ci95.low, 1.13, 1e-12);
  EXPECT_FALSE(e.var_ci95.high);
  ASSERT_TRUE(e.es_ci95.low && e.es_ci95.high);
  EXPECT_NEAR(*e.es_ci95.low, 3.1 - 1.96 * 0.6, 1e-12);
  EXPECT_NEAR(*e.es_ci95.high, 3.1 + 1.96 * 0.6, 1e-12);
}

TEST(TailEstimate, TakesPartOfALossWhereTheTailIsNotWhole) {
  const std::vector<double> losses{1, 2, 3, 4, 5, 6, 7};  // a = 0.6: m = 2.8
  const TailEstimate e = estimate_of(profits_of(losses), 0.6);
  EXPECT_EQ(e.var, 5.0);
  EXPECT_NEAR(e.es, (7.0 + 6.0 + 0.8 * 5.0) / 2.8, 1e-14);
}

TEST(TailEstimate, CountsTiedLossesByRank) {
  const std::vector<double> losses{5, 5, 5, 5, 1, 1, 1, 1, 1, 1};
  const TailEstimate inside = estimate_of(profits_of(losses), 0.8);  // VaR is one of the ties
  EXPECT_EQ(inside.var, 5.0);
  EXPECT_EQ(inside.es, 5.0);
  EXPECT_EQ(inside.es_se, 0.0);
  const TailEstimate below = estimate_of(profits_of(losses), 0.6);  // VaR is the next loss after them
  EXPECT_EQ(below.var, 1.0);
  EXPECT_EQ(below.es, 5.0);
}

// Bit for bit: the tail is summed in integers.
TEST(TailEstimate, DoesNotDependOnTheOrderOfScenarios) {
  Quanta quanta = large_sample(10'007, 1);
  const TailEstimate before = estimate_of(quanta, 0.975);
  std::shuffle(quanta.begin(), quanta.end(), std::mt19937_64(2));
  const TailEstimate after = estimate_of(quanta, 0.975);
  EXPECT_EQ(after.var, before.var);
  EXPECT_EQ(after.es, before.es);
  EXPECT_EQ(after.es_se, before.es_se);
}

TEST(TailEstimate, StaysWhenEveryScenarioIsDoubled) {
  const Quanta once = large_sample(5000, 3);
  Quanta twice = once;
  twice.insert(twice.end(), once.begin(), once.end());
  for (const double level : {0.5, 0.95, 0.99, 0.9973}) {
    EXPECT_EQ(estimate_of(twice, level).var, estimate_of(once, level).var);
    EXPECT_EQ(estimate_of(twice, level).es, estimate_of(once, level).es);
  }
}

TEST(TailEstimate, ShortfallIsNeverBelowVar) {
  for (std::uint64_t seed = 10; seed < 40; ++seed) {
    const Quanta quanta = large_sample(500 + seed, seed);
    for (const double level : {0.1, 0.5, 0.9, 0.99, 0.997}) {
      const TailEstimate e = estimate_of(quanta, level);
      EXPECT_GE(e.es, e.var) << seed << " " << level;
      EXPECT_GE(e.es_se, 0.0);
      EXPECT_LE(e.var_ci95.low.value_or(e.var), e.var);
      EXPECT_GE(e.var_ci95.high.value_or(e.var), e.var);
    }
  }
}

TEST(TailEstimate, SumsTheLargestProfitsExactly) {
  const std::int64_t large = (std::int64_t{1} << 53) - 1;
  Quanta quanta(4000, -large);
  quanta[0] = -large + 1;
  const TailEstimate e = tail_estimate(HostSample(quanta), level_ranks(quanta.size(), make_level(0.000000001)), 1.0);
  EXPECT_EQ(e.es, static_cast<double>(large));
  EXPECT_EQ(e.var, static_cast<double>(large - 1));
}

// sd(VaR + (L - VaR)+ / (1 - a)) / sqrt(N), ddof 1, over all scenarios in long double.
TEST(TailEstimate, ShortfallErrorIsTheInfluenceFunctionsDeviation) {
  const Quanta quanta = large_sample(9001, 4);
  for (const double level : {0.9, 0.99}) {
    const TailEstimate e = estimate_of(quanta, level);
    long double sum = 0, squares = 0;
    const auto influence = [&](std::int64_t q) {
      const long double loss = -static_cast<long double>(q) * kUnit;
      return e.var + std::max(loss - e.var, 0.0L) / (1.0L - level);
    };
    for (const std::int64_t q : quanta) sum += influence(q);
    const long double mean = sum / 9001.0L;
    for (const std::int64_t q : quanta) squares += (influence(q) - mean) * (influence(q) - mean);
    const auto expected = static_cast<double>(std::sqrt(squares / 9000.0L / 9001.0L));
    EXPECT_NEAR(e.es_se / expected, 1.0, 1e-12);
  }
}

TEST(Moments, EqualLongDoubleSums) {
  const Quanta quanta = large_sample(3 * kBlock + 17, 5);
  const long double n = static_cast<long double>(quanta.size());
  long double sum = 0, second = 0, third = 0, fourth = 0;
  for (const std::int64_t q : quanta) sum += static_cast<long double>(q) * kUnit;
  const long double mean = sum / n;
  for (const std::int64_t q : quanta) {
    const long double d = static_cast<long double>(q) * kUnit - mean;
    second += d * d;
    third += d * d * d;
    fourth += d * d * d * d;
  }
  const Moments m = moments(HostSample(quanta), kUnit);
  const auto relative = [](double actual, long double expected) {
    return std::abs(static_cast<double>(actual / expected - 1.0L));
  };
  EXPECT_LT(relative(m.mean, mean), 1e-15);
  EXPECT_LT(relative(m.stdev, std::sqrt(second / (n - 1))), 1e-12);
  EXPECT_LT(relative(m.mean_se, std::sqrt(second / (n - 1) / n)), 1e-12);
  ASSERT_TRUE(m.skewness && m.kurtosis);
  EXPECT_LT(relative(*m.skewness, third / n / std::pow(second / n, 1.5L)), 1e-12);
  EXPECT_LT(relative(*m.kurtosis, fourth / n / (second / n) / (second / n)), 1e-12);
  EXPECT_EQ(m.min, static_cast<double>(*std::min_element(quanta.begin(), quanta.end())) * kUnit);
  EXPECT_EQ(m.max, static_cast<double>(*std::max_element(quanta.begin(), quanta.end())) * kUnit);
}

TEST(Moments, HaveNoShapeWhenTheProfitNeverMoves) {
  const Quanta quanta(100, 7);
  const Moments m = moments(HostSample(quanta), 0.5);
  EXPECT_EQ(m.mean, 3.5);
  EXPECT_EQ(m.stdev, 0.0);
  EXPECT_FALSE(m.skewness);
  EXPECT_FALSE(m.kurtosis);
}

TEST(Losses, AreNeverMinusZero) {
  const Quanta quanta{0, 3, -3, 0};
  const std::vector<double> losses = HostSample(quanta).losses(0.25);
  EXPECT_EQ(losses, (std::vector<double>{0.0, -0.75, 0.75, 0.0}));
  for (const double loss : losses) EXPECT_FALSE(loss == 0.0 && std::signbit(loss));
  EXPECT_FALSE(std::signbit(estimate_of({0, 0, 0, 0}, 0.5).var));
}

Quanta sorted(const Quanta& quanta) {
  const Order order(quanta);
  const auto all = order.least(quanta.size());
  return {all.begin(), all.end()};
}

class SortedBits : public testing::TestWithParam<int> {};
TEST_P(SortedBits, EqualsTheStandardLibrary) {
  std::mt19937_64 random(6);
  for (const std::size_t size : {std::size_t{1}, std::size_t{4095}, std::size_t{4096}, std::size_t{20'011}}) {
    Quanta quanta;
    for (std::size_t i = 0; i < size; ++i) quanta.push_back(static_cast<std::int64_t>(random()) >> GetParam());
    Quanta expected = quanta;
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(sorted(quanta), expected) << size;
    for (std::int64_t& q : quanta) q = -std::abs(q);
    expected = quanta;
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(sorted(quanta), expected) << size << " negative";
  }
}
// From all 64 bits to values of -1 and 0 alone; 48 and 32 leave digits that all values share.
INSTANTIATE_TEST_SUITE_P(Shifts, SortedBits, testing::Values(0, 11, 32, 48, 60, 63));

TEST(Sorted, KeepsEqualValues) {
  EXPECT_EQ(sorted(Quanta(5000, -123'456'789'012'345)), Quanta(5000, -123'456'789'012'345));
}

std::vector<ExposureRow> exposure_of(const Quanta& quanta, std::int64_t base) {
  Request request;
  request.levels = {make_level(0.95), make_level(0.99)};
  request.unit = kUnit;
  std::vector<ExposureRow> rows;
  append_exposure(rows, HostSample(quanta), 2, 3600, base, request);
  return rows;
}

TEST(Exposure, ListsItsMeasuresInOrder) {
  const std::vector<ExposureRow> rows = exposure_of(large_sample(5000, 7), 0);
  std::string names;
  for (const ExposureRow& row : rows) names += std::string(row.measure) + " ";
  EXPECT_EQ(names, "mean EE ENE PFE PFE quantile quantile quantile quantile quantile quantile quantile ");
  EXPECT_EQ(rows[4].level, 0.99);
  EXPECT_EQ(rows[5].level, 0.01);
  EXPECT_EQ(rows[0].group, 2u);
  EXPECT_EQ(rows[0].seconds, 3600);
}

TEST(Exposure, EqualsItsDefinitions) {
  const Quanta quanta{-4LL << 44, -1LL << 44, 2LL << 44, 5LL << 44};
  const std::vector<ExposureRow> rows = exposure_of(quanta, 1LL << 44);  // values -3, 0, 3, 6
  EXPECT_DOUBLE_EQ(rows[0].estimate.value, 1.5);
  EXPECT_DOUBLE_EQ(rows[1].estimate.value, 2.25);
  EXPECT_DOUBLE_EQ(rows[2].estimate.value, -0.75);
  EXPECT_DOUBLE_EQ(*rows[0].estimate.se, std::sqrt((4.5 * 4.5 * 2 + 1.5 * 1.5 * 2) / 3.0 / 4.0));
  EXPECT_DOUBLE_EQ(*rows[1].estimate.se, std::sqrt((2 * 2.25 * 2.25 + 0.75 * 0.75 + 3.75 * 3.75) / 3.0 / 4.0));
  EXPECT_DOUBLE_EQ(rows[3].estimate.value, 6.0);
  EXPECT_DOUBLE_EQ(rows[5].estimate.value, -3.0);
  EXPECT_DOUBLE_EQ(rows[8].estimate.value, 0.0);  // the left median is the second of four
}

TEST(Exposure, PartsAddUpAndQuantilesAscend) {
  for (const std::int64_t base : {std::int64_t{0}, std::int64_t{50} << 40, -(std::int64_t{1} << 50)}) {
    const std::vector<ExposureRow> rows = exposure_of(large_sample(5000, 8), base);
    EXPECT_NEAR(rows[1].estimate.value + rows[2].estimate.value, rows[0].estimate.value, 1e-12);
    EXPECT_GE(rows[1].estimate.value, 0.0);
    EXPECT_LE(rows[2].estimate.value, 0.0);
    EXPECT_GE(rows[3].estimate.value, 0.0);
    EXPECT_GE(rows[4].estimate.value, rows[3].estimate.value);
    for (std::size_t i = 6; i < rows.size(); ++i) EXPECT_GE(rows[i].estimate.value, rows[i - 1].estimate.value);
  }
}

}  // namespace
}  // namespace tailbit::measure::estimates_test
