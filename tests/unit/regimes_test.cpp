// Regimes and self-excitation as they are completed and compiled: long runs, tables, what correlations may say.
#include "host/compile/regimes.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "host/compile/jumps.hpp"
#include "host/fit/markov_chain.hpp"
#include "host/fit/model.hpp"

namespace tailbit::regimes_test {
namespace {

using Matrix = std::vector<std::vector<double>>;

void expect_near(const std::vector<double>& got, const std::vector<double>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-15) << i;
}

TEST(LongRun, SolvesTheChain) {
  expect_near(long_run_probabilities({{0.9, 0.1}, {0.3, 0.7}}), {0.75, 0.25});
  const Matrix p{{0.7, 0.25, 0.05}, {0.3, 0.5, 0.2}, {0.1, 0.0, 0.9}};
  const std::vector<double> pi = long_run_probabilities(p);
  ASSERT_EQ(pi.size(), 3u);
  for (int to = 0; to < 3; ++to) EXPECT_NEAR(pi[0] * p[0][to] + pi[1] * p[1][to] + pi[2] * p[2][to], pi[to], 1e-15);
}

TEST(LongRun, IsThatOfTheOnlyClassThatIsNotLeft) {
  expect_near(long_run_probabilities({{0.5, 0.4, 0.1}, {0.3, 0.6, 0.1}, {0.0, 0.0, 1.0}}), {0.0, 0.0, 1.0});
  expect_near(long_run_probabilities({{1.0, 0.0}, {0.5, 0.5}}), {1.0, 0.0});
  expect_near(long_run_probabilities({{0.2, 0.4, 0.4}, {0.0, 0.9, 0.1}, {0.0, 0.3, 0.7}}), {0.0, 0.75, 0.25});
  EXPECT_TRUE(long_run_probabilities({{1.0, 0.0}, {0.0, 1.0}}).empty());
  EXPECT_TRUE(long_run_probabilities({{0.4, 0.3, 0.3}, {0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}}).empty());
}

Model two_states(Matrix transition) {
  Model model;
  model.underlyings["BTC"].vol = 0.5;
  model.regimes =
      RegimesModel{{{.name = "calm"}, {.name = "stressed", .vol_multiplier = 2.0}}, std::move(transition), {}};
  return model;
}

TEST(Regimes, BeginInTheLongRun) {
  Model model = two_states({{0.9, 0.1}, {0.3, 0.7}});
  Problems problems;
  std::vector<std::string> warnings;
  fit_model(model, "model.json", problems, warnings);
  problems.throw_if_any();
  expect_near(model.regimes->first, {0.75, 0.25});
  Model stuck = two_states({{1.0, 0.0}, {0.0, 1.0}});
  fit_model(stuck, "model.json", problems, warnings);
  EXPECT_EQ(problems.count(), 1u);
}

// Decimals that do not quite add up to 1 do not lead to a state that cannot come.
TEST(Regimes, AreNotEnteredWithoutAProbability) {
  Model model = two_states({{0.9999995, 0.0}, {0.3, 0.7}});
  model.regimes->first = {0.9999995, 0.0};
  Paths paths;
  add_regimes(model, paths);
  EXPECT_EQ(paths.regime_probabilities, (std::vector<double>{1.0, 1.0, 0.3, 1.0, 1.0, 1.0}));
  EXPECT_EQ(paths.vol_by_regime, (std::vector<double>{1.0, 2.0}));
}

TEST(Regimes, KeepTheCorrelationOfHestonsVariance) {
  Model model = two_states({{0.9, 0.1}, {0.3, 0.7}});
  UnderlyingModel& btc = model.underlyings["BTC"];
  btc.spot_vol = SpotVolKind::heston;
  btc.heston = {.v0 = 0.3, .kappa = 9.0, .theta = 0.3, .vol_of_vol = 2.0, .rho = -0.5};
  model.underlyings["ETH"].vol = 0.6;
  model.regimes->states[1].correlation = Correlation{{"BTC.spot", "ETH.spot"}, {{1.0, 0.8}, {0.8, 1.0}}};
  Problems problems;
  std::vector<std::string> warnings;
  Model whole = model;
  fit_model(whole, "model.json", problems, warnings);
  problems.throw_if_any();
  const Correlation& of_regime = *whole.regimes->states[1].correlation;  // BTC.spot, ETH.spot, BTC.variance
  EXPECT_EQ(of_regime.matrix[0][2], -0.5);
  EXPECT_EQ(of_regime.matrix[1][2], -0.5 * 0.8);
  model.regimes->states[1].correlation = Correlation{{"BTC.spot", "BTC.variance"}, {{1.0, 0.0}, {0.0, 1.0}}};
  fit_model(model, "model.json", problems, warnings);
  ASSERT_EQ(problems.count(), 1u);
}

// Mean counts of a step by the definition, and an excess that no jump renews.
TEST(SelfExcitation, HasTheMeanOfItsStep) {
  const auto process = [](double intensity, const SelfExcitation& excitation) {
    Model model;
    model.underlyings["BTC"].jumps = {{intensity, {.stdev = 0.1}, excitation}};
    Paths paths;
    paths.step_years = 0.01;
    add_jumps(model, {{0, kNoFactor, kNoFactor, kNoFactor, kNoFactor, kNoFactor, kNoFactor}}, {{}}, paths);
    EXPECT_TRUE(paths.any_self_exciting);
    return paths.jumps[0];
  };
  const JumpProcess own = process(50.0, {0.6, 30.0, 20.0});
  const double g = 30.0 * 0.4, a = 0.6 * 30.0, d = (1.0 - std::exp(-g * 0.01)) / g;
  EXPECT_EQ(own.excess_today, 20.0);
  EXPECT_NEAR(mean_jump_count(own, 1.0, 20.0), 50.0 * (0.01 + a / g * (0.01 - d)) + 20.0 * d, 1e-14);
  EXPECT_NEAR(mean_jump_count(own, 3.0, 0.0), 150.0 * (0.01 + a / g * (0.01 - d)), 1e-14);
  EXPECT_NEAR(process(50.0, {0.6, 30.0}).excess_today, 50.0 * 0.6 / 0.4, 1e-12);
  const JumpProcess barren = process(0.0, {0.0, 0.001, 700.0});
  EXPECT_NEAR(mean_jump_count(barren, 1.0, barren.excess_today), 7.0, 1e-4);
  EXPECT_EQ(mean_jump_count(barren, 1.0, 1e9), kMostMeanCount);
}

}  // namespace
}  // namespace tailbit::regimes_test
