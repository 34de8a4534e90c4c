// Tests of expected shortfall: tail laws against scipy 1.17, Acerbi and Szekely's critical values, Du and Escanciano's
// statistics against numpy.
#include <cmath>

#include <gtest/gtest.h>

#include "host/backtest/acerbi_szekely.hpp"
#include "host/backtest/du_escanciano.hpp"
#include "host/backtest/tail_law.hpp"

namespace tailbit::backtest::shortfall_test {
namespace {

// scipy.stats.norm, .t: isf, and the closed form of the mean beyond it, scaled to variance 1.
TEST(BacktestTailLaw, AsInScipy) {
  struct Case {
    double dof, p, var, es;
    std::vector<double> excesses;  // at 0.9, 0.5, 0.1, 1e-3, 1e-9
  };
  const std::vector<Case> cases{
      {kNormalDof,
       0.025,
       1.9599639845400545,
       2.337802792201413,
       {0.11827921409569885, 0.7448645754703227, 2.241881370118403, 5.546447199411564, 12.203542275852316}},
      {3,
       0.025,
       1.837386231037079,
       2.9096046369373423,
       {0.07493386468419155, 0.5352802036254093, 2.2997079705951418, 17.293003890918243, 1900.7790151974255}},
      {10,
       0.025,
       1.9929079745398615,
       2.5213880963650284,
       {0.10499961409649128, 0.6865059907562601, 2.2903399099392954, 7.664535180897089, 45.82244550147908}},
      {5,
       0.01,
       2.6064635693842795,
       3.448836760048019,
       {0.08942759419414763, 0.6135296817504295, 2.325058937915923, 11.201778825770157, 225.47137313749025}},
      {2.5,
       0.01,
       2.3939840948021347,
       4.0657775735052715,
       {0.06567932586849672, 0.48434961238723656, 2.2655242003582026, 22.013057121354336, 5888.441775274424}}};
  const std::vector<double> at{0.9, 0.5, 0.1, 1e-3, 1e-9};
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << "dof " << c.dof << ", p " << c.p);
    const TailLaw law(c.dof, c.p);
    EXPECT_NEAR(law.var(), c.var, 1e-9);
    EXPECT_NEAR(law.shortfall(), c.es, 1e-9);
    for (std::size_t i = 0; i < at.size(); ++i)
      EXPECT_NEAR(law.excess(at[i]), c.excesses[i], 1e-6 * (1.0 + c.excesses[i])) << at[i];
  }
  EXPECT_NEAR(TailLaw(5.0, 0.2).excess(std::nextafter(1.0, 0.0)), 0.0, 1e-6);
  EXPECT_TRUE(std::isfinite(TailLaw(kNormalDof, 0.2).excess(0x1p-53)));
}

TEST(BacktestShortfall, StatisticsByHand) {
  // p = 0.2, five days, exceptions of 1.5 and 1 times ES.
  const std::vector<ShortfallDay> days{{3, 1, 2}, {1, 1, 2}, {4, 2, 4}, {-5, 1, 2}, {0, 1, 2}};
  const ShortfallStatistics z = shortfall_statistics(days, 0.2);
  EXPECT_DOUBLE_EQ(*z.z1, 1.0 - 2.5 / 2.0);
  EXPECT_DOUBLE_EQ(z.z2, 1.0 - 2.5 / (5 * 0.2));
  const ShortfallStatistics none = shortfall_statistics({{0, 1, 2}}, 0.2);
  EXPECT_FALSE(none.z1);
  EXPECT_DOUBLE_EQ(none.z2, 1.0);
}

// The forecast is the law itself: days of which the p-value at a value is P(Z2 <= value).
double probability_below(double dof, double value) {
  const TailLaw law(dof, 0.025);
  const std::vector<ShortfallDay> days(250, {0.0, law.var(), law.shortfall()});
  const std::vector<const TailLaw*> laws(days.size(), &law);
  return shortfall_p_values({std::nullopt, value}, days, 0.025, laws, {11, 100'000}).z2;
}

// Critical values at 5 % and 0.01 % of 250 days at 97.5 % (Acerbi and Szekely 2014, table 3: -0.70 and -1.8 for a
// normal law; -0.71 and -1.86 with 10, -0.82 and -4.8 with 3 degrees of freedom). Printed to two digits, hence the
// bounds; the simulation's own error is 0.0007 at 5 %, and 0.00003 at 0.01 %, five of which are allowed.
TEST(BacktestShortfall, CriticalValues) {
  EXPECT_NEAR(probability_below(kNormalDof, -0.70), 0.05, 0.0055);
  EXPECT_NEAR(probability_below(10.0, -0.71), 0.05, 0.0055);
  EXPECT_NEAR(probability_below(3.0, -0.82), 0.05, 0.0055);
  EXPECT_NEAR(probability_below(kNormalDof, -1.84), 0.0001, 0.00016);
  EXPECT_NEAR(probability_below(3.0, -4.8), 0.0001, 0.00016);
}

// Days whose VaR and ES differ: the mean of Z2 over the law is 0, whatever their ratio. Of 100,000 simulations of 200
// days with p = 5 %, Z2 has a deviation of some 0.4; its median lies a little above its mean.
TEST(BacktestShortfall, TheLawIsThatOfEachDaysForecast) {
  const TailLaw law(4.0, 0.05);
  std::vector<ShortfallDay> days;
  for (int i = 0; i < 200; ++i) days.push_back({0.0, i % 2 == 0 ? 1.0 : 3.0, i % 2 == 0 ? 1.1 : 12.0});
  const std::vector<const TailLaw*> laws(days.size(), &law);
  const auto below = [&](double value) { return shortfall_p_values({value, value}, days, 0.05, laws, {5, 20'000}).z2; };
  // The mean as the integral of P(Z > z) for z > 0 less that of P(Z <= z) for z < 0; Z2 lies below 1.
  double mean = 0.0;
  constexpr double kStep = 0.05;
  for (double z = 0.5 * kStep; z < 1.0; z += kStep) mean += kStep * (1.0 - below(z));
  for (double z = -0.5 * kStep; z > -8.0; z -= kStep) mean -= kStep * below(z);
  EXPECT_NEAR(mean, 0.0, 0.02);
}

TEST(BacktestShortfall, Z1IsGivenAnException) {
  const TailLaw law(kNormalDof, 0.01);
  // One exception is expected in 100 days, so over a third of the simulations have none.
  const std::vector<ShortfallDay> days(100, {0.0, law.var(), law.shortfall()});
  const std::vector<const TailLaw*> laws(days.size(), &law);
  const ShortfallPValues highest = shortfall_p_values({1.0, 1.0}, days, 0.01, laws, {1, 10'000});
  EXPECT_EQ(highest.z1, 1.0);
  EXPECT_EQ(highest.z2, 1.0);
  EXPECT_FALSE(shortfall_p_values({std::nullopt, 1.0}, days, 0.01, laws, {1, 100}).z1);
}

TEST(BacktestCumulativeViolations, AsInNumpy) {
  // u = ((0.7548776662466927 i + 0.05) mod 1)^0.9, p = 0.1: H, its mean and its autocovariances by numpy slices.
  std::vector<double> u;
  for (int i = 0; i < 400; ++i) u.push_back(std::pow(std::fmod(i * 0.7548776662466927 + 0.05, 1.0), 0.9));
  const CumulativeViolations found = cumulative_violations(u, 0.1, {1, 2000});
  EXPECT_NEAR(found.unconditional.statistic, -2.015993526666555, 1e-9);
  EXPECT_NEAR(found.unconditional.asymptotic, 0.04380065269702108, 1e-9);
  EXPECT_NEAR(found.conditional.statistic, 144.34592456283852, 1e-7);
  EXPECT_LT(found.conditional.asymptotic, 1e-20);
  EXPECT_LT(found.conditional.finite_sample, 0.001);
  // 2,000 simulations: five deviations.
  EXPECT_NEAR(found.unconditional.finite_sample, 0.044, 0.023);
}

}  // namespace
}  // namespace tailbit::backtest::shortfall_test
