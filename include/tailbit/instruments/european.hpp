// European option on the forward (Black 1976), settled in USD or in coin. In coin it pays max(S - K, 0) / S or
// max(K - S, 0) / S coins ("inverse"), which are held.
#pragma once

#include <optional>

#include "tailbit/core/platform.hpp"
#include "tailbit/core/type_list.hpp"
#include "tailbit/instruments/black.hpp"
#include "tailbit/instruments/closed_form.hpp"
#include "tailbit/instruments/option_market.hpp"
#include "tailbit/instruments/point.hpp"

namespace tailbit {

struct European {
  static constexpr const char* name = "european";
  static constexpr bool reads_slope = false;  // whether value() looks at the smile's slope

  struct Terms {
    OptionKind option = OptionKind::call;
    double strike = 0.0;  // USD per coin
    Timestamp expiry;
    Settlement settlement = Settlement::usd;
    std::optional<double> vol;  // replaces the surface's
  };
  template <class Visitor, class T>
  static void fields(Visitor&& visit, T& terms) {
    visit.required("option", terms.option);
    visit.required("strike", terms.strike, Positive{});
    visit.required("expiry", terms.expiry);
    visit.defaulted("settlement", terms.settlement);
    visit.optional("vol", terms.vol, Positive{});
  }

  // Of the order of the most that a unit is worth, USD: what the quantum is scaled by.
  static double scale(const Terms& terms, double spot) { return math::max(spot, terms.strike); }

  // Coin per unit: the change of its USD value at a date per 1 of spot then, as the spot grows without bound.
  static double slope_at_infinity(const Terms& terms, const market::UnderlyingToday& underlying, Timestamp date) {
    return terms.option == OptionKind::call ? OptionMarket(terms, underlying, {date, 0.0}).spot_factor : 0.0;
  }

  using Variants = CoinOptionVariants;
  static std::size_t variant(const Terms& terms, const market::UnderlyingToday& underlying) {
    return option_variant(terms, underlying);
  }

  template <class Variant>
  using State = NoState;
  template <class R>
  using Real = R;

  // The option to receive A and pay B: a call receives the forward and pays the strike, a put the other way round.
  template <class R, class Variant>
  struct Constants {
    R sign;                                  // +1 call, -1 put: log_ratio = sign * log-return + log_ratio_today
    R log_ratio_today;                       // ln(A/B) at S = S_0
    R growth_a, fixed_a, growth_b, fixed_b;  // A = growth_a S + fixed_a, B likewise; discounted USD
    typename Variant::template Smile<R> smile;
  };
  template <class R, class Variant>
  static Constants<R, Variant> constants(const Terms& terms, const market::UnderlyingToday& underlying,
                                         const NodeTime& node) {
    const OptionMarket m(terms, underlying, node);
    const bool call = terms.option == OptionKind::call;
    const double strike = terms.strike * m.discount;
    Constants<R, Variant> c;
    c.sign = call ? R(1) : R(-1);
    c.log_ratio_today = R(call ? m.log_moneyness : -m.log_moneyness);
    c.growth_a = R(call ? m.spot_factor : 0.0);
    c.fixed_a = R(call ? 0.0 : strike);
    c.growth_b = R(call ? 0.0 : m.spot_factor);
    c.fixed_b = R(call ? strike : 0.0);
    m.make_smile(c.smile, !call);
    return c;
  }

  // USD per coin of underlying.
  template <class R, class Variant>
  HD static R value(const Constants<R, Variant>& c, const Point<R>& fixing, const CoinsHeld<R>& now) {
    const R a = math::fma(c.growth_a, fixing.spot, c.fixed_a);
    const R b = math::fma(c.growth_b, fixing.spot, c.fixed_b);
    const R payoff = a - b;
    return payoff < R(0) ? R(0) : payoff / fixing.spot * now.spot;
  }
  // `At`: Point or ForwardPoint.
  template <class R, class Variant, class At>
  HD static R value(const Constants<R, Variant>& c, const At& point, const NoState&) {
    if constexpr (std::is_same_v<Variant, market::Settled>) {
      const R payoff = math::fma(c.growth_a, point.spot, c.fixed_a) - math::fma(c.growth_b, point.spot, c.fixed_b);
      return payoff < R(0) ? R(0) : payoff;  // not max, which would hide a NaN
    } else {
      return value(c, point, vol(c, point));
    }
  }
  template <class R, class Variant, class At>
  HD static R value(const Constants<R, Variant>& c, const At& point, const market::TotalVol<R>& vol) {
    return value(parts(c, point, vol));
  }
  // The same in two parts, before the division and from it on.
  template <class R, class Variant, class At>
  HD static BlackParts<R> parts(const Constants<R, Variant>& c, const At& point, const market::TotalVol<R>& vol) {
    const R a = math::fma(c.growth_a, coin_leg(point), c.fixed_a * dollar_leg(point));
    const R b = math::fma(c.growth_b, coin_leg(point), c.fixed_b * dollar_leg(point));
    return black_parts(a, b, math::fma(c.sign, point.log_return, c.log_ratio_today), vol);
  }
  template <class R>
  HD static R value(const BlackParts<R>& parts) {
    return black_value(parts);
  }
  template <class R, class Variant, class At>
  HD static market::TotalVol<R> vol(const Constants<R, Variant>& c, const At& point) {
    return total_vol(c.smile, math::fma(c.sign, point.log_return, c.log_ratio_today), point);
  }
  template <class R, class Variant>
  HD static bool at_vol_floor(const Constants<R, Variant>& c, const ForwardPoint<R>& point) {
    return c.smile.at_floor(math::fma(c.sign, point.log_return, c.log_ratio_today), point);
  }

  // Generalised Black-Scholes with the 2-ulp functions (Haug 2007, 1.1.6 and ch. 2).
  static ClosedForm closed_form(const Terms&, const ClosedFormInputs& in) {
    const BlackScholesParts p(in);
    const double forward_part = in.spot * p.growth * p.n1;
    const double strike_part = in.strike * p.discount * p.n2;
    ClosedForm out;
    out.value = out_of_the_money_value(p, in).value_or(p.sign * (forward_part - strike_part));
    out.delta = p.sign * p.growth * p.n1;
    out.gamma = p.growth * p.density1 / (in.spot * p.stdev);
    out.vega = in.spot * p.growth * p.density1 * math::sqrt(in.years);
    const double decay = -in.spot * p.growth * p.density1 * in.vol / (2.0 * math::sqrt(in.years));
    out.theta =
        math::fma(-p.sign * (in.carry - in.rate), forward_part, math::fma(-p.sign * in.rate, strike_part, decay));
    out.rho = p.sign * in.years * strike_part;
    out.vanna = -p.growth * p.density1 * p.d2 / in.vol;
    out.volga = out.vega * p.d1 * p.d2 / in.vol;
    out.delta_net = p.sign * strike_part / in.spot;
    return out;
  }

 private:
  // Out of the money the two parts nearly cancel, and the rounding of d1 and d2 in their exponents would be most of
  // what is left. With a the part received and b the part paid, a n(e1) = b n(e2), so the value is a n(e1) (N(e1)/n(e1)
  // - N(e2)/n(e2)), whose ratios vary slowly. None in the money, and where the densities underflow.
  static std::optional<double> out_of_the_money_value(const BlackScholesParts& p, const ClosedFormInputs& in) {
    const bool call = p.sign > 0.0;
    if (!((call ? p.d1 : -p.d2) < 0.0) || !(p.density1 > 0.0 && p.density2 > 0.0)) return std::nullopt;
    const double ratio1 = p.n1 / p.density1;
    const double ratio2 = p.n2 / p.density2;
    return call ? in.spot * p.growth * p.density1 * (ratio1 - ratio2)
                : in.strike * p.discount * p.density2 * (ratio2 - ratio1);
  }
};

}  // namespace tailbit
