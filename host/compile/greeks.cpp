#include "host/compile/greeks.hpp"

#include "tailbit/math/log.hpp"

namespace tailbit {

double vol_today(double strike, Timestamp expiry, double own_vol, const market::UnderlyingToday& underlying) {
  const double years = years_between(underlying.as_of, expiry);
  const double k = math::fma(-underlying.carry.rate(years), years, math::log(strike / underlying.spot));
  return math::sqrt(underlying.smile(expiry, own_vol).total_variance(k, years) / years);
}

ClosedForm greeks_today(const ContractTerms& terms, const market::UnderlyingToday& underlying) {
  ClosedForm out{};
  visit_family(terms, [&]<class Family>(const auto& held) {
    if constexpr (requires { Family::delta_today(held, underlying); }) {
      out.delta = Family::delta_today(held, underlying);
      // What is settled to mark is worth nothing now.
      if constexpr (!requires { Family::mark_today(held, underlying); }) out.value = out.delta * underlying.spot;
    } else {
      const double years = years_between(underlying.as_of, held.expiry);
      const double carry = underlying.carry.rate(years);
      const double vol = vol_today(held.strike, held.expiry, held.vol.value_or(0.0), underlying);
      // An option in coin is one in USD that is discounted at the carry (tailbit/instruments/option_market.hpp).
      const double rate = coin_settled(held) ? carry : underlying.usd_rate;
      out = Family::closed_form(held, {held.option, underlying.spot, held.strike, years, rate, carry, vol});
    }
  });
  return out;
}

}  // namespace tailbit
