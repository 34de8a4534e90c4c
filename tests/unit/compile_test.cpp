// What compile chooses: the quantum of the exact sums, and what it reports beside the results.
#include "host/compile/compile.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/compile/coin_cash.hpp"
#include "host/fit/correlation.hpp"
#include "host/io/problems.hpp"
#include "tests/support/positions.hpp"

namespace tailbit::compile_test {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr Timestamp kAsOf{1'767'225'600};

Inputs one_coin(std::int64_t horizon_seconds, double vol) {
  Inputs inputs;
  inputs.config.horizon_seconds = horizon_seconds;
  inputs.config.scenarios = 5000;
  inputs.config.seed = 3;
  inputs.config.exposure_seconds = {horizon_seconds};
  inputs.market.as_of = kAsOf;
  inputs.market.underlyings["COIN"].spot = 100.0;
  inputs.market.underlyings["COIN"].surface = FlatSurface{0.5};
  inputs.model.underlyings["COIN"] = {0.0, vol};
  Problems problems;
  fit_correlation(inputs.model, "test", problems);
  return inputs;
}

void hold(Inputs& inputs, const std::string& id, ContractTerms terms, double quantity,
          std::optional<double> entry_price = std::nullopt) {
  inputs.instruments.push_back({id, "COIN", 1.0, std::move(terms)});
  Position position;
  position.instrument = id;
  position.quantity = quantity;
  position.entry_price = entry_price;
  inputs.positions.push_back(position);
}

TEST(Quantum, IsTwoToTheMinus44OfThePowerOfTwoAboveTheNotional) {
  Inputs inputs = one_coin(kDay, 0.5);
  hold(inputs, "COIN", Spot::Terms{}, -1.0);
  EXPECT_EQ(compile(inputs).plan.quantum.unit, std::ldexp(1.0, 7 - 44));  // 100 < 2^7
  // 128: the power of two above it is 256
  test::edit(inputs.positions, [](std::vector<Position>& rows) { rows[0].quantity = 1.28; });
  EXPECT_EQ(compile(inputs).plan.quantum.unit, std::ldexp(1.0, 8 - 44));
}

TEST(Quantum, CountsStrikesAndCashThatExceedTheSpot) {
  Inputs inputs = one_coin(kDay, 0.5);
  hold(inputs, "PUT", European::Terms{OptionKind::put, 1e6, {kAsOf.seconds + 30 * kDay}, Settlement::usd, {}}, 1.0);
  EXPECT_EQ(compile(inputs).plan.quantum.unit, std::ldexp(1.0, 20 - 44));
  EXPECT_EQ(compile(inputs).gross_notional, 100.0);
  Inputs digital = one_coin(kDay, 0.5);
  hold(digital, "DIGITAL",
       Digital::Terms{
           OptionKind::call, 101.0, {kAsOf.seconds + kDay / 2}, DigitalPayoff::cash, 1e5, UsdSettlement::usd, {}},
       1.0);
  const CompiledJob job = compile(digital);
  EXPECT_NO_THROW(cpu::run(job.plan, {}));  // the payoff is a thousand spots
}

TEST(Quantum, LeavesRoomForGrowthOverLongHorizons) {
  Inputs inputs = one_coin(365 * kDay, 1.5);
  hold(inputs, "COIN", Spot::Terms{}, 1.0);
  const double growth = std::exp(8.0 * 1.5) / 64.0;
  EXPECT_EQ(compile(inputs).plan.quantum.unit, std::exp2(std::floor(std::log2(100.0 * growth)) + 1.0 - 44.0));
  EXPECT_NO_THROW(cpu::run(compile(inputs).plan, {}));
}

TEST(Quantum, RefusesBooksThatCannotBeSummedExactly) {
  for (const double quantity : {1e-320, 1e300}) {
    Inputs inputs = one_coin(kDay, 0.5);
    hold(inputs, "COIN", Spot::Terms{}, quantity);
    EXPECT_THROW(compile(inputs), Failure) << quantity;
  }
}

TEST(Compile, ReportsUnrealisedProfitOfWhatIsSettledToMark) {
  Inputs inputs = one_coin(kDay, 0.5);
  hold(inputs, "PERP", Perpetual::Terms{}, -3.0, 120.0);
  hold(inputs, "COIN", Spot::Terms{}, 1.0, 50.0);  // coins are not
  PositionRow unpriced = inputs.positions[0];
  unpriced.entry_price.reset();
  inputs.positions.push_back(unpriced);
  EXPECT_EQ(compile(inputs).unrealised_profit, 60.0);
}

// Q (1/entry - 1/mark) coins, which then move with the spot.
TEST(Compile, TakesWhatCoinSettledPositionsHaveEarnedAsCoins) {
  Inputs inputs = one_coin(kDay, 0.5);
  hold(inputs, "INVERSE", Perpetual::Terms{Settlement::coin}, 500.0, 80.0);
  hold(inputs, "LINEAR", Perpetual::Terms{}, 1.0, 80.0);  // settled in USD: no part of the book
  hold(inputs, "NEW", Perpetual::Terms{Settlement::coin}, 70.0);
  EXPECT_EQ(add_coin_cash(inputs), 1u);
  ASSERT_EQ(inputs.positions.size(), 4u);
  const PositionRow coins = inputs.positions[3];
  EXPECT_EQ(coins.quantity, 500.0 * (1.0 / 80.0 - 1.0 / 100.0));
  EXPECT_FALSE(coins.entry_price);
  const auto spot = std::find_if(inputs.instruments.begin(), inputs.instruments.end(),
                                 [&](const Instrument& i) { return i.id == coins.instrument; });
  ASSERT_NE(spot, inputs.instruments.end());
  EXPECT_TRUE(std::holds_alternative<Spot::Terms>(spot->terms));
  const CompiledJob job = compile(inputs);
  EXPECT_NEAR(job.unrealised_profit, 125.0 + 20.0, 1e-9);
  EXPECT_NEAR(static_cast<double>(job.base_quanta[0]) * job.plan.quantum.unit, 125.0, 1e-9);
}

TEST(Compile, RefusesABookThatNetsToNothing) {
  Inputs inputs = one_coin(kDay, 0.5);
  hold(inputs, "COIN", Spot::Terms{}, 2.0);
  PositionRow opposite = inputs.positions[0];
  opposite.quantity = -2.0;
  inputs.positions.push_back(opposite);
  EXPECT_THROW(compile(inputs), Failure);
}

TEST(FitCorrelation, NamesTheLeastEigenvalueOfWhatIsNoCorrelation) {
  Model model;
  model.underlyings = {{"A", {0.0, 1.0}}, {"B", {0.0, 1.0}}, {"C", {0.0, 1.0}}};
  model.correlation.factors = {"A.spot", "B.spot", "C.spot"};
  model.correlation.matrix = {{1.0, 0.9, -0.9}, {0.9, 1.0, 0.9}, {-0.9, 0.9, 1.0}};  // least eigenvalue 1 - 2 * 0.9
  Problems problems;
  fit_correlation(model, "model.json", problems);
  try {
    problems.throw_if_any();
    FAIL() << "it was accepted";
  } catch (const Failure& failure) {
    EXPECT_NE(std::string(failure.what()).find("least eigenvalue -0.8"), std::string::npos) << failure.what();
  }
}

}  // namespace
}  // namespace tailbit::compile_test
