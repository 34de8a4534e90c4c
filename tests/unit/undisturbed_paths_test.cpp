// What may be added to a job without a bit of what was there before changing, whichever factors move.
#include <map>

#include <gtest/gtest.h>

#include "tests/support/moving_book.hpp"
#include "tests/support/positions.hpp"

namespace tailbit::undisturbed_paths_test {
namespace {

using test::hold;
using test::in_days;
using test::kDaySeconds;
using test::RanBook;

constexpr OptionKind kCall = OptionKind::call, kPut = OptionKind::put;

// A kind of dynamics: what it does to a job.
struct Dynamics {
  const char* name;
  void (*apply)(Inputs&);
};
void jumps(Inputs& inputs) {
  inputs.model.underlyings["AAA"].level = LevelModel{3.0, 2.0, 0.5};
  JumpSizeModel size{.kind = JumpKind::normal, .mean = -0.02, .stdev = 0.03};
  size.vol_jump = 0.1;
  inputs.model.underlyings["AAA"].jumps = {{300.0, size}};
  size.vol_jump = 0.0;
  inputs.model.common_jumps = {{200.0, 0.7, {{"AAA", size}, {"BBB", size}}}};
}
void fat_tails(Inputs& inputs) { inputs.model.student_t = StudentT{4.0, kDaySeconds / 2, {}}; }

const Dynamics kDynamics[] = {
    {"Gaussian", [](Inputs&) {}},
    {"StudentT", fat_tails},
    {"PeriodsUnlikeSteps",
     [](Inputs& i) {
       i.model.student_t = StudentT{3.0, 25'000, {}};
     }},
    // Periods must end where steps do.
    {"MovesLimited",
     [](Inputs& i) {
       i.model.student_t = StudentT{3.0, i.config.steps == 1 ? 2 * kDaySeconds : kDaySeconds, 0.02};
     }},
    {"Level",
     [](Inputs& i) {
       i.model.underlyings["AAA"].level = LevelModel{3.0, 2.0, 0.5};
     }},
    {"Skew",
     [](Inputs& i) {
       i.model.underlyings["AAA"].skew = SkewModel{2.0, 1.0};
     }},
    {"Basis",
     [](Inputs& i) {
       i.model.underlyings["AAA"].basis = BasisModel{20.0, 1.0, 0.5};
     }},
    {"Premium",
     [](Inputs& i) {
       i.model.underlyings["AAA"].premium = PremiumModel{400.0, 0.05, 0.0002};
     }},
    {"ImpliedSpotVol",
     [](Inputs& i) {
       i.model.underlyings["AAA"].spot_vol = SpotVolKind::implied;
       i.model.underlyings["AAA"].level = LevelModel{3.0, 2.0, 0.5};
     }},
    {"ImpliedAlongAStickySmile",
     [](Inputs& i) {
       i.model.underlyings["AAA"].spot_vol = SpotVolKind::implied;
       i.model.underlyings["AAA"].sticky = Sticky::strike;
     }},
    {"Jumps", jumps},
    {"JumpsOfAnImpliedSpotVol",
     [](Inputs& i) {
       jumps(i);
       i.model.underlyings["AAA"].spot_vol = SpotVolKind::implied;
     }},
    {"Garch",
     [](Inputs& i) {
       i.model.period_seconds = i.config.steps == 1 ? 2 * kDaySeconds : kDaySeconds;
       UnderlyingModel& a = i.model.underlyings["AAA"];
       a.spot_vol = SpotVolKind::garch;
       a.garch = {.omega = 0.01, .alpha = 0.3, .beta = 0.6, .gamma = 0.1};
     }},
    {"LogNormalVol",
     [](Inputs& i) {
       i.model.underlyings["AAA"].spot_vol = SpotVolKind::log_normal;
       i.model.underlyings["AAA"].log_normal = {.long_run_vol = 0.9, .kappa = 40.0, .vol_of_vol = 5.0};
     }},
    {"HestonOfStudentT",
     [](Inputs& i) {
       fat_tails(i);
       i.model.underlyings["AAA"].spot_vol = SpotVolKind::heston;
       i.model.underlyings["AAA"].heston = {.v0 = 0.25, .kappa = 9.0, .theta = 0.3, .vol_of_vol = 3.0, .rho = -0.5};
     }},
    {"Everything",
     [](Inputs& i) {
       fat_tails(i);
       test::move_everything(i);
       jumps(i);
       i.model.underlyings["AAA"].spot_vol = SpotVolKind::implied;
     }},
    {"EverythingSoldAndSticky",
     [](Inputs& i) {
       fat_tails(i);
       test::move_everything(i);
       i.model.underlyings["AAA"].sticky = Sticky::strike;
       i.config.cash_conversion = CashConversion::at_receipt;
     }},
};

struct Case {
  Dynamics dynamics;
  std::uint32_t steps;
  Precision precision;
};
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Dynamics& dynamics : kDynamics) {
    for (const std::uint32_t steps : {1u, 4u}) {
      for (const Precision precision : {Precision::double_, Precision::single})
        all.push_back({dynamics, steps, precision});
    }
  }
  return all;
}

class Undisturbed : public testing::TestWithParam<Case> {
 protected:
  // A book that looks at every factor, with something that expires inside a step.
  static Inputs book() {
    Inputs inputs = test::two_coins(200, GetParam().steps);
    inputs.config.precision = GetParam().precision;
    inputs.config.exposure_seconds = {30'000, 2 * kDaySeconds};
    inputs.market.underlyings["AAA"].funding = {FundingRule::deribit, 0.0, {}, 0.0004};
    GetParam().dynamics.apply(inputs);
    hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
    hold(inputs, "BBB", "BBB", Spot::Terms{}, 1.0);
    hold(inputs, "CALL", "AAA", European::Terms{kCall, 51'000.0, in_days(30), Settlement::usd, {}}, 2.0);
    hold(inputs, "SOON", "AAA", European::Terms{kPut, 50'500.0, in_days(0.9), Settlement::coin, {}}, 1.0);
    hold(inputs, "DIGITAL", "AAA",
         Digital::Terms{kCall, 52'000.0, in_days(12), DigitalPayoff::cash, 9000.0, UsdSettlement::usd, {}}, 1.0);
    hold(inputs, "FUTURE", "AAA", Future::Terms{in_days(40), Settlement::usd}, 0.7);
    hold(inputs, "INVERSE", "AAA", Perpetual::Terms{Settlement::coin}, 20'000.0);
    hold(inputs, "LINEAR", "AAA", Perpetual::Terms{}, -0.3);
    return inputs;
  }

  // Contract by contract, at every date that both have. The quantum follows the gross notional, so what is added is
  // small enough to leave its power of two.
  static void expect_unchanged(const Inputs& before, const Inputs& changed) {
    const RanBook a(before), b(changed);
    ASSERT_EQ(b.pnl.unit, a.pnl.unit);
    std::map<std::int64_t, std::uint32_t> node_at;
    for (std::uint32_t node = 0; node < b.pnl.nodes; ++node) node_at[b.job.node_seconds[node]] = node;
    for (std::uint32_t node = 0; node < a.pnl.nodes; ++node) {
      ASSERT_TRUE(node_at.contains(a.job.node_seconds[node]));
      for (const std::string& contract : a.job.contracts) {
        const std::string name = "instrument=" + contract;
        EXPECT_TRUE(b.quanta(name, node_at[a.job.node_seconds[node]]) == a.quanta(name, node))
            << contract << ", node " << node;
      }
    }
  }
};

TEST_P(Undisturbed, ByContractsAndTheirExpiries) {
  Inputs added = book();
  hold(added, "NEW-INSIDE", "BBB", European::Terms{kCall, 3000.0, in_days(0.7), Settlement::usd, {}}, 0.01);
  hold(added, "NEW-COIN", "AAA", European::Terms{kCall, 50'000.0, in_days(1.9), Settlement::coin, {}}, 0.001);
  hold(added, "NEW-NEIGHBOUR", "AAA",
       Digital::Terms{kPut, 50'000.0, {in_days(0.9).seconds + 1}, DigitalPayoff::asset, 1.0, UsdSettlement::usd, {}},
       0.001);
  hold(added, "NEW-END", "AAA", Future::Terms{in_days(2), Settlement::coin}, 10.0);
  hold(added, "NEW-LATER", "AAA", European::Terms{kPut, 40'000.0, in_days(90), Settlement::usd, 0.9}, 0.001);
  hold(added, "NEW-PERPETUAL", "BBB", Perpetual::Terms{}, 0.001);
  expect_unchanged(book(), added);
}

TEST_P(Undisturbed, ByGroups) {
  Inputs grouped = book();
  grouped.config.group_by = {"instrument", "desk", "family"};
  expect_unchanged(book(), grouped);
  // A second desk that holds a little of everything.
  for (const Position& held : test::rows_of(book().positions)) {
    Position more = held;
    more.desk = "another";
    more.quantity = 1e-6 * held.quantity;
    grouped.positions.push_back(more);
  }
  const RanBook alone(book()), shared(grouped);
  ASSERT_EQ(shared.pnl.unit, alone.pnl.unit);
  for (const std::string& contract : alone.job.contracts) {
    const std::string name = "instrument=" + contract;
    EXPECT_TRUE(shared.quanta(name + ",desk=", 1) == alone.quanta(name, 1)) << contract;
  }
}

TEST_P(Undisturbed, ByRevaluations) {
  Inputs added = book();
  added.config.exposure_seconds = {
      1, 3600, 30'000, kDaySeconds / 2 + 1, kDaySeconds, 2 * kDaySeconds - 1, 2 * kDaySeconds};
  expect_unchanged(book(), added);
}

TEST_P(Undisturbed, ByScenarios) {
  Inputs more = book();
  more.config.scenarios = 777;
  const RanBook few(book()), many(more);
  ASSERT_EQ(many.pnl.unit, few.pnl.unit);
  for (std::uint32_t node = 0; node < few.pnl.nodes; ++node) {
    std::vector<std::int64_t> first = many.quanta("book", node);
    first.resize(200);
    EXPECT_TRUE(first == few.quanta("book", node));
  }
}

INSTANTIATE_TEST_SUITE_P(Dynamics, Undisturbed, testing::ValuesIn(cases()), [](const auto& test) {
  return std::string(test.param.dynamics.name) + std::to_string(test.param.steps) +
         (test.param.precision == Precision::single ? "Single" : "Double");
});

// The spots are the first factors: others that a model gains leave their paths as they are.
TEST(UndisturbedSpots, ByFactorsThatJoin) {
  for (const std::uint32_t steps : {1u, 4u}) {
    for (const bool fat : {false, true}) {
      Inputs inputs = test::two_coins(300, steps);
      if (fat) fat_tails(inputs);
      inputs.config.exposure_seconds = {30'000, 2 * kDaySeconds};  // one inside a step
      hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
      hold(inputs, "BBB", "BBB", Spot::Terms{}, 1.0);
      const RanBook plain(inputs);
      for (const Dynamics& more : kDynamics) {
        Inputs joined = inputs;
        more.apply(joined);
        joined.model.student_t = inputs.model.student_t;
        const bool own_vol = joined.model.underlyings["AAA"].spot_vol != SpotVolKind::constant;
        if (own_vol || !joined.model.common_jumps.empty()) continue;
        const RanBook moved(joined);
        ASSERT_EQ(moved.pnl.unit, plain.pnl.unit);
        for (const char* coin : {"AAA", "BBB"}) {
          for (const std::uint32_t node : {0u, 1u})
            EXPECT_TRUE(moved.profit(coin, node) == plain.profit(coin, node)) << more.name << " " << coin;
        }
      }
    }
  }
}

}  // namespace
}  // namespace tailbit::undisturbed_paths_test
