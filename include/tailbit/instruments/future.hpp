// Dated future: settled to mark at as_of, so worth nothing now; its mark is the forward of its expiry, where it pays.
//
// Settled in USD ("linear", quantity in coin): pays q (M_h - M_0). Settled in coin ("inverse", quantity in USD): pays
// Q (1/M_0 - 1/M_h) coins, which are held and valued at S_h; so S_h/M_0 - S_h/M_h USD per USD, where S_h/M_h =
// exp(-carry left) is known in advance.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/core/type_list.hpp"
#include "tailbit/instruments/point.hpp"
#include "tailbit/instruments/terms.hpp"
#include "tailbit/market/underlying.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

struct Future {
  static constexpr const char* name = "future";

  struct Terms {
    Timestamp expiry;
    Settlement settlement = Settlement::usd;
  };
  template <class Visitor, class T>
  static void fields(Visitor&& visit, T& terms) {
    visit.required("expiry", terms.expiry);
    visit.defaulted("settlement", terms.settlement);
  }

  // USD per unit of quantity.
  static double notional(const Terms& terms, double spot) { return coin_settled(terms) ? 1.0 : spot; }
  static double scale(const Terms& terms, double spot) { return notional(terms, spot); }

  // What a position is settled to: M_0, USD.
  static double mark_today(const Terms& terms, const market::UnderlyingToday& underlying) {
    return underlying.spot * growth(terms, underlying, underlying.as_of);
  }

  // Coin per unit: the change of its USD value per 1 of spot, at the carry of today.
  static double delta_today(const Terms& terms, const market::UnderlyingToday& underlying) {
    return coin_settled(terms) ? 1.0 / mark_today(terms, underlying) : growth(terms, underlying, underlying.as_of);
  }

  // Coin per unit: the same at a date.
  static double slope_at_infinity(const Terms& terms, const market::UnderlyingToday& underlying, Timestamp date) {
    return coin_settled(terms) ? 1.0 / mark_today(terms, underlying) : growth(terms, underlying, date);
  }

  using Variants = TypeList<Plain, OnForward, market::Settled, market::SettledInCoin>;
  static std::size_t variant(const Terms&, const market::UnderlyingToday& underlying) {
    return underlying.moves.forwards ? 1 : 0;
  }

  template <class Variant>
  using State = NoState;
  template <class R>
  using Real = double;  // linear: double costs nothing here and keeps hedges exact in single-precision runs

  template <class R, class Variant>
  struct Constants {
    double slope, offset;  // value = slope * coin leg + offset * dollar leg
  };
  template <class R, class Variant>
  static Constants<R, Variant> constants(const Terms& terms, const market::UnderlyingToday& underlying,
                                         const NodeTime& node) {
    const double mark = mark_today(terms, underlying);
    const double growth_left = growth(terms, underlying, node.now);
    if (coin_settled(terms)) return {1.0 / mark, -1.0 / growth_left};
    return {growth_left, -mark};
  }

  // USD per unit of quantity.
  template <class R, class Variant, class At>
  HD static double value(const Constants<R, Variant>& c, const At& point, const NoState&) {
    return math::fma(c.slope, coin_leg(point), c.offset * dollar_leg(point));
  }
  // 1/M_0 - 1/S_T coins, held: S_T/M_0 - 1 USD at the expiry, times S_h/S_T.
  template <class R, class Variant>
  HD static double value(const Constants<R, Variant>& c, const Point<double>& fixing, const CoinsHeld<double>& now) {
    return math::fma(c.slope, fixing.spot, c.offset) / fixing.spot * now.spot;
  }

 private:
  // M_t / S_t: 1 from the expiry on.
  static double growth(const Terms& terms, const market::UnderlyingToday& underlying, Timestamp now) {
    const double years_left = years_between(now, terms.expiry);
    if (years_left <= 0.0) return 1.0;
    return math::exp(underlying.carry.rate(years_between(underlying.as_of, terms.expiry)) * years_left);
  }
};

}  // namespace tailbit
