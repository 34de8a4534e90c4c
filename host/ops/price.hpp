// Value and Greeks of a list of contracts under given inputs: docs, "Price".
#pragma once

#include <ostream>
#include <string>

#include "host/io/problems.hpp"
#include "tailbit/instruments/closed_form.hpp"

namespace tailbit {

// A closed form where it and its limits exist: as the variance left goes to 0 (no time, no vol, or nothing left of it
// next to the distance to the strike) the value goes to that of certain money.
//
// There N(d) is 0 or 1 and the densities are 0, whatever the small variance is. So the family's own formula is
// evaluated with a standard deviation that is small but not that small, and gives the limits of value and Greeks. With
// the forward exactly at the strike the option is worth nothing, as it pays nothing (definitions: in the money means
// beyond the strike); its delta jumps there and is told as 0.
template <class Family>
ClosedForm closed_form_or_limit(const typename Family::Terms& terms, ClosedFormInputs in) {
  constexpr double kSaturated = 100.0;  // standard deviations: N(-100) and its density are 0 in double
  constexpr double kInstant = 1e-100;   // years: exp(rate * kInstant) is 1, and nothing divided by it overflows
  const double log_moneyness = math::fma(in.carry, in.years, math::log(in.spot / in.strike));
  if (math::abs(log_moneyness) < kSaturated * in.vol * math::sqrt(in.years)) return Family::closed_form(terms, in);
  if (log_moneyness == 0.0) return {};
  const bool expired = in.years == 0.0;
  if (expired) in.years = kInstant;
  in.vol = math::abs(log_moneyness) / (kSaturated * math::sqrt(in.years));
  ClosedForm out = Family::closed_form(terms, in);
  if (expired) out.rho = 0.0;  // it is proportional to the time left
  return out;
}

// Reads the contracts from a CSV file and writes `id,value,delta,gamma,vega,theta,rho,error` in the same order, numbers
// as their shortest round-trip decimals; with `value_usd,delta_usd,delta_net` before `error` if a row is of the family
// `inverse`. Or the same as JSON (price_output.hpp). A row that cannot be priced has its reason in `error`; the code
// returned is then bad_data, else done. Throws Failure if the file cannot be read or its header is wrong.
ExitCode price(const std::string& path, std::ostream& out, bool as_json = false);

}  // namespace tailbit
