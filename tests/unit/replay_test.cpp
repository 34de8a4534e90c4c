// One scenario alone against the run that it is of, and factors in their standard deviations.
// Statistical tests have a fixed seed and |z| < 5.
#include "host/backend_cpu/replay.hpp"

#include <array>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/factor_scale.hpp"
#include "tests/support/positions.hpp"

namespace tailbit::replay_test {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr Timestamp kAsOf{1'767'225'600};

// Two coins over six days in four steps: a day and a half each. Every kind of factor, and contracts that expire inside
// a step and on the way, with and without a memory, in USD and in coin.
Inputs moving_world(std::uint64_t scenarios, bool with_memory = true) {
  Inputs inputs;
  inputs.config.horizon_seconds = 144 * kHour;
  inputs.config.steps = 4;
  inputs.config.scenarios = scenarios;
  inputs.config.seed = 20'260'701;
  inputs.config.group_by = {"desk"};
  inputs.config.exposure_seconds = {10 * kHour, 72 * kHour, 144 * kHour};
  inputs.market.as_of = kAsOf;
  inputs.market.underlyings["AAA"] = {50'000.0, {}, FlatSurface{0.6}, {FundingRule::binance, 0.0001, {}, 0.0005}};
  inputs.market.underlyings["BBB"] = {3000.0, {}, FlatSurface{0.7}, {}};
  UnderlyingModel a{0.3, 0.5};
  a.level = LevelModel{2.0, 1.2, 0.5};
  a.skew = SkewModel{0.0, 0.3};
  a.basis = BasisModel{30.0, 0.2, 0.0};
  a.premium = PremiumModel{200.0, 0.05, 0.001};
  inputs.model.underlyings = {{"AAA", a}, {"BBB", {-0.4, 0.8}}};
  Correlation& correlation = inputs.model.correlation;
  correlation.factors = model_factors(inputs.model);
  correlation.matrix.assign(correlation.factors.size(), std::vector<double>(correlation.factors.size(), 0.0));
  for (std::size_t i = 0; i < correlation.factors.size(); ++i) correlation.matrix[i][i] = 1.0;
  correlation.matrix[0][1] = correlation.matrix[1][0] = 0.6;

  const auto hold = [&](const std::string& id, const std::string& underlying, ContractTerms terms) {
    inputs.instruments.push_back({id, underlying, 1.0, std::move(terms)});
    for (const auto& [desk, quantity] : {std::pair("one", 3.0), std::pair("two", -1.25)}) {
      Position position;
      position.desk = desk;
      position.instrument = id;
      position.quantity = quantity;
      inputs.positions.push_back(position);
    }
  };
  const auto option = [](double strike, std::int64_t hours, Settlement settlement) {
    return European::Terms{OptionKind::call, strike, {kAsOf.seconds + hours * kHour}, settlement, {}};
  };
  hold("AAA", "AAA", Spot::Terms{});
  if (with_memory) hold("AAA-PERPETUAL", "AAA", Perpetual::Terms{Settlement::coin});
  hold("late", "AAA", option(51'000.0, 700, Settlement::coin));
  hold("soon", "BBB", option(3'100.0, 50, Settlement::usd));
  hold("step", "AAA", option(49'000.0, 72, Settlement::coin));
  return inputs;
}

void expect_same_profits(const Inputs& inputs) {
  const CompiledJob job = compile(inputs);
  const Pnl pnl = cpu::run(job.plan, {});
  for (std::uint64_t scenario = 0; scenario < inputs.config.scenarios; ++scenario) {
    const cpu::Replay replay = cpu::replay(job.plan, scenario);
    EXPECT_EQ(replay.scenario, scenario);
    ASSERT_EQ(replay.terms.size(), 10u);
    std::vector<std::int64_t> leaves(job.groups.leaves, 0);
    for (const cpu::TermSeen& term : replay.terms) {
      EXPECT_EQ(term.quantity, term.leaf == 0 ? 3.0 : -1.25);
      EXPECT_NEAR(term.quantity * term.change, static_cast<double>(term.quanta) * pnl.unit, pnl.unit);
      leaves[term.leaf] += term.quanta;
    }
    for (std::uint32_t leaf = 0; leaf < job.groups.leaves; ++leaf)
      ASSERT_EQ(leaves[leaf], pnl.row(pnl.nodes - 1, leaf)[scenario]) << scenario;
  }
}

TEST(Replay, HasTheProfitsOfTheRun) {
  Inputs inputs = moving_world(150);
  expect_same_profits(inputs);
  inputs.config.precision = Precision::single;
  expect_same_profits(inputs);
  inputs.model.underlyings["AAA"].spot_vol = SpotVolKind::implied;
  inputs.model.student_t = StudentT{4.0, 36 * kHour, 0.1};
  expect_same_profits(inputs);
  inputs.config.precision = Precision::double_;
  inputs.config.cash_conversion = CashConversion::at_receipt;
  expect_same_profits(inputs);
  UnderlyingModel& a = inputs.model.underlyings["AAA"];
  a.spot_vol = SpotVolKind::garch;
  a.vol = 0.6;
  a.garch = {.omega = 0.01, .alpha = 0.2, .beta = 0.7, .gamma = 0.1, .max_vol = {}};
  expect_same_profits(inputs);
}

TEST(Replay, CountsWhatTheRunCounts) {
  Inputs inputs = moving_world(200);
  inputs.model.student_t = StudentT{3.0, 36 * kHour, 0.05};
  inputs.model.underlyings["AAA"].skew->vol = 40.0;
  const CompiledJob job = compile(inputs);
  const Tally whole = cpu::run(job.plan, {}).tally;
  Tally sum;
  for (std::uint64_t scenario = 0; scenario < 200; ++scenario) sum += cpu::replay(job.plan, scenario).tally;
  EXPECT_GT(whole.moves_limited, 0u);
  EXPECT_GT(whole.vols_at_floor, 0u);
  EXPECT_EQ(sum.moves_limited, whole.moves_limited);
  EXPECT_EQ(sum.vols_at_floor, whole.vols_at_floor);
}

TEST(Replay, SeesStepEndsAndDatesInsideSteps) {
  Inputs inputs = moving_world(10, false);  // nothing that asks for spots at every step's end
  inputs.model.student_t = StudentT{4.0, 100 * kHour, {}};
  const CompiledJob job = compile(inputs);
  const cpu::Replay replay = cpu::replay(job.plan, 7);
  std::vector<double> hours;
  std::set<double> inside;
  for (const cpu::DateSeen& date : replay.dates) {
    hours.push_back(date.seconds / kHour);
    if (date.inside_step) inside.insert(hours.back());
    ASSERT_EQ(date.states.size(), 6u);
    EXPECT_NEAR(date.spots[0], 50'000.0 * std::exp(date.states[0]), 1e-6);
    EXPECT_NEAR(date.spots[1], 3000.0 * std::exp(date.states[1]), 1e-7);
  }
  EXPECT_EQ(hours, (std::vector<double>{10, 36, 50, 72, 108, 144}));
  EXPECT_EQ(inside, (std::set<double>{10, 50}));
  EXPECT_EQ(replay.period_variances.size(), 2u);
  EXPECT_TRUE(cpu::replay(compile(moving_world(10)).plan, 7).period_variances.empty());
}

// A spot that only jumps is, at every date, where the jumps until then have left it.
TEST(Replay, ListsTheJumps) {
  Inputs inputs = moving_world(60);
  inputs.model.underlyings["AAA"].vol = inputs.model.underlyings["AAA"].drift = 0.0;
  JumpSizeModel normal{.kind = JumpKind::normal, .mean = -0.02, .stdev = 0.05};
  normal.vol_jump = 0.1;
  const JumpSizeModel kou{.kind = JumpKind::kou, .up_probability = 0.3, .up_rate = 30.0, .down_rate = 12.0};
  const JumpSizeModel zero{.kind = JumpKind::to_zero, .recovery = 0.5};
  inputs.model.underlyings["AAA"].jumps = {{150.0, normal}, {90.0, kou}};
  inputs.model.common_jumps = {{70.0, 0.5, {{"AAA", kou}, {"BBB", zero}}}};
  expect_same_profits(inputs);
  const double per_year =
      150.0 * (std::exp(-0.02 + 0.5 * 0.05 * 0.05) - 1.0) + 160.0 * (0.3 * 30.0 / 29.0 + 0.7 * 12.0 / 13.0 - 1.0);
  const CompiledJob job = compile(inputs);
  std::array<std::size_t, 3> seen{};
  for (std::uint64_t scenario = 0; scenario < inputs.config.scenarios; ++scenario) {
    const cpu::Replay replay = cpu::replay(job.plan, scenario);
    for (const cpu::DateSeen& date : replay.dates) {
      double moved = -per_year * date.seconds / kSecondsPerYear;
      for (const cpu::JumpSeen& jump : replay.jumps) {
        if (jump.seconds <= date.seconds && job.plan.paths.jump_effects[jump.effect].spot == 0) moved += jump.log_size;
      }
      EXPECT_NEAR(date.states[0], moved, 1e-12) << scenario << " after " << date.seconds;
    }
    for (const cpu::JumpSeen& jump : replay.jumps) {
      ++seen.at(jump.process);
      if (job.plan.paths.jump_effects[jump.effect].spot == 1) {
        EXPECT_EQ(jump.log_size, math::log(0.5));
      }
    }
  }
  for (const std::size_t count : seen) EXPECT_GT(count, 30u);
}

// Of every factor at every date, over many scenarios: mean 0 and variance 1.
TEST(FactorScale, CountsInStandardDeviations) {
  constexpr std::uint64_t kScenarios = 20'000;
  const Inputs inputs = moving_world(kScenarios);
  const CompiledJob job = compile(inputs);
  const FactorScale scale(inputs, job.plan);
  std::vector<std::vector<double>> sums(6, std::vector<double>(6, 0.0)), squares = sums;  // [dates][factors]
  for (std::uint64_t scenario = 0; scenario < kScenarios; ++scenario) {
    const cpu::Replay replay = cpu::replay(job.plan, scenario);
    for (std::size_t d = 0; d < replay.dates.size(); ++d) {
      const cpu::DateSeen& date = replay.dates[d];
      for (FactorId f = 0; f < 6; ++f) {
        const double x = scale.deviations(f, date.states[f], date.seconds / kSecondsPerYear).value();
        sums[d][f] += x;
        squares[d][f] += x * x;
      }
    }
  }
  for (std::size_t d = 0; d < 6; ++d) {
    for (FactorId f = 0; f < 6; ++f) {
      EXPECT_LT(std::abs(sums[d][f]) / std::sqrt(kScenarios), 5.0) << d << " " << f;
      EXPECT_LT(std::abs(squares[d][f] / kScenarios - 1.0) / std::sqrt(2.0 / kScenarios), 5.0) << d << " " << f;
    }
  }
}

TEST(FactorScale, SimpleReturnsImpliedVolsAndFactorsThatStay) {
  Inputs inputs = moving_world(10);
  inputs.config.steps = 1;
  inputs.model.returns = Returns::simple;
  inputs.model.underlyings["AAA"].spot_vol = SpotVolKind::implied;
  inputs.model.underlyings["AAA"].skew->vol = 0.0;
  const FactorScale scale(inputs, compile(inputs).plan);
  EXPECT_STREQ(scale.unit_name(0), "implied_vol_today");
  EXPECT_STREQ(scale.unit_name(1), "own_deviation");
  EXPECT_STREQ(scale.unit_name(2), "own_deviation");
  EXPECT_FALSE(scale.deviations(3, 0.0, 0.25));  // the skew
  // A return of 2 %; today's vol at the money is 60 %, as the surface is flat.
  EXPECT_NEAR(scale.deviations(0, std::log(1.02), 0.25).value(), (0.02 - 0.3 * 0.25) / (0.6 * 0.5), 1e-12);
  EXPECT_NEAR(scale.deviations(1, std::log(1.02), 0.25).value(), (0.02 + 0.4 * 0.25) / (0.8 * 0.5), 1e-12);
  inputs.model.returns = Returns::log;
  const FactorScale of_log(inputs, compile(inputs).plan);
  EXPECT_NEAR(of_log.deviations(0, 0.02, 0.25).value(), (0.02 - (0.3 - 0.18) * 0.25) / (0.6 * 0.5), 1e-12);
}

}  // namespace
}  // namespace tailbit::replay_test
