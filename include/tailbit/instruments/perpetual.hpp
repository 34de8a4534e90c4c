// Perpetual: settled to mark at as_of, so worth nothing now. Its mark is M = S exp(premium).
//
// Settled in USD ("linear", quantity in coin): pays q (M_h - M_0), and funding on the way in USD. Settled in coin
// ("inverse", quantity in USD): pays Q (1/M_0 - 1/M_h) coins, and funding in coins, which are held and valued at S_h or
// sold when they are received.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/core/type_list.hpp"
#include "tailbit/instruments/point.hpp"
#include "tailbit/instruments/terms.hpp"
#include "tailbit/market/underlying.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

struct Perpetual {
  static constexpr const char* name = "perpetual";

  struct Terms {
    Settlement settlement = Settlement::usd;
  };
  template <class Visitor, class T>
  static void fields(Visitor&& visit, T& terms) {
    visit.defaulted("settlement", terms.settlement);
  }

  // USD per unit of quantity.
  static double notional(const Terms& terms, double spot) { return coin_settled(terms) ? 1.0 : spot; }
  static double scale(const Terms& terms, double spot) { return notional(terms, spot); }

  // What a position is settled to; profit since its entry price has been paid or is owed.
  static double mark_today(const Terms&, const market::UnderlyingToday& underlying) {
    return underlying.spot * math::exp(underlying.premium);
  }

  // Coin per unit: the change of its USD value per 1 of spot.
  static double delta_today(const Terms& terms, const market::UnderlyingToday& underlying) {
    return coin_settled(terms) ? 1.0 / mark_today(terms, underlying) : math::exp(underlying.premium);
  }

  // USD per unit: the change of the profit over `years` per 1.00 of the 8-hour rate, at today's mark.
  static double funding_rho_today(const Terms& terms, const market::UnderlyingToday& underlying, double years) {
    const double mark = mark_today(terms, underlying);
    return -(coin_settled(terms) ? underlying.spot / mark : mark) * funding_periods(years);
  }

  // Without funding there is nothing to remember. With it: settled in USD; in coins that are held; in coins that are
  // sold when they are received. One shape each, so that no lane of a hot loop asks which.
  struct Funded : OnForward {};
  struct FundedInCoin : OnForward {};
  struct FundedInSoldCoin : OnForward {};
  using Variants = TypeList<Plain, OnForward, Funded, FundedInCoin, FundedInSoldCoin>;
  static std::size_t variant(const Terms& terms, const market::UnderlyingToday& underlying) {
    if (underlying.funding.none()) return underlying.moves.premium ? 1 : 0;
    if (!coin_settled(terms)) return 2;
    return underlying.coins_sold_at_receipt ? 4 : 3;
  }
  template <class Variant>
  static constexpr bool is_inverse = kContains<Variant, TypeList<FundedInCoin, FundedInSoldCoin>>;
  template <class Variant>
  static constexpr bool is_funded = std::is_same_v<Variant, Funded> || is_inverse<Variant>;

  struct FundingState {
    double received;  // by a long, per unit: USD, or coins where they are held; mostly negative, since a long pays when
                      // the rate is positive
    double charge;    // what 8 hours of the running step pay, per unit: at the rate and mark of its start, in the
                      // currency of settlement
  };
  template <class Variant>
  struct FundedState : FundingState {};
  template <class Variant>
  using State = std::conditional_t<is_funded<Variant>, FundedState<Variant>, NoState>;
  template <class Variant>
  static FundedState<Variant> initial_state(const Terms& terms, const market::UnderlyingToday& underlying) {
    return {{0.0, charge<Variant>(observation(terms, underlying, 0.0), {0.0, underlying.spot, 0.0})}};
  }

  template <class R>
  using Real = double;

  struct Observation {
    double periods;  // of 8 hours, in the step that ends
    market::FundingRate funding;
    double premium_today;
  };
  static Observation observation(const Terms&, const market::UnderlyingToday& underlying, double step_years) {
    return {funding_periods(step_years), underlying.funding, underlying.premium};
  }
  // At the end of a step: the step's funding, at the rate and mark of its start.
  template <class Variant>
  HD static void observe(const Observation& observation, const Observed& now, FundedState<Variant>& state) {
    const double paid = state.charge * observation.periods;
    if constexpr (std::is_same_v<Variant, FundedInSoldCoin>)
      state.received = math::fma(paid, now.spot, state.received);
    else
      state.received = state.received + paid;
    state.charge = charge<Variant>(observation, now);
  }

  template <class R, class Variant>
  struct Constants {
    double slope, offset;  // gain = slope * coin leg + offset * dollar leg
    double periods;        // of 8 hours, since the last observation
  };
  template <class R, class Variant>
  static Constants<R, Variant> constants(const Terms& terms, const market::UnderlyingToday& underlying,
                                         const NodeTime& node) {
    const double mark = mark_today(terms, underlying);
    const double growth = math::exp(underlying.premium);
    const double periods = funding_periods(node.years_since_observed);
    if (coin_settled(terms)) return {1.0 / mark, -1.0 / growth, periods};
    return {growth, -mark, periods};
  }

  // USD per unit of quantity, funding received included.
  template <class R, class Variant, class At>
  HD static double value(const Constants<R, Variant>& c, const At& point, const State<Variant>& state) {
    const double gain = math::fma(c.slope, coin_leg(point), c.offset * dollar_leg(point));
    // The coin leg of one settled in coin is the spot.
    if constexpr (std::is_same_v<Variant, Funded>)
      return gain + math::fma(state.charge, c.periods, state.received);
    else if constexpr (std::is_same_v<Variant, FundedInCoin>)
      return math::fma(math::fma(state.charge, c.periods, state.received), coin_leg(point), gain);
    else if constexpr (std::is_same_v<Variant, FundedInSoldCoin>)
      return gain + math::fma(state.charge * c.periods, coin_leg(point), state.received);
    else
      return gain;
  }

 private:
  static double funding_periods(double years) { return years * (kSecondsPerYear / (8.0 * 3600.0)); }

  template <class Variant>
  HD static double charge(const Observation& o, const Observed& now) {
    const double mark = now.spot * math::exp(o.premium_today + now.premium);
    const double rate = o.funding.rate_8h(o.premium_today + now.premium);
    return is_inverse<Variant> ? -rate / mark : -rate * mark;
  }
};

}  // namespace tailbit
