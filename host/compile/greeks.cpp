#include "host/compile/greeks.hpp"

#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"

namespace tailbit {
namespace {

using market::UnderlyingToday;

// ln(K/F).
double moneyness(double strike, double years, const UnderlyingToday& underlying) {
  return math::fma(-underlying.carry.rate(years), years, math::log(strike / underlying.spot));
}

// Vol of the strike and slope of the smile there: d(vol)/dk, 0 on a vol of the contract's own and on flat surfaces.
template <class Terms>
void set_vol(ClosedFormInputs& in, const Terms& terms, const UnderlyingToday& underlying) {
  const double years = years_between(underlying.as_of, terms.expiry);
  const market::SmileToday at_strike =
      underlying.smile(terms.expiry, terms.vol.value_or(0.0)).frozen(moneyness(terms.strike, years, underlying), years);
  in.vol = at_strike.fixed_vol;
  in.smile_slope = at_strike.fixed_slope / (2.0 * in.vol * years);
}

template <class Family>
ClosedForm option_greeks(const typename Family::Terms& terms, const UnderlyingToday& underlying) {
  const double years = years_between(underlying.as_of, terms.expiry);
  const double carry = underlying.carry.rate(years);
  // An option in coin is one in USD that is discounted at the carry (tailbit/instruments/option_market.hpp).
  const double rate = coin_settled(terms) ? carry : underlying.usd_rate;
  ClosedFormInputs in{terms.option, underlying.spot, terms.strike, years, rate, carry, 0.0};
  set_vol(in, terms, underlying);
  return Family::closed_form(terms, in);
}

template <class Family>
PublishedGreeks published_option_greeks(const typename Family::Terms& terms, const UnderlyingToday& underlying) {
  const double years = years_between(underlying.as_of, terms.expiry);
  const double forward = underlying.spot * math::exp(underlying.carry.rate(years) * years);
  const double counted = years_between(whole_minute(underlying.as_of), terms.expiry);
  ClosedFormInputs in{terms.option, forward, terms.strike, counted, 0.0, 0.0, 0.0};
  set_vol(in, terms, underlying);
  const ClosedForm black = Family::closed_form(terms, in);
  return in_published_units(black, counted, black.value);
}

// Of the profit q (M - M_0), or Q (S / M_0 - S / M) USD, M = S exp(carry years).
template <class Terms>
void add_forward_greeks(ClosedForm& out, const Terms& terms, double mark, const UnderlyingToday& underlying) {
  const double years = years_between(underlying.as_of, terms.expiry);
  const double moved = coin_settled(terms) ? underlying.spot / mark : mark;  // USD per unit of the forward's log
  out.theta = -underlying.carry.rate(years) * moved;
  out.rho = years * moved;
}

}  // namespace

double vol_today(double strike, Timestamp expiry, double own_vol, const UnderlyingToday& underlying) {
  const double years = years_between(underlying.as_of, expiry);
  const double k = moneyness(strike, years, underlying);
  return math::sqrt(underlying.smile(expiry, own_vol).total_variance(k, years) / years);
}

ClosedForm greeks_today(const ContractTerms& terms, const UnderlyingToday& underlying) {
  ClosedForm out{};
  visit_family(terms, [&]<class Family>(const auto& held) {
    if constexpr (requires { Family::mark_today(held, underlying); }) {
      out.delta = out.delta_net = Family::delta_today(held, underlying);
      if constexpr (requires { held.expiry; })
        add_forward_greeks(out, held, Family::mark_today(held, underlying), underlying);
    } else if constexpr (requires { Family::delta_today(held, underlying); }) {  // coins
      out.delta = Family::delta_today(held, underlying);
      out.value = out.delta * underlying.spot;
    } else {
      out = option_greeks<Family>(held, underlying);
    }
  });
  return out;
}

PublishedGreeks published_greeks_today(const ContractTerms& terms, const UnderlyingToday& underlying) {
  PublishedGreeks out{};
  visit_family(terms, [&]<class Family>(const auto& held) {
    if constexpr (requires { Family::mark_today(held, underlying); }) {
      out[0] = coin_settled(held) ? 1.0 / Family::mark_today(held, underlying) : 1.0;
    } else if constexpr (requires { Family::delta_today(held, underlying); }) {
      out[0] = Family::delta_today(held, underlying);
    } else {
      out = published_option_greeks<Family>(held, underlying);
    }
  });
  return out;
}

ContractGreeks contract_greeks(const ContractTerms& terms, const UnderlyingToday& underlying, double horizon_years) {
  ContractGreeks out;
  out.usd = greeks_today(terms, underlying);
  out.coin = value_in_coin(out.usd, underlying.spot);
  visit_family(terms, [&]<class Family>(const auto& held) {
    if constexpr (requires { Family::funding_rho_today(held, underlying, horizon_years); }) {
      out.funding_rho = Family::funding_rho_today(held, underlying, horizon_years);
      out.funding_rho_coin = out.funding_rho / underlying.spot;
    }
  });
  return out;
}

}  // namespace tailbit
