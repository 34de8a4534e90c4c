// Errors from scenarios that depend on each other.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tailbit/measure/estimates.hpp"
#include "tailbit/measure/host_sample.hpp"

namespace tailbit::measure::clusters_test {
namespace {

constexpr Clusters kPairs{Clusters::Kind::pairs};
double same(double x) { return x; }

TEST(Clusters, ErrorsAreThoseOfTheirMeans) {
  const std::vector<double> losses{1.0, 3.0, 4.0, 8.0, 5.0, -5.0, 7.0, 1.0};
  // Means 2, 6, 0, 4: mean 3, squares 1 + 9 + 9 + 1 over 3 and over 4.
  EXPECT_NEAR(ClusteredLosses(losses, kPairs).mean_error(same), std::sqrt(20.0 / 12.0), 1e-15);
  // By remainder of 4: means 3, -1, 5.5, 4.5; mean 3, squares 0 + 16 + 6.25 + 2.25.
  const Clusters interleaved{Clusters::Kind::interleaved, 4};
  EXPECT_NEAR(ClusteredLosses(losses, interleaved).mean_error(same), std::sqrt(24.5 / 12.0), 1e-15);
}

// A cluster that is one scenario is what independence means.
TEST(Clusters, OfOneScenarioAreIndependent) {
  std::vector<std::int64_t> quanta;
  for (std::int64_t i = 0; i < 500; ++i) quanta.push_back(i * i * 7919 % 10007 - 5000);
  const HostSample sample(quanta);
  const ClusteredLosses clusters(sample.losses(1.0), {Clusters::Kind::interleaved, quanta.size()});
  const LevelRanks at = level_ranks(quanta.size(), make_level(0.9));
  const TailEstimate alone = tail_estimate(sample, at, 1.0), clustered = tail_estimate(sample, at, 1.0, &clusters);
  EXPECT_EQ(clustered.var, alone.var);
  EXPECT_EQ(clustered.es, alone.es);
  EXPECT_NEAR(clustered.es_se, alone.es_se, 1e-9 * alone.es_se);
  EXPECT_NEAR(*clustered.var_se, *alone.var_se, 0.2 * *alone.var_se);  // ranks: normal and binomial
  EXPECT_NEAR(moments(sample, 1.0, &clusters).mean_se, moments(sample, 1.0).mean_se, 1e-9);
  EXPECT_NEAR(*mean_of(sample, Part::positive, 100, 2.0, &clusters).se, *mean_of(sample, Part::positive, 100, 2.0).se,
              1e-9);
  const Level quarter{1, 4};
  EXPECT_NEAR(*quantile(sample, quarter, Part::whole, 3, 2.0, &clusters).se,
              *quantile(sample, quarter, Part::whole, 3, 2.0).se, 200.0);
}

TEST(Clusters, MirroredLossesHaveAMeanWithoutError) {
  std::vector<double> losses;
  for (int i = 1; i <= 100; ++i) losses.insert(losses.end(), {1.0 * i, -1.0 * i});
  EXPECT_EQ(ClusteredLosses(losses, kPairs).mean_error(same), 0.0);
}

// Student's t at 97.5 %, from tables: 2.13145 at 15 degrees of freedom, 2.03951 at 31, 1.99834 at 63, 1.96466 at 511.
TEST(Clusters, FewOfThemWidenIntervals) {
  const std::vector<double> losses(1024, 1.0);
  const auto width = [&](std::uint64_t count) {
    return ClusteredLosses(losses, {Clusters::Kind::interleaved, count}).half_width();
  };
  EXPECT_NEAR(width(16), 2.13145, 1e-4);
  EXPECT_NEAR(width(32), 2.03951, 1e-4);
  EXPECT_NEAR(width(64), 1.99834, 1e-4);
  EXPECT_NEAR(width(512), 1.96466, 1e-4);
}

// 64 losses 1 .. 64 in 16 clusters; the VaR at 75 % has rank 48.
TEST(Clusters, RanksAreAsSureAsTheShareBeyond) {
  std::vector<std::int64_t> quanta;
  for (std::int64_t i = 0; i < 64; ++i) quanta.push_back(-(i % 16 * 4 + i / 16 + 1));
  const HostSample sample(quanta);
  const ClusteredLosses clusters(sample.losses(1.0), {Clusters::Kind::interleaved, 16});
  const double error = clusters.mean_error([](double loss) { return loss > 48.0 ? 1.0 : 0.0; });
  ASSERT_GT(error, 0.0);
  const double width = clusters.half_width() * 64.0 * error;
  const TailEstimate tail = tail_estimate(sample, level_ranks(64, make_level(0.75)), 1.0, &clusters);
  EXPECT_EQ(tail.var, 48.0);
  EXPECT_EQ(*tail.var_ci95.low, std::floor(48.0 - width));
  EXPECT_EQ(*tail.var_ci95.high, std::ceil(48.0 + width));
  EXPECT_EQ(*tail.es_ci95.high, tail.es + clusters.half_width() * tail.es_se);
  // No loss bounds what lies too near an end.
  EXPECT_FALSE(clusters.interval(2, 48.0).lower);
  EXPECT_FALSE(clusters.interval(62, 48.0).upper);
  EXPECT_TRUE(clusters.interval(32, 48.0).lower && clusters.interval(32, 48.0).upper);
}

// 48 of 64 losses lie below an atom, in each cluster as many: what lies beyond VaR is the same everywhere, and still
// nothing says that it is sure.
TEST(Clusters, EqualSharesBeyondAreNoCertainty) {
  std::vector<double> losses;
  for (int i = 0; i < 64; ++i) losses.push_back(i < 48 ? i / 16 + (i % 16) / 100.0 : 9.0);
  const ClusteredLosses clusters(losses, {Clusters::Kind::interleaved, 16});
  EXPECT_EQ(clusters.mean_error([](double loss) { return loss > 2.15 ? 1.0 : 0.0; }), 0.0);
  const RankInterval ranks = clusters.interval(48, 2.15);
  EXPECT_LT(*ranks.lower, 48u);
  EXPECT_GT(*ranks.upper, 48u);
  // Where all losses are one, there is.
  const ClusteredLosses one(std::vector<double>(64, 9.0), {Clusters::Kind::interleaved, 16});
  EXPECT_EQ(*one.interval(48, 9.0).lower, 48u);
  EXPECT_EQ(*one.interval(48, 9.0).upper, 48u);
}

}  // namespace
}  // namespace tailbit::measure::clusters_test
