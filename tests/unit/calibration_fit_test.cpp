// Estimators against other programs: the reference values are what tests/data/calibration_references.py prints (arch
// 8.0.0, scipy 1.x, statsmodels) of the histories in configs/samples/history.
#include <cmath>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

#include "host/fit/dependence.hpp"
#include "host/fit/distributions.hpp"
#include "host/fit/garch_fit.hpp"
#include "host/fit/goodness.hpp"
#include "host/fit/joint_regime_fit.hpp"
#include "host/fit/jump_fit.hpp"
#include "host/fit/kou_fit.hpp"
#include "host/fit/ou_fit.hpp"
#include "host/fit/student_t_fit.hpp"
#include "host/io/history.hpp"
#include "io_files.hpp"

namespace tailbit::calibration_fit_test {
namespace {

constexpr double kDay = 1.0 / 365.0;

std::vector<double> sample_values(const std::string& file, const std::string& time, const std::string& column,
                                  char separator = ',') {
  SeriesSource source{test::repository() + "/configs/samples/history/" + file, time, column};
  source.separator = separator;
  Problems problems;
  const History history = read_history(source, problems);
  problems.throw_if_any();
  const Grid grid = make_grid(history.observations.front().known, history.observations.back().known, 86'400);
  return sample(history, grid, 86'400).values;
}
std::vector<double> btc_returns() { return log_changes(sample_values("btc.csv", "date", "close")); }
std::vector<double> eth_returns() { return log_changes(sample_values("eth.csv", "day", "last", ';')); }

TEST(Distributions, AreThoseOfScipy) {
  EXPECT_NEAR(fit::t_cdf(-3.7, 2.5), 0.02318478346, 1e-12);
  EXPECT_NEAR(fit::t_cdf(0.3, 40.0), 0.6171346416, 1e-10);
  EXPECT_NEAR(fit::t_quantile(1e-4, 3.2), -19.36388322, 1e-8);
  EXPECT_NEAR(fit::t_quantile(0.6, 7.0), 0.2631668614, 1e-10);
  EXPECT_NEAR(fit::incomplete_beta(0.3, 2.5, 0.5), 0.01892712407, 1e-11);
  EXPECT_NEAR(fit::chi_square_tail(31.4, 20.0), 0.05012641535, 1e-11);
  EXPECT_NEAR(fit::kolmogorov_tail(0.9), 0.3927307079, 1e-10);
  EXPECT_EQ(fit::t_cdf(1.0, std::numeric_limits<double>::infinity()), math::normal_cdf(1.0));
}

TEST(Distributions, QuantilesAreTheInverse) {
  for (const double dof : {1.7, 2.5, 4.0, 30.0, 5000.0}) {
    for (const double p : {1e-9, 1e-3, 0.2, 0.5, 0.77, 0.999})
      EXPECT_NEAR(fit::t_cdf(fit::t_quantile(p, dof), dof), p, 1e-12 + 1e-11 * p) << dof << " " << p;
  }
}

TEST(Minimum, OfRosenbrocksValleyIsFound) {
  const fit::Optimum found = fit::find_minimum(
      [](std::span<const double> x) { return std::pow(1.0 - x[0], 2) + 100.0 * std::pow(x[1] - x[0] * x[0], 2); },
      {-1.2, 1.0});
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.at[0], 1.0, 1e-4);
  EXPECT_NEAR(found.at[1], 1.0, 2e-4);
}

// Of a normal law: mean and ln deviation have the errors s / sqrt(n) and sqrt((kurtosis - 1) / (4 n)) by the sandwich.
TEST(MaximumLikelihood, ErrorsAreTheSandwich) {
  const std::vector<double> r = btc_returns();
  const fit::MaximumLikelihood found = fit::maximise_likelihood(
      [&](std::span<const double> p, std::vector<double>& each) {
        each.resize(r.size());
        for (std::size_t i = 0; i < r.size(); ++i)
          each[i] = fit::log_normal_density((r[i] - p[0]) * std::exp(-p[1])) - p[1];
      },
      [](std::span<const double> p) {
        return std::vector<double>{p[0], p[1]};
      },
      {{0.0, -3.0}});
  const double n = static_cast<double>(r.size()), deviation = std::sqrt(fit::variance_of(r));
  EXPECT_NEAR(found.natural[0], fit::mean_of(r), 1e-6);
  EXPECT_NEAR(found.natural[1], std::log(deviation), 1e-6);
  EXPECT_NEAR(found.standard_errors[0], deviation / std::sqrt(n), 1e-3 * deviation / std::sqrt(n));
  EXPECT_NEAR(found.standard_errors[1], std::sqrt((fit::kurtosis_of(r) - 1.0) / (4.0 * n)), 1e-4);
  EXPECT_NEAR(found.bic() - found.aic(), 2.0 * (std::log(n) - 2.0), 1e-9);
}

TEST(StudentTFit, IsThatOfScipy) {
  const std::vector<double> r = btc_returns();
  const fit::StudentTFit found = fit::fit_student_t(r);
  EXPECT_NEAR(found.location, -0.0004619940354, 1e-7);
  EXPECT_NEAR(found.scale, 0.02109291162, 1e-7);
  EXPECT_NEAR(found.dof, 4.105211676, 1e-4);
  EXPECT_NEAR(found.likelihood.log_likelihood, 3273.886271, 1e-5);
  const fit::Distance distance =
      fit::distance_to(r, [&](double x) { return fit::t_cdf((x - found.location) / found.scale, found.dof); });
  EXPECT_NEAR(distance.kolmogorov_smirnov.statistic, 0.01253927859, 1e-5);
  EXPECT_NEAR(distance.anderson_darling, 0.1203206853, 1e-4);
  EXPECT_THROW(fit::fit_student_t(std::vector<double>(20, 1.0)), std::invalid_argument);
}

TEST(Goodness, LjungBoxIsThatOfStatsmodels) {
  std::vector<double> squares;
  for (const double r : btc_returns()) squares.push_back(r * r);
  const fit::Test test = fit::ljung_box(squares, 20);
  EXPECT_NEAR(test.statistic, 102.5936493, 1e-6);
  EXPECT_NEAR(test.p_value, 4.313610307e-13, 1e-21);
}

// Theirs are of percent: omega in percent squared. Their first variance is of deviations from the sample's mean, ours
// from the fitted one: 0.003 of the likelihood.
TEST(GarchFit, IsThatOfArch) {
  const fit::GarchFit t = fit::fit_garch(btc_returns(), fit::GarchKind::garch, true);
  EXPECT_NEAR(t.likelihood.log_likelihood, 3311.300750, 5e-3);
  EXPECT_NEAR(1e4 * t.parameters.omega, 0.4237916531, 2e-3);
  EXPECT_NEAR(t.parameters.alpha, 0.07858296066, 1e-4);
  EXPECT_NEAR(t.parameters.beta, 0.87352737, 3e-4);
  EXPECT_NEAR(t.parameters.dof, 4.863468968, 2e-3);
  EXPECT_NEAR(1e4 * t.forecast(), 14.4558642, 0.02);
  EXPECT_NEAR(1e4 * t.errors.omega, 0.1552217238, 0.003);
  EXPECT_NEAR(t.errors.alpha, 0.01826563521, 2e-4);
  EXPECT_NEAR(t.errors.beta, 0.02905019242, 5e-4);
  EXPECT_NEAR(t.errors.dof, 0.6372762223, 0.01);
  EXPECT_FALSE(t.integrated);
  EXPECT_TRUE(std::isnan(t.errors.gamma));

  const fit::GarchFit gjr = fit::fit_garch(btc_returns(), fit::GarchKind::gjr, true);
  EXPECT_NEAR(gjr.likelihood.log_likelihood, 3311.533825, 5e-3);
  EXPECT_NEAR(gjr.parameters.gamma, -0.01920602482, 5e-4);
  EXPECT_NEAR(gjr.errors.gamma, 0.02720918095, 5e-4);

  const fit::GarchFit normal = fit::fit_garch(btc_returns(), fit::GarchKind::garch, false);
  EXPECT_NEAR(normal.likelihood.log_likelihood, 3221.362869, 5e-3);
  EXPECT_NEAR(normal.parameters.alpha, 0.05843470495, 1e-4);
  EXPECT_NEAR(normal.errors.alpha, 0.01769696514, 3e-4);
  EXPECT_TRUE(std::isinf(normal.parameters.dof));
}

TEST(GarchFit, AWarmStartEndsAtTheSame) {
  const std::vector<double> r = btc_returns();
  const std::span<const double> window(r.data() + 10, r.size() - 10);
  const fit::GarchFit before = fit::fit_garch(r, fit::GarchKind::gjr, true);
  const fit::GarchFit cold = fit::fit_garch(window, fit::GarchKind::gjr, true);
  const fit::GarchFit warm = fit::fit_garch(window, fit::GarchKind::gjr, true, &before);
  EXPECT_NEAR(warm.likelihood.log_likelihood, cold.likelihood.log_likelihood, 1e-4);
  EXPECT_NEAR(warm.parameters.beta, cold.parameters.beta, 1e-3);
}

TEST(GarchFit, AGapMovesTheVarianceByItsMean) {
  const fit::GarchParameters p{0.0, 0.1, 0.2, 0.1, 0.5};
  const fit::GarchPath path = fit::garch_path(std::vector<double>{1.0, kGap, -2.0}, p);
  EXPECT_DOUBLE_EQ(path.variances[1], 0.1 + 0.2 + 0.5 * path.variances[0]);
  EXPECT_DOUBLE_EQ(path.variances[2], 0.1 + 0.75 * path.variances[1]);
  EXPECT_DOUBLE_EQ(path.variances[3], 0.1 + 0.3 * 4.0 + 0.5 * path.variances[2]);
  EXPECT_TRUE(is_gap(path.residuals[1]));
  EXPECT_DOUBLE_EQ(path.residuals[2], -2.0 / std::sqrt(path.variances[2]));
}

TEST(GarchFit, RefusesWhatSaysNothing) {
  EXPECT_THROW(fit::fit_garch(std::vector<double>(49, 0.1), fit::GarchKind::garch, true), std::invalid_argument);
  EXPECT_THROW(fit::fit_garch(std::vector<double>(500, 0.1), fit::GarchKind::garch, true), std::invalid_argument);
}

TEST(OuFit, IsTheRegressionOfStatsmodels) {
  std::vector<double> level;
  for (const double vol : sample_values("dvol.csv", "date", "btc")) level.push_back(std::log(vol / 100.0));
  const fit::OuFit found = fit::fit_ou(level, kDay);
  const double phi = 0.9836744563, error = 0.005294850471, deviation = 0.04664353972;
  EXPECT_NEAR(found.phi, phi, 1e-9);
  EXPECT_NEAR(found.phi_error, error, 1e-9);
  EXPECT_NEAR(found.residual_deviation, deviation, 1e-9);
  EXPECT_NEAR(found.mean, -0.01176046335 / (1.0 - phi), 1e-7);
  EXPECT_NEAR(found.kappa, -std::log(phi) * 365.0, 1e-6);
  EXPECT_NEAR(found.kappa_error, error / phi * 365.0, 1e-6);
  EXPECT_NEAR(found.vol, deviation * std::sqrt(2.0 * found.kappa / (1.0 - phi * phi)), 1e-9);
  EXPECT_NEAR(found.half_life() * 365.0, std::log(2.0) / -std::log(phi), 1e-4);
}

TEST(OuFit, PairsOverGapsDoNotCount) {
  std::vector<double> x;
  for (int i = 0; i < 60; ++i) x.push_back(std::sin(static_cast<double>(i * i)));
  std::vector<double> gapped = x;
  gapped[30] = kGap;
  const fit::OuFit found = fit::fit_ou(gapped, kDay);
  EXPECT_EQ(found.observations, 57u);
  EXPECT_TRUE(is_gap(found.residuals[29]));
  EXPECT_TRUE(is_gap(found.residuals[30]));
  EXPECT_FALSE(is_gap(found.residuals[31]));
  EXPECT_THROW(fit::fit_ou(std::vector<double>(10, 1.0), kDay), std::invalid_argument);
}

TEST(OuFit, WithoutReversionItIsABrownianMotion) {
  std::vector<double> x{0.0};
  for (int i = 1; i < 100; ++i) x.push_back(1.02 * x.back() + (i % 2 == 0 ? 0.01 : 0.012));
  const fit::OuFit found = fit::fit_ou(x, kDay);
  EXPECT_EQ(found.kappa, 0.0);
  EXPECT_TRUE(std::isnan(found.mean));
  EXPECT_NEAR(found.vol, found.residual_deviation * std::sqrt(365.0), 1e-12);
}

TEST(TermDecay, IsTheRegressionOfScipy) {
  const fit::TermDecay found =
      fit::fit_term_decay(std::vector<double>{7, 30, 90, 180}, std::vector<double>{0.048, 0.024, 0.014, 0.009});
  EXPECT_NEAR(found.power, 0.5085585831, 1e-9);
  EXPECT_NEAR(found.power_error, 0.02056864309, 1e-9);
  EXPECT_NEAR(found.r_squared, 0.9967390752, 1e-9);
  EXPECT_THROW(fit::fit_term_decay(std::vector<double>{7}, std::vector<double>{0.1}), std::invalid_argument);
}

TEST(Dependence, CorrelationIsThatOfTheRowsInCommon) {
  const fit::PairwiseCorrelation found = fit::pairwise_correlation({btc_returns(), eth_returns()}, 60);
  EXPECT_NEAR(found.matrix[0][1], 0.8024119995, 1e-9);
  EXPECT_EQ(found.observations[0][1], 1494u) << "five of 1499 returns touch a day without a price";
  EXPECT_GT(found.errors[0][1], 0.005);
  EXPECT_LT(found.errors[0][1], 0.03);
}

TEST(Dependence, PairsWithFewRowsAreIndependentAndTheirErrorUnknown) {
  std::vector<double> late(1499, kGap);
  for (std::size_t t = 1450; t < late.size(); ++t) late[t] = btc_returns()[t];
  const fit::PairwiseCorrelation found = fit::pairwise_correlation({btc_returns(), late}, 60);
  EXPECT_EQ(found.matrix[0][1], 0.0);
  EXPECT_TRUE(std::isnan(found.errors[0][1]));
  EXPECT_EQ(found.observations[0][1], 49u);
}

// Weights of 0 and 1 are the rows that count; halves count for half.
TEST(Dependence, WeightsAreHowFarRowsCount) {
  const fit::Rows all{btc_returns(), eth_returns()};
  std::vector<double> chosen, halves;
  fit::Rows subset(2);
  for (std::size_t t = 0; t < all[0].size(); ++t) {
    chosen.push_back(t % 3 == 0 ? 1.0 : 0.0);
    halves.push_back(0.5);
    for (std::size_t i = 0; i < 2 && t % 3 == 0; ++i) subset[i].push_back(all[i][t]);
  }
  const auto some = fit::pairwise_correlation(subset, 60), same = fit::pairwise_correlation(all, 60, chosen);
  EXPECT_NEAR(same.matrix[1][0], some.matrix[1][0], 1e-12);
  EXPECT_NEAR(same.errors[1][0], some.errors[1][0], 1e-12);
  EXPECT_EQ(same.observations, some.observations);
  const auto whole = fit::pairwise_correlation(all, 60), half = fit::pairwise_correlation(all, 60, halves);
  EXPECT_NEAR(half.matrix[1][0], whole.matrix[1][0], 1e-12);
  EXPECT_NEAR(half.errors[1][0], whole.errors[1][0], 1e-12);
  EXPECT_EQ(half.observations[1][0], whole.observations[1][0] / 2);
}

TEST(Dependence, ShrinkageTakesFromWhatIsUncertain) {
  fit::PairwiseCorrelation pairs{
      {{1.0, 0.8, 0.4}, {0.8, 1.0, 0.0}, {0.4, 0.0, 1.0}}, {{0, 0.01, 0.3}, {0.01, 0, 0.1}, {0.3, 0.1, 0}}, {}};
  const fit::ShrunkCorrelation found = fit::shrunk(pairs);
  const double spread = (0.64 - 0.0001 + 0.16 - 0.09 - 0.01) / 3.0;
  EXPECT_NEAR(found.matrix[0][1], 0.8 * spread / (spread + 0.0001), 1e-12);
  EXPECT_NEAR(found.matrix[2][0], 0.4 * spread / (spread + 0.09), 1e-12);
  EXPECT_EQ(found.matrix[1][1], 1.0);
  // Alike errors: one intensity for all, sum of e^2 over sum of rho^2.
  pairs.errors = {{0, 0.2, 0.2}, {0.2, 0, 0.2}, {0.2, 0.2, 0}};
  EXPECT_NEAR(fit::shrunk(pairs).share, 3 * 0.04 / 0.8, 1e-12);
  // Nothing but errors.
  pairs.errors = {{0, 0.9, 0.9}, {0.9, 0, 0.9}, {0.9, 0.9, 0}};
  EXPECT_EQ(fit::shrunk(pairs).matrix[0][1], 0.0);
}

TEST(Dependence, MultivariateTIsThatOfADirectSearch) {
  fit::Rows both{btc_returns(), eth_returns()};
  for (std::size_t t = 0; t < both[0].size(); ++t) {  // theirs are whole rows
    if (is_gap(both[1][t])) both[0][t] = kGap;
  }
  const fit::MultivariateTFit found = fit::fit_multivariate_t(both);
  EXPECT_TRUE(found.converged);
  EXPECT_EQ(found.observations, 1494u);
  EXPECT_NEAR(found.correlation[0][1], 0.7947751945, 1e-5);
  EXPECT_NEAR(found.dof, 3.661469591, 1e-3);
  EXPECT_NEAR(found.log_likelihood, 7002.666922, 1e-4);
}

TEST(Dependence, CopulaIsThatOfADirectSearch) {
  const auto found = fit::fit_t_copula({btc_returns(), eth_returns()});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->observations, 1494u);
  EXPECT_NEAR(found->correlation[0][1], 0.7981761205, 1e-9);
  EXPECT_NEAR(found->dof, 3.99726854, 1e-4);
  EXPECT_NEAR(found->log_likelihood, 795.1897423, 1e-5);
  EXPECT_FALSE(fit::fit_t_copula({btc_returns()}));
}

TEST(JumpFit, IsThatOfADirectSearch) {
  const fit::JumpFit found = fit::fit_jumps(btc_returns(), kDay);
  EXPECT_NEAR(found.likelihood.log_likelihood, 3270.592004, 1e-3);
  EXPECT_NEAR(found.mean, -0.0006524325711, 2e-5);
  EXPECT_NEAR(found.vol * std::sqrt(kDay), 0.02139678981, 2e-5);
  EXPECT_NEAR(found.intensity * kDay, 0.1760081808, 2e-3);
  EXPECT_NEAR(found.jump_deviation, 0.04665121199, 2e-4);
  EXPECT_THROW(fit::fit_jumps(std::vector<double>(99, 0.1), kDay), std::invalid_argument);
}

TEST(KouFit, IsThatOfAFourierInversion) {
  const fit::KouFit found = fit::fit_kou_jumps(btc_returns(), kDay);
  EXPECT_NEAR(found.likelihood.log_likelihood, 3273.048368, 1e-3);
  EXPECT_NEAR(found.vol * std::sqrt(kDay), 0.01946258589, 2e-5);
  EXPECT_NEAR(found.intensity * kDay, 0.4976412221, 5e-3);
  EXPECT_NEAR(found.sizes.up_probability, 0.3528458768, 2e-3);
  EXPECT_NEAR(1.0 / found.sizes.up_rate, 0.02605517721, 1e-4);
  EXPECT_NEAR(1.0 / found.sizes.down_rate, 0.01867721081, 1e-4);
}

TEST(JointRegimeFit, OfOneSeriesIsThatOfStatsmodels) {
  const fit::JointRegimeFit found = fit::fit_joint_regimes({btc_returns()}, 2, false);
  const fit::JointRegimeParameters& p = found.parameters;
  EXPECT_NEAR(found.likelihood.log_likelihood, 3289.20377, 1e-3);
  EXPECT_NEAR(p.transition[0][0], 0.9699549341, 1e-3);
  EXPECT_NEAR(p.transition[1][0], 0.1264902825, 2e-3);
  EXPECT_NEAR(p.means[1][0], 0.0011709754, 5e-5);
  EXPECT_NEAR(p.deviations[0][0], 0.01 * std::sqrt(4.712568866), 2e-5);
  EXPECT_NEAR(p.deviations[1][0], 0.01 * std::sqrt(24.6024128), 1e-4);
}

TEST(JointRegimeFit, OfTwoSeriesIsThatOfADirectSearch) {
  const std::vector<double> btc = btc_returns(), eth = eth_returns();
  fit::Rows both(2);
  for (std::size_t t = 0; t < btc.size(); ++t) {
    if (is_gap(eth[t])) continue;
    both[0].push_back(btc[t]);
    both[1].push_back(eth[t]);
  }
  const fit::JointRegimeFit found = fit::fit_joint_regimes(both, 2, true);
  const fit::JointRegimeParameters& p = found.parameters;
  EXPECT_NEAR(found.likelihood.log_likelihood, 7064.856929, 2e-3);
  EXPECT_NEAR(p.deviations[0][0], 0.02653056594, 1e-4);
  EXPECT_NEAR(p.deviations[1][1], 0.05288539547, 2e-4);
  EXPECT_NEAR(p.correlations[0][1][0], 0.7853697196, 2e-3);
  EXPECT_NEAR(p.correlations[1][1][0], 0.8413860011, 2e-3);
  EXPECT_NEAR(p.transition[0][1], 0.009835116805, 5e-4);
  EXPECT_NEAR(p.transition[1][0], 0.02104127043, 1e-3);
  EXPECT_NEAR(p.dof, 4.438592719, 2e-2);
}

TEST(CommonJumps, AreThePeriodsThatSeveralJumpIn) {
  fit::JumpDiffusion a, b;
  a.probabilities = {0.9, 0.9, 0.1, 0.1, 0.8, kGap};
  b.probabilities = {0.9, 0.1, 0.1, 0.9, 0.7, 0.9};
  const fit::CommonJumps found =
      fit::common_jumps({{-0.1, 0.2, 0.0, 0.0, -0.3, kGap}, {-0.2, 0.0, 0.0, 0.1, -0.4, 0.3}}, {a, b}, kDay);
  EXPECT_EQ(found.periods, (std::vector<std::size_t>{0, 4}));
  EXPECT_EQ(found.watched, 5u);
  EXPECT_NEAR(found.means[0], -0.2, 1e-15);
  EXPECT_NEAR(found.deviations[1], 0.1, 1e-15);
  EXPECT_DOUBLE_EQ(found.shares[0], 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(found.shares[1], 0.5);
  EXPECT_NEAR(found.expected_by_chance, 5.0 * (3.0 / 5.0) * (4.0 / 6.0), 1e-12);
  EXPECT_EQ(found.correlation, 1.0) << "two periods say nothing of it";
}

}  // namespace
}  // namespace tailbit::calibration_fit_test
