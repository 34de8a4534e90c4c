// Tests of exceptions: the binomial law, Kupiec's and Christoffersen's statistics and the traffic light, against scipy
// 1.17 and the Basel table.
#include <cmath>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "host/backtest/binomial.hpp"
#include "host/backtest/coverage.hpp"
#include "host/backtest/traffic_light.hpp"
#include "host/fit/distributions.hpp"

namespace tailbit::backtest::coverage_test {
namespace {

constexpr Simulations kFew{1, 2000};

void expect_near(double found, double wanted, double relative) {
  EXPECT_NEAR(found, wanted, relative * std::abs(wanted));
}

TEST(BacktestBinomial, TwoSidesAsInScipy) {
  struct Case {
    std::uint64_t n, x;
    double p, wanted;
  };
  // scipy.stats.binomtest(x, n, p).pvalue
  for (const auto& [n, x, p, wanted] :
       {Case{250, 0, 0.01, 0.18887088925855633}, Case{250, 2, 0.01, 1.0}, Case{250, 7, 0.01, 0.013701447855203663},
        Case{2190, 35, 0.01, 0.009352010551876518}, Case{2190, 10, 0.01, 0.006972224285572549},
        Case{255, 0, 0.01, 0.19168225177445766}, Case{1000, 70, 0.05, 0.005670160942551074},
        Case{1000, 36, 0.05, 0.041904731777345064}, Case{40, 40, 0.2, 1.0995116277760024e-28}}) {
    SCOPED_TRACE(testing::Message() << x << " of " << n);
    expect_near((Binomial{n, p}.two_sided_p_value(x)), wanted, 1e-9);
  }
}

TEST(BacktestBinomial, OneSideAsInScipy) {
  // scipy.stats.binom.cdf(x, n, p), .sf(x - 1, n, p)
  expect_near((Binomial{250, 0.01}.at_most(10)), 0.999946101370953, 1e-12);
  expect_near((Binomial{250, 0.01}.at_least(10)), 0.00025019006874050777, 1e-10);
  expect_near((Binomial{1'000'000, 0.01}.at_least(10'500)), 3.1585658792471077e-07, 1e-8);
  expect_near((Binomial{2190, 0.01}.at_most(0)), 2.761062061970345e-10, 1e-12);
  expect_near((Binomial{500, 0.025}.at_most(3)), 0.001414529954682271, 1e-10);
  EXPECT_EQ((Binomial{10, 0.1}.at_least(0)), 1.0);
  EXPECT_EQ((Binomial{10, 0.1}.at_least(11)), 0.0);
  EXPECT_EQ((Binomial{10, 0.1}.at_most(10)), 1.0);
  double sum = 0.0;
  for (std::uint64_t x = 0; x <= 40; ++x) sum += Binomial{40, 0.2}.probability(x);
  EXPECT_NEAR(sum, 1.0, 1e-14);
}

TEST(BacktestChiSquare, TailsAsInScipy) {
  expect_near(fit::chi_square_tail(3.8414588, 1), 0.05000000061708755, 1e-12);
  expect_near(fit::chi_square_tail(5.99, 2), 0.05003662708658629, 1e-12);
  expect_near(fit::chi_square_tail(11.07, 5), 0.050009618622405425, 1e-12);
  expect_near(fit::chi_square_tail(40.0, 19), 0.003272317118779744, 1e-12);
  expect_near(fit::chi_square_tail(0.5, 4), 0.9735009788392561, 1e-12);
  EXPECT_EQ(fit::chi_square_tail(0.0, 3), 1.0);
}

std::vector<bool> days_with(std::size_t days, std::initializer_list<std::size_t> exceptions) {
  std::vector<bool> out(days, false);
  for (const std::size_t day : exceptions) out[day] = true;
  return out;
}

TEST(BacktestCoverage, CountsPairsAndEnds) {
  const HitCounts counts = count_hits(days_with(200, {0, 1, 50, 51, 52, 120, 199}));
  EXPECT_EQ(counts.days, 200u);
  EXPECT_EQ(counts.exceptions, 7u);
  EXPECT_EQ(counts.pairs, 3u);
  EXPECT_TRUE(counts.first && counts.last);
  EXPECT_EQ(count_hits({}).days, 0u);
}

// The likelihoods written out in Python from the transition counts, p-values by scipy.stats.chi2.sf.
TEST(BacktestCoverage, RatiosOfClusteredExceptions) {
  const HitCounts hits = count_hits(days_with(200, {0, 1, 50, 51, 52, 120, 199}));
  expect_near(kupiec(hits, 0.02).statistic, 1.8807754854020757, 1e-12);
  expect_near(kupiec(hits, 0.02).asymptotic, 0.17024603494112445, 1e-12);
  expect_near(independence(hits, kFew).statistic, 14.580435761313701, 1e-12);
  const ConditionalCoverage coverage = conditional_coverage(hits, 0.02, kFew);
  expect_near(coverage.sum.statistic, 16.461211246715777, 1e-12);
  expect_near(coverage.conditional_on_first.statistic, 15.487163158688467, 1e-12);
  EXPECT_LT(coverage.sum.finite_sample, 0.01);
  EXPECT_LT(coverage.conditional_on_first.finite_sample, 0.01);
}

TEST(BacktestCoverage, WithoutAnException) {
  const HitCounts hits = count_hits(days_with(100, {}));
  expect_near(kupiec(hits, 0.02).statistic, 4.040541463503893, 1e-12);
  EXPECT_EQ(independence(hits, kFew).statistic, 0.0);
  EXPECT_EQ(independence(hits, kFew).finite_sample, 1.0);
  expect_near(conditional_coverage(hits, 0.02, kFew).conditional_on_first.statistic, 4.000136048868854, 1e-12);
}

TEST(BacktestCoverage, ExceptionsOnAllDays) {
  const HitCounts hits = count_hits(std::vector<bool>(30, true));
  expect_near(kupiec(hits, 0.02).statistic, 234.72138032568876, 1e-12);
  EXPECT_EQ(independence(hits, kFew).statistic, 0.0);
  expect_near(conditional_coverage(hits, 0.02, kFew).conditional_on_first.statistic, 226.89733431483248, 1e-12);
}

// Two exceptions in ten days: 9 of the 45 orders have them side by side, and none is likelier to a Markov chain.
TEST(BacktestCoverage, OrdersAreEquallyProbable) {
  const Simulations many{3, 40'000};
  const TestValues side_by_side = independence(count_hits(days_with(10, {4, 5})), many);
  const double sigma = std::sqrt(0.2 * 0.8 / 40'000);
  EXPECT_GT(side_by_side.statistic, 0.1);
  // Pairs at an end have another statistic: {0, 1} and {8, 9} count one transition less.
  double as_extreme = 0.0;
  for (std::size_t a = 0; a < 10; ++a) {
    for (std::size_t b = a + 1; b < 10; ++b) {
      const double other = independence(count_hits(days_with(10, {a, b})), {1, 1}).statistic;
      as_extreme += other >= side_by_side.statistic - 1e-9 ? 1.0 / 45.0 : 0.0;
    }
  }
  EXPECT_LT(as_extreme, 1.0);
  EXPECT_NEAR(side_by_side.finite_sample, as_extreme, 5.0 * sigma);
}

// Of 250 days at 99 % the likelihood ratio rejects where there is no exception, which has probability 8.1 %.
TEST(BacktestCoverage, LikelihoodRatioRejectsTooOftenOfFewDays) {
  double by_ratio = 0.0, exact = 0.0;
  for (std::uint64_t x = 0; x <= 250; ++x) {
    const TestValues values = kupiec({250, x, 0, false, false}, 0.01);
    const double probability = Binomial{250, 0.01}.probability(x);
    by_ratio += values.asymptotic < 0.05 ? probability : 0.0;
    exact += values.finite_sample < 0.05 ? probability : 0.0;
  }
  EXPECT_NEAR(by_ratio, 0.0948, 0.0001);
  EXPECT_LT(exact, 0.05);
}

TEST(BacktestTrafficLight, BaselTable) {
  std::ifstream file(std::string(TAILBIT_ORACLES) + "/basel_traffic_light.csv");
  if (!file) GTEST_SKIP() << "the oracles are not beside the repository";
  int rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#' || line[0] == 'e') continue;
    std::istringstream cells(line);
    std::vector<std::string> cell;
    for (std::string text; std::getline(cells, text, ',');) cell.push_back(text);
    const std::uint64_t x = std::stoull(cell[0]);
    const TrafficLight light = traffic_light(250, x, 0.01);
    EXPECT_NEAR((Binomial{250, 0.01}.probability(x)), std::stod(cell[1]), 1e-12);
    EXPECT_NEAR(light.cumulative, std::stod(cell[2]), 1e-12);
    EXPECT_EQ(zone_name(light.zone), cell[3]);
    EXPECT_EQ(basel_multipliers(x).market_risk, std::stod(cell[4]));
    EXPECT_EQ(basel_multipliers(x).of_1996, 3.0 + std::stod(cell[5]));
    ++rows;
  }
  EXPECT_EQ(rows, 16);
}

TEST(BacktestTrafficLight, ZonesOfOtherNumbersOfDays) {
  // Green below 95 %: of 500 days at 97.5 %, P(X <= 17) = 0.918 and P(X <= 18) = 0.9504; P(X <= 26) = 0.99980.
  EXPECT_EQ(traffic_light(500, 17, 0.025).zone, Zone::green);
  EXPECT_EQ(traffic_light(500, 18, 0.025).zone, Zone::yellow);
  EXPECT_EQ(traffic_light(500, 26, 0.025).zone, Zone::yellow);
  EXPECT_EQ(traffic_light(500, 27, 0.025).zone, Zone::red);
}

TEST(BacktestTrafficLight, Windows) {
  EXPECT_FALSE(basel_windows(days_with(249, {})));
  // Six exceptions in days 10 to 15: windows that hold five or more of them are yellow.
  const auto windows = basel_windows(days_with(300, {10, 11, 12, 13, 14, 15}));
  ASSERT_TRUE(windows);
  EXPECT_EQ(windows->exceptions, 0u);
  EXPECT_EQ(windows->yellow, 12u);  // those that begin on days 0 to 11
  EXPECT_EQ(windows->green, 39u);
  EXPECT_EQ(windows->red, 0u);
  EXPECT_EQ(windows->zone, Zone::green);
  EXPECT_EQ(windows->multipliers.market_risk, 1.5);
}

}  // namespace
}  // namespace tailbit::backtest::coverage_test
