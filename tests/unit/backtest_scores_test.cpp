// Scores, Diebold and Mariano's test and tests of uniformity, against scipy 1.17 and numpy.
#include <cmath>

#include <gtest/gtest.h>

#include "host/backtest/scores.hpp"
#include "host/backtest/uniformity.hpp"
#include "tailbit/math/normal.hpp"

namespace tailbit::backtest::scores_test {
namespace {

TEST(BacktestScores, AsWrittenInThePaper) {
  // FZ0 in Python with y, v, e negative for losses: of an exception, and of a day without.
  EXPECT_NEAR(fissler_ziegel_score(3.0, 2.0, 2.5, 0.025), 16.716290731874157, 1e-12);
  EXPECT_NEAR(fissler_ziegel_score(-1.0, 2.0, 2.5, 0.025), 0.7162907318741552, 1e-14);
  EXPECT_DOUBLE_EQ(quantile_score(3.0, 2.0, 0.025), 0.975);
  EXPECT_DOUBLE_EQ(quantile_score(-1.0, 2.0, 0.025), 0.075);
  EXPECT_DOUBLE_EQ(quantile_score(2.0, 2.0, 0.025), 0.0);
}

// Of standard normal losses, at equal steps of probability, the true VaR and ES have the smallest mean.
TEST(BacktestScores, AreSmallestForTheTruth) {
  constexpr double kP = 0.05, kVar = 1.6448536269514722, kEs = 2.0627128075074251;
  constexpr int kLosses = 20'000;
  const auto mean = [&](double var, double es, bool both) {
    double sum = 0.0;
    for (int i = 0; i < kLosses; ++i) {
      const double loss = math::normal_inverse_cdf((i + 0.5) / kLosses);
      sum += both ? fissler_ziegel_score(loss, var, es, kP) : quantile_score(loss, var, kP);
    }
    return sum / kLosses;
  };
  for (const double factor : {0.9, 0.97, 1.03, 1.1}) {
    EXPECT_GT(mean(factor * kVar, kEs, true), mean(kVar, kEs, true)) << factor;
    EXPECT_GT(mean(kVar, factor * kEs, true), mean(kVar, kEs, true)) << factor;
    EXPECT_GT(mean(factor * kVar, kEs, false), mean(kVar, kEs, false)) << factor;
  }
}

TEST(BacktestScores, DieboldMarianoAsInNumpy) {
  std::vector<double> differences;
  for (int i = 0; i < 150; ++i) differences.push_back(0.3 * std::sin(i) + 0.05 + (i * 37 % 11 - 5) * 0.02);
  const DieboldMariano found = diebold_mariano(differences);
  EXPECT_EQ(found.lags, 4u);
  EXPECT_NEAR(found.mean, 0.05046539413568542, 1e-14);
  EXPECT_NEAR(found.statistic, 4.886177835964147, 1e-10);
  EXPECT_NEAR(found.p_value, 1.0281234045296202e-06, 1e-15);
}

TEST(BacktestScores, DieboldMarianoOfEqualDifferences) {
  EXPECT_EQ(diebold_mariano(std::vector<double>(20, 0.0)).p_value, 1.0);
  EXPECT_EQ(diebold_mariano(std::vector<double>(20, 0.25)).p_value, 0.0);
  EXPECT_EQ(diebold_mariano({}).p_value, 1.0);
}

std::vector<double> golden_steps(double exponent) {
  std::vector<double> u;
  for (int i = 0; i < 300; ++i) u.push_back(std::pow(std::fmod(i * 0.6180339887498949 + 0.1, 1.0), exponent));
  return u;
}

// scipy.stats.chisquare of numpy.histogram(bins=15), scipy.stats.kstest, and A^2 written out in Python. p of the
// Kolmogorov-Smirnov test: 0.0836 exactly, 0.0878 of the limit without Stephens's scale.
TEST(BacktestUniformity, AsInScipy) {
  const Uniformity bent = uniformity(golden_steps(1.2));
  EXPECT_EQ(bent.histogram, (std::vector<std::uint64_t>{32, 24, 23, 21, 20, 21, 18, 19, 17, 19, 18, 17, 17, 17, 17}));
  EXPECT_NEAR(bent.chi_square, 11.3, 1e-9);
  EXPECT_NEAR(bent.chi_square_p, 0.6623244257681917, 1e-9);
  EXPECT_NEAR(bent.kolmogorov_smirnov, 0.07217253306205035, 1e-12);
  EXPECT_NEAR(bent.kolmogorov_smirnov_p, 0.08359862900462234, 0.0015);
  EXPECT_NEAR(bent.anderson_darling, 4.341791296347196, 1e-9);
  EXPECT_NEAR(bent.anderson_darling_p, 0.0059, 0.0003);
  const Uniformity even = uniformity(golden_steps(1.0));
  EXPECT_EQ(even.kolmogorov_smirnov_p, 1.0);
  EXPECT_NEAR(even.anderson_darling, 0.011616025140199326, 1e-9);
  EXPECT_NEAR(even.anderson_darling_p, 1.0, 1e-9);
}

TEST(BacktestUniformity, OfAllValuesAtAnEnd) {
  EXPECT_LT(uniformity(std::vector<double>(50, 0.0)).anderson_darling_p, 1e-4);
  EXPECT_LT(uniformity(std::vector<double>(50, 1.0)).anderson_darling_p, 1e-4);
  EXPECT_NEAR(uniformity(std::vector<double>(50, 1.0)).kolmogorov_smirnov, 1.0, 1e-14);
  EXPECT_EQ(uniformity(std::vector<double>(50, 1.0)).histogram.back(), 50u);
}

}  // namespace
}  // namespace tailbit::backtest::scores_test
