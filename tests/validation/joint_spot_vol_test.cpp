// Options under joint moves of spot and vol: whole runs against exact VaR and ES by integration over both factors, and
// every value of a path against the definitions. Z-tests at 5 standard errors, some 200 of them: false alarms below
// 1e-3 for the file if the random numbers change.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/joint_losses.hpp"
#include "tests/support/vol_world.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::joint_spot_vol_test {
namespace {

using test::Factors;
using test::JobText;
using test::kDay;
using test::Ornstein;
using test::VolOption;
using test::VolWorld;

constexpr double kHorizon = 5.0 * kDay, kRho = -0.6;
const std::vector<double> kLevels{0.95, 0.99, 0.999};

enum class Second { level, skew, basis };  // the factor beside the spot

struct Case {
  std::string name;
  VolWorld world;
  Second second;
  std::vector<std::pair<VolOption, double>> legs;
  double spots;  // held beside
  std::uint32_t steps;
};

VolWorld with_level(double kappa, double decay, bool smile = false, bool sticky_strike = false) {
  VolWorld world;
  world.level = {kappa, 1.8};
  world.level_decay = decay;
  world.sticky_strike = sticky_strike;
  if (smile) world.slices = test::kTwoSlices;
  return world;
}
VolWorld with_skew(double kappa) {
  VolWorld world;
  world.skew = {kappa, 0.9};
  world.slices = test::kTwoSlices;
  return world;
}
VolWorld with_basis() {
  VolWorld world;
  world.basis = {10.0, 1.5};
  world.basis_decay = 0.5;
  return world;
}

std::vector<Case> cases() {
  const double month = 30.0 * kDay, week = 10.0 * kDay, quarter = 90.0 * kDay;
  const VolOption own{"call", 100.0, month, 0.8}, far_own{"put", 95.0, quarter, 0.9};
  const VolOption call{"call", 105.0, month}, put{"put", 92.0, week}, coin{"put", 98.0, quarter, 0.0, true};
  return {{"short_call", with_level(0.0, 0.0), Second::level, {{own, -1.0}}, 0.0, 1},
          {"short_call_reverting_in_steps", with_level(40.0, 0.0), Second::level, {{own, -1.0}}, 0.0, 4},
          {"long_put_decayed", with_level(0.0, 0.5), Second::level, {{far_own, 1.0}}, 0.0, 1},
          {"hedged_calendar", with_level(40.0, 0.5), Second::level, {{own, -2.0}, {far_own, 1.5}}, 1.6, 3},
          {"flat_surface", with_level(15.0, 0.5), Second::level, {{put, -1.0}, {call, -1.0}}, 0.2, 1},
          {"smile_sticky_moneyness", with_level(0.0, 0.5, true), Second::level, {{put, -1.0}, {call, -1.0}}, 0.2, 1},
          {"smile_sticky_strike", with_level(0.0, 0.5, true, true), Second::level, {{put, -1.0}, {call, -1.0}}, 0.2, 1},
          {"coin_settled", with_level(20.0, 0.25, true), Second::level, {{coin, -1.0}}, 0.0, 1},
          {"risk_reversal_on_skew", with_skew(0.0), Second::skew, {{put, -1.0}, {call, 1.0}}, -0.6, 1},
          {"wings_on_reverting_skew", with_skew(60.0), Second::skew, {{put, 2.0}, {call, -1.0}}, 0.0, 2},
          {"forward_moved_by_basis", with_basis(), Second::basis, {{coin, 1.0}, {far_own, -1.0}}, 0.0, 2}};
}

const Ornstein& law_of(const Case& c) {
  return c.second == Second::level ? c.world.level : c.second == Second::skew ? c.world.skew : c.world.basis;
}

double loss(const Case& c, double z1, double z2) {
  const VolWorld& w = c.world;
  const double spot = w.spot * std::exp((w.drift - 0.5 * w.vol * w.vol) * kHorizon + w.vol * std::sqrt(kHorizon) * z1);
  Factors now{spot};
  const double x = std::sqrt(law_of(c).variance(kHorizon)) * z2;
  (c.second == Second::level ? now.level : c.second == Second::skew ? now.skew : now.basis) = x;
  double sum = c.spots * (w.spot - spot);
  for (const auto& [leg, quantity] : c.legs) sum += quantity * (w.value_today(leg) - w.value(leg, now, kHorizon));
  return sum;
}

class JointMoves : public testing::TestWithParam<std::size_t> {};

TEST_P(JointMoves, MeetTheExactTail) {
  const Case c = cases()[GetParam()];
  JobText job(kHorizon, 300'000, 51, c.steps);
  job.run["levels"] = kLevels;
  c.world.describe(job);
  const char* second = c.second == Second::level ? "XYZ.vol" : c.second == Second::skew ? "XYZ.skew" : "XYZ.basis";
  job.correlate({"XYZ.spot", second}, {{1.0, kRho}, {kRho, 1.0}});
  for (std::size_t i = 0; i < c.legs.size(); ++i)
    VolWorld::hold(job, "leg" + std::to_string(i), c.legs[i].first, c.legs[i].second);
  if (c.spots != 0.0) job.hold("XYZ", c.spots);
  const test::Ran ran = test::run_text(job);
  const Ornstein& law = law_of(c);
  const double rho = kRho * law.vol * law.decayed(kHorizon) / std::sqrt(kHorizon * law.variance(kHorizon));
  const test::JointLosses exact([&](double z1, double z2) { return loss(c, z1, z2); }, rho);
  test::expect_mean(ran.book(), exact.mean(), exact.stdev());
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    const test::ExactTail tail = exact.tail(kLevels[i]);
    test::expect_tail(ran.book(), kLevels[i], tail);
    test::expect_reported(ran.summary["measures"][i], ran.book(), tail);
  }
}
INSTANTIATE_TEST_SUITE_P(Books, JointMoves, testing::Range(std::size_t{0}, cases().size()),
                         [](const auto& test) { return cases()[test.param].name; });

const std::vector<double> kTenors{25.0, 30.0, 60.0, 180.0, 365.0};  // days

// E[sigma_t] = sigma_0 at every tenor, and ln sigma_t has the variance d^2 v(t).
TEST(JointMovesOfVols, EveryVolKeepsItsMean) {
  const double t = 10.0 * kDay, sigma = 0.8;
  for (const double decay : {0.0, 0.5}) {
    for (const double kappa : {0.0, 8.0}) {
      VolWorld world = with_level(kappa, decay);
      world.vol = 0.1;  // so that every option keeps a vega to infer its vol from
      JobText job(t, 100'000, 52, 2);
      world.describe(job);
      job.correlate({"XYZ.spot", "XYZ.vol"}, {{1.0, kRho}, {kRho, 1.0}});
      job.hold("XYZ", 1.0);
      for (const double days : kTenors)
        VolWorld::hold(job, std::to_string(int(days)), {"call", 100.0, days * kDay, sigma}, 1.0);
      const test::Simulated ran = test::simulate_text(job);
      for (const double days : kTenors) {
        const double expiry = days * kDay, left = expiry - t;
        const double today = world.value_today({"call", 100.0, expiry, sigma});
        std::vector<double> vols, logs;
        for (std::size_t i = 0; i < 100'000; ++i) {
          const double forward = (100.0 + ran.of("XYZ")[i]) * std::exp(world.rate * left);
          const double value = (today + ran.of(std::to_string(int(days)))[i]) * std::exp(world.rate * left);
          vols.push_back(test::implied_vol("call", forward, 100.0, left, value, sigma));
          logs.push_back(std::log(vols.back() / sigma));
        }
        const double variance = std::pow(30.0 / days, 2.0 * decay) * world.level.variance(t);
        const std::string what = std::to_string(int(days)) + " days, decay " + std::to_string(decay);
        test::expect_mean(vols, sigma, sigma * std::sqrt(std::expm1(variance)), "vol of " + what);
        test::expect_mean(logs, -0.5 * variance, std::sqrt(variance), "log vol of " + what);
        test::expect_variance(logs, -0.5 * variance, variance, "variance of " + what);
      }
    }
  }
}

// All factors at once, path by path: what spot, level, skew and basis were is read off four contracts, and every other
// value of the path must follow from the definitions.
void expect_values_by_definition(VolWorld world) {
  world.level = {10.0, 1.5};
  world.skew = {20.0, 0.4};
  world.basis = {5.0, 1.0};
  world.level_decay = 0.5;
  world.basis_decay = 0.25;
  const double expiry = 60.0 * kDay, left = expiry - kHorizon;
  JobText job(kHorizon, 2'000, 53, 2);
  world.describe(job);
  job.correlate({"XYZ.spot", "XYZ.vol", "XYZ.skew", "XYZ.basis"},
                {{1.0, -0.5, 0.2, 0.3}, {-0.5, 1.0, 0.1, 0.2}, {0.2, 0.1, 1.0, -0.1}, {0.3, 0.2, -0.1, 1.0}});
  const VolOption own{"call", 100.0, expiry, 0.8}, wing{"put", 70.0, expiry};
  job.hold("XYZ", 1.0);
  job.define(test::future("future", "XYZ", expiry), 1.0);
  VolWorld::hold(job, "own", own, 1.0);
  VolWorld::hold(job, "wing", wing, 1.0);
  std::vector<VolOption> others;
  for (const double days : {9.0, 14.0, 45.0, 60.0, 90.0, 200.0}) {
    for (const double strike : {80.0, 97.0, 120.0}) {
      others.push_back({strike < 100.0 ? "put" : "call", strike, days * kDay, strike == 97.0 ? 0.7 : 0.0});
      others.push_back({strike < 100.0 ? "call" : "put", strike, days * kDay, 0.0, true});
    }
  }
  for (std::size_t o = 0; o < others.size(); ++o) VolWorld::hold(job, "other" + std::to_string(o), others[o], 1.0);
  const test::Simulated ran = test::simulate_text(job);
  const double growth = std::exp(world.rate * left);
  for (std::size_t i = 0; i < 2'000; ++i) {
    Factors now{world.spot + ran.of("XYZ")[i]};
    const double forward = world.spot * std::exp(world.rate * expiry) + ran.of("future")[i];
    now.basis = (std::log(forward / now.spot) / left - world.rate) / VolWorld::term_scale(expiry, world.basis_decay);
    const double d = VolWorld::term_scale(expiry, world.level_decay);
    const auto vol_of = [&](const VolOption& o, const std::string& id, double guess) {
      const double value = (world.value_today(o) + ran.of(id)[i]) * growth;
      return test::implied_vol(o.kind, forward, o.strike, left, value, guess);
    };
    now.level = std::log(vol_of(own, "own", 0.8) / 0.8) / d + 0.5 * d * world.level.variance(kHorizon);
    const double unskewed = world.vol_then(wing, now, kHorizon);
    now.skew =
        (vol_of(wing, "wing", unskewed) - unskewed) / std::log(70.0 / forward) / VolWorld::term_scale(expiry, 0.5);
    for (std::size_t o = 0; o < others.size(); ++o) {
      const double profit = world.value(others[o], now, kHorizon) - world.value_today(others[o]);
      ASSERT_NEAR(ran.of("other" + std::to_string(o))[i], profit, 1e-7)
          << "scenario " << i << ", " << others[o].kind << " " << others[o].strike << " in " << others[o].expiry / kDay;
    }
  }
}
TEST(JointMovesOfVols, ValuesFollowFromTheFactorsOnAFlatSurface) { expect_values_by_definition({}); }
TEST(JointMovesOfVols, ValuesFollowFromTheFactorsStickyMoneyness) {
  VolWorld world;
  world.slices = test::kTwoSlices;
  expect_values_by_definition(world);
}
TEST(JointMovesOfVols, ValuesFollowFromTheFactorsStickyStrike) {
  VolWorld world;
  world.slices = test::kTwoSlices;
  world.sticky_strike = true;
  expect_values_by_definition(world);
}

}  // namespace
}  // namespace tailbit::joint_spot_vol_test
