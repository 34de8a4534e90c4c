// Contracts settled in coin against those settled in USD, and against their payoffs in whole small simulations.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "tests/support/group_profit.hpp"

namespace tailbit::coin_settled_test {
namespace {

using market::CarryCurve;
using market::UnderlyingToday;
using market::VolSurface;

constexpr std::int64_t kDay = 86'400;
constexpr Timestamp kAsOf{1'767'225'600};
constexpr OptionKind kCall = OptionKind::call, kPut = OptionKind::put;
constexpr double kSpot = 50'000.0, kForward = 50'900.0, kStrike = 48'000.0;

Timestamp after(double days) { return {kAsOf.seconds + static_cast<std::int64_t>(days * kDay)}; }
UnderlyingToday coin(double funding) {
  UnderlyingToday x{
      "X", kAsOf, kSpot, 0.03, CarryCurve({{60.0 / 365.0, std::log(kForward / kSpot)}}, 0.03), VolSurface(0.6)};
  x.funding = market::constant_funding(funding);
  return x;
}

template <class Family, class Variant>
double value_at(const typename Family::Terms& terms, const UnderlyingToday& x, double days, double spot) {
  const auto c = Family::template constants<double, Variant>(terms, x, {after(days), 0.0});
  return Family::template value<double, Variant>(c, Point<double>{std::log(spot / kSpot), spot}, NoState{});
}

// V_coin = Black76(F, K, sigma, T)/F, V_usd = V_coin S (docs/definitions, "Contracts").
TEST(CoinSettled, AnOptionIsWorthBlackOverTheForwardInCoin) {
  const UnderlyingToday x = coin(0.0);
  const double carry = std::log(kForward / kSpot) * 365.0 / 60.0;
  for (const OptionKind option : {kCall, kPut}) {
    for (const double days : {0.0, 12.0, 44.0}) {
      for (const double spot : {20'000.0, 48'500.0, 120'000.0}) {
        const European::Terms terms{option, kStrike, after(60), Settlement::coin, {}};
        const double years = (60.0 - days) / 365.0;
        const double forward = spot * std::exp(carry * years);
        const double black = European::closed_form({}, {option, forward, kStrike, years, 0.0, 0.0, 0.6}).value;
        EXPECT_NEAR((value_at<European, market::FixedVol>(terms, x, days, spot)), black / forward * spot, 1e-9);
      }
    }
  }
}

TEST(CoinSettled, WhatAFuturePays) {
  const UnderlyingToday x = coin(0.0);
  const Future::Terms linear{after(60), Settlement::usd}, inverse{after(60), Settlement::coin};
  const double carry = std::log(kForward / kSpot) * 365.0 / 60.0;
  EXPECT_NEAR(Future::mark_today(linear, x), kForward, 1e-9);
  EXPECT_NEAR((value_at<Future, Plain>(linear, x, 0.0, kSpot)), 0.0, 1e-9);
  EXPECT_NEAR((value_at<Future, Plain>(inverse, x, 0.0, kSpot)), 0.0, 1e-15);
  const double mark = 44'000.0 * std::exp(carry * 50.0 / 365.0);  // ten days on
  EXPECT_NEAR((value_at<Future, Plain>(linear, x, 10.0, 44'000.0)), mark - kForward, 1e-9);
  EXPECT_NEAR((value_at<Future, Plain>(inverse, x, 10.0, 44'000.0)), (1.0 / kForward - 1.0 / mark) * 44'000.0, 1e-14);
}

// Per USD of an inverse perpetual: -f dt / M coins a step on the mark of its start, and all coins valued in the end.
TEST(CoinSettled, APerpetualPaysItsMoveAndFundingInCoin) {
  using P = Perpetual;
  const UnderlyingToday x = coin(0.0002);
  const P::Terms terms{Settlement::coin};
  EXPECT_EQ(P::variant(terms, coin(0.0)), 0u);
  EXPECT_EQ(P::variant(terms, x), 3u);
  using V = P::FundedInCoin;
  const double eight_hours = 8.0 * 3600.0 / kSecondsPerYear;
  const auto observation = P::observation(terms, x, eight_hours);
  auto state = P::initial_state<V>(terms, x);
  P::observe(observation, {0.0, 40'000.0, 0.0}, state);  // pays on 50,000
  P::observe(observation, {0.0, 45'000.0, 0.0}, state);  // pays on 40,000
  const double coins = -0.0002 / 50'000.0 - 0.0002 / 40'000.0;
  EXPECT_NEAR(state.received, coins, 1e-22);
  const auto later = P::constants<double, V>(terms, x, {after(1), 0.5 * eight_hours});  // 45,000 at half the rate
  EXPECT_NEAR((P::value<double, V>(later, ForwardPoint<double>{0.0, 60'000.0, 1.0, 1.0, 0.0}, state)),
              (1.0 / 50'000.0 - 1.0 / 60'000.0 + coins - 0.0001 / 45'000.0) * 60'000.0, 1e-15);
  const auto plain = P::constants<double, Plain>(terms, x, {after(1), 0.0});
  EXPECT_NEAR((P::value<double, Plain>(plain, Point<double>{0.0, 40'000.0}, NoState{})),
              (1.0 / 50'000.0 - 1.0 / 40'000.0) * 40'000.0, 1e-15);
}

TEST(CoinSettled, FundingStaysFiniteAsTheSpotVanishes) {
  using P = Perpetual;
  using V = P::FundedInCoin;
  const UnderlyingToday x = coin(0.0002);
  const P::Terms terms{Settlement::coin};
  const double eight_hours = 8.0 * 3600.0 / kSecondsPerYear;
  auto state = P::initial_state<V>(terms, x);
  const double nearly_nothing = spot_of(kSpot, -2000.0);
  EXPECT_GT(nearly_nothing, 0.0);
  EXPECT_EQ(spot_of(kSpot, -690.0), nearly_nothing);
  for (int step = 0; step < 3; ++step)
    P::observe(P::observation(terms, x, eight_hours), {-2000.0, nearly_nothing, 0.0}, state);
  const auto later = P::constants<double, V>(terms, x, {after(1), 0.0});
  const double value = P::value<double, V>(later, ForwardPoint<double>{-2000.0, nearly_nothing, 1.0, 1.0, 0.0}, state);
  EXPECT_NEAR(value, -1.0 - 2 * 0.0002, 1e-9);  // per USD: the USD itself, and two steps' funding at that mark
}

class Book {
 public:
  explicit Book(Precision precision = Precision::double_) {
    inputs_.config.horizon_seconds = 2 * kDay;
    inputs_.config.steps = 4;
    inputs_.config.scenarios = 300;
    inputs_.config.seed = 9;
    inputs_.config.precision = precision;
    inputs_.config.exposure_seconds = {kDay + kDay / 6, 2 * kDay};  // the first lies inside a step
    inputs_.config.group_by = {"instrument"};
    inputs_.market.as_of = kAsOf;
    inputs_.market.usd_rate = 0.03;
    inputs_.market.underlyings["X"] = {kSpot, {{after(60), kForward}}, FlatSurface{0.6}, {}};
    inputs_.model.underlyings = {{"X", {0.3, 0.8}}};
    inputs_.model.correlation.factors = {"X.spot"};
    inputs_.model.correlation.matrix = {{1.0}};
  }
  void hold(const std::string& id, ContractTerms terms, double quantity) {
    inputs_.instruments.push_back({id, "X", 1.0, std::move(terms)});
    Position position;
    position.instrument = id;
    position.quantity = quantity;
    inputs_.positions.push_back(position);
  }
  void run() {
    job_ = compile(inputs_);
    pnl_ = cpu::run(job_.plan, {});
  }
  std::vector<double> profit(const std::string& group, std::uint32_t node) const {
    std::vector<double> out;
    for (const Group& g : job_.groups.groups) {
      if (g.name != group) continue;
      for (const std::int64_t q : test::group_profit(pnl_, node, g)) out.push_back(static_cast<double>(q) * pnl_.unit);
    }
    return out;
  }
  double base(const std::string& group) const {
    for (const Group& g : job_.groups.groups) {
      if (g.name == group) return static_cast<double>(job_.base_of(g)) * pnl_.unit;
    }
    return std::nan("");
  }

 private:
  Inputs inputs_;
  CompiledJob job_;
  Pnl pnl_;
};

// A call less a put is the coin less its strike, which an inverse future pays: in every scenario, before the expiry and
// after it, when the coins paid then are worth today's spot.
TEST(CoinSettled, PutCallParityHoldsInEveryScenario) {
  for (const double days : {0.8, 2.0, 30.0}) {
    for (const Precision precision : {Precision::double_, Precision::single}) {
      Book book(precision);
      const double mark = kSpot * std::pow(kForward / kSpot, days / 60.0);
      book.hold("CALL", European::Terms{kCall, kStrike, after(days), Settlement::coin, {}}, 1.0);
      book.hold("PUT", European::Terms{kPut, kStrike, after(days), Settlement::coin, {}}, -1.0);
      book.hold("FUTURE", Future::Terms{after(days), Settlement::coin}, -kStrike);
      book.hold("COIN", Spot::Terms{}, kStrike / mark - 1.0);
      book.run();
      for (std::uint32_t node = 0; node < 2; ++node) {
        for (const double profit : book.profit("book", node))
          EXPECT_NEAR(profit, 0.0, precision == Precision::double_ ? 1e-6 : 0.2) << days;
      }
    }
  }
}

// The spot of the expiry is known from what a linear future pays.
TEST(CoinSettled, CoinsPaidAtTheExpiryAreHeld) {
  Book book;
  const double mark = kSpot * std::pow(kForward / kSpot, 0.8 / 60.0);
  book.hold("LINEAR", Future::Terms{after(0.8), Settlement::usd}, 1.0);
  book.hold("INVERSE", Future::Terms{after(0.8), Settlement::coin}, 5000.0);
  book.hold("COIN", Spot::Terms{}, 1.0);
  book.hold("PUT", European::Terms{kPut, kStrike, after(0.8), Settlement::coin, {}}, 1.0);
  book.run();
  int in_the_money = 0;
  for (std::uint32_t node = 0; node < 2; ++node) {
    const auto linear = book.profit("instrument=LINEAR", node), inverse = book.profit("instrument=INVERSE", node);
    const auto held = book.profit("instrument=COIN", node), put = book.profit("instrument=PUT", node);
    for (std::size_t s = 0; s < linear.size(); ++s) {
      const double at_expiry = linear[s] + mark, now = held[s] + kSpot;
      EXPECT_NEAR(inverse[s], 5000.0 * (1.0 / mark - 1.0 / at_expiry) * now, 1e-7);
      const double paid = std::max(kStrike - at_expiry, 0.0) / at_expiry * now;
      EXPECT_NEAR(put[s] + book.base("instrument=PUT"), paid, 1e-7);
      in_the_money += paid > 0.0;
    }
  }
  EXPECT_GT(in_the_money, 50);
}

}  // namespace
}  // namespace tailbit::coin_settled_test
