// Digital (binary) option settled in USD: pays a fixed amount of cash, or the coin's value, if it ends in the money.
//
// On a smile a digital is the limit of a call spread, so it sees the slope of the smile, not only its level:
// -dC/dK = N(d2) - n(d2) w'(k) / (2 sqrt(w)) (Gatheral, The Volatility Surface, 2006, ch. 8), w total variance, k =
// ln(K/F).
#pragma once

#include <optional>

#include "tailbit/core/platform.hpp"
#include "tailbit/instruments/black.hpp"
#include "tailbit/instruments/closed_form.hpp"
#include "tailbit/instruments/option_market.hpp"
#include "tailbit/instruments/point.hpp"

namespace tailbit {

struct Digital {
  static constexpr const char* name = "digital";
  static constexpr bool reads_slope = true;  // whether value() looks at the smile's slope

  struct Terms {
    OptionKind option = OptionKind::call;
    double strike = 0.0;  // USD per coin
    Timestamp expiry;
    DigitalPayoff payoff = DigitalPayoff::cash;
    double cash = 1.0;  // USD, for the cash payoff
    UsdSettlement settlement = UsdSettlement::usd;
    std::optional<double> vol;
  };
  template <class Visitor, class T>
  static void fields(Visitor&& visit, T& terms) {
    visit.required("option", terms.option);
    visit.required("strike", terms.strike, Positive{});
    visit.required("expiry", terms.expiry);
    visit.required("payoff", terms.payoff);
    visit.defaulted("cash", terms.cash, Positive{});
    visit.defaulted("settlement", terms.settlement);
    visit.optional("vol", terms.vol, Positive{});
  }

  static double scale(const Terms& terms, double spot) {
    return terms.payoff == DigitalPayoff::cash ? terms.cash : spot;
  }

  // Coin per unit: the change of its USD value at a date per 1 of spot then, as the spot grows without bound.
  static double slope_at_infinity(const Terms& terms, const market::UnderlyingToday& underlying, Timestamp date) {
    if (terms.option == OptionKind::put || terms.payoff == DigitalPayoff::cash) return 0.0;
    return OptionMarket(terms, underlying, {date, 0.0}).spot_factor;
  }

  using Variants = OptionVariants;
  static std::size_t variant(const Terms& terms, const market::UnderlyingToday& underlying) {
    return option_variant(terms, underlying);
  }

  template <class Variant>
  using State = NoState;
  template <class R>
  using Real = R;

  template <class R, class Variant>
  struct Constants {
    R sign;             // +1 call, -1 put
    R log_ratio_today;  // sign * ln(F/K) at S = S_0
    R shift;            // e = log_ratio / stdev + shift * stdev is d2 or d1 of the call, -d2 or -d1 of the put
    R payout_growth, fixed_payout;  // payout = payout_growth S + fixed_payout, discounted USD
    typename Variant::template Smile<R> smile;
  };
  template <class R, class Variant>
  static Constants<R, Variant> constants(const Terms& terms, const market::UnderlyingToday& underlying,
                                         const NodeTime& node) {
    const OptionMarket m(terms, underlying, node);
    const bool call = terms.option == OptionKind::call;
    const bool cash = terms.payoff == DigitalPayoff::cash;
    Constants<R, Variant> c;
    c.sign = call ? R(1) : R(-1);
    c.log_ratio_today = R(call ? m.log_moneyness : -m.log_moneyness);
    c.shift = call == cash ? R(-0.5) : R(0.5);
    c.payout_growth = R(cash ? 0.0 : m.spot_factor);
    c.fixed_payout = R(cash ? terms.cash * m.discount : 0.0);
    m.make_smile(c.smile, !call);
    return c;
  }

  // USD per unit.
  template <class R, class Variant, class At>
  HD static R value(const Constants<R, Variant>& c, const At& point, const NoState&) {
    if constexpr (std::is_same_v<Variant, market::Settled>) {
      const R payout = math::fma(c.payout_growth, point.spot, c.fixed_payout);
      const R log_ratio = math::fma(c.sign, point.log_return, c.log_ratio_today);
      return log_ratio > R(0) ? payout : log_ratio <= R(0) ? R(0) : log_ratio;  // the last: NaN, not to be hidden
    } else {
      return value(c, point, vol(c, point));
    }
  }
  template <class R, class Variant, class At>
  HD static R value(const Constants<R, Variant>& c, const At& point, const market::TotalVol<R>& vol) {
    return value(parts(c, point, vol));
  }
  // The same in two parts, before the division and from it on.
  template <class R>
  struct Parts {
    R payout;
    R tilt;  // what the density counts for: the smile's slope
    NormalTailParts<R> tail;
  };
  template <class R, class Variant, class At>
  HD static Parts<R> parts(const Constants<R, Variant>& c, const At& point, const market::TotalVol<R>& vol) {
    const R payout = math::fma(c.payout_growth, coin_leg(point), c.fixed_payout * dollar_leg(point));
    const R log_ratio = math::fma(c.sign, point.log_return, c.log_ratio_today);
    const R e = math::fma(log_ratio, vol.inverse_stdev, c.shift * vol.stdev);
    return {payout, R(-0.5) * vol.slope * vol.inverse_stdev, normal_tail_parts(e)};
  }
  template <class R>
  HD static R value(const Parts<R>& parts) {
    const auto [probability, density] = normal_probability(parts.tail);
    return parts.payout * math::fma(density, parts.tilt, probability);
  }
  template <class R, class Variant, class At>
  HD static market::TotalVol<R> vol(const Constants<R, Variant>& c, const At& point) {
    return total_vol(c.smile, math::fma(c.sign, point.log_return, c.log_ratio_today), point);
  }

  template <class R, class Variant>
  HD static bool at_vol_floor(const Constants<R, Variant>& c, const ForwardPoint<R>& point) {
    return c.smile.at_floor(math::fma(c.sign, point.log_return, c.log_ratio_today), point);
  }

  // Reiner and Rubinstein 1991, as in Haug 2007, 4.19.2 and 4.19.4, and on a smile the term of its slope (see above),
  // b = d(vol)/dk sqrt(years): payout g(d) with g(d) = N(sign d) - sign b n(d). Greeks by differentiation.
  static ClosedForm closed_form(const Terms& terms, const ClosedFormInputs& in) {
    const BlackScholesParts p(in);
    const bool cash = terms.payoff == DigitalPayoff::cash;
    const double payout = cash ? terms.cash * p.discount : in.spot * p.growth;
    const double payout_rate = cash ? -in.rate : in.carry - in.rate;  // d ln(payout) / d years
    const double d = cash ? p.d2 : p.d1;
    const double other_d = cash ? p.d1 : p.d2;
    const double b = in.smile_slope * math::sqrt(in.years);
    const double density = p.sign * payout * (cash ? p.density2 : p.density1);
    // payout times g, g' and g''.
    const double value = math::fma(-b, density, payout * (cash ? p.n2 : p.n1));
    const double slope = density * math::fma(b, d, 1.0);
    const double bend = math::fma(density, b, -slope * d);
    const double log_moneyness = math::log(in.spot / in.strike);
    const double d_per_year = math::fma(in.carry, in.years, -log_moneyness) / (2.0 * p.stdev * in.years) +
                              (cash ? -0.25 : 0.25) * p.stdev / in.years;
    const double d_per_spot = 1.0 / (in.spot * p.stdev);
    const double d_per_vol = -other_d / in.vol;
    const double d_per_rate = in.years / p.stdev;
    // What the payout itself does with the spot.
    const double payout_delta = cash ? 0.0 : value / in.spot;
    ClosedForm out;
    out.value = value;
    out.delta = math::fma(slope, d_per_spot, payout_delta);
    out.gamma = math::fma(bend, 1.0 / p.stdev, cash ? -slope : slope) * d_per_spot / in.spot;
    out.vega = slope * d_per_vol;
    const double b_decay = -0.5 * b * density / in.years;  // the value's change with b's
    out.theta = -math::fma(payout_rate, value, math::fma(slope, d_per_year, b_decay));
    out.rho = math::fma(slope, d_per_rate, cash ? -in.years * value : 0.0);
    out.vanna = math::fma(-other_d, cash ? bend : math::fma(slope, p.stdev, bend), -slope) * d_per_spot / in.vol;
    out.volga = math::fma(bend * other_d, other_d, slope * (p.d1 + p.d2)) / (in.vol * in.vol);
    out.delta_net = math::fma(slope, d_per_spot, cash ? -value / in.spot : 0.0);
    return out;
  }
};

}  // namespace tailbit
