// What `price` asks of a family: value and Greeks in the generalised Black-Scholes world (Haug 2007, ch. 1), where the
// spot drifts at the cost of carry b = r - q.
#pragma once

#include "tailbit/instruments/terms.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/normal.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

struct ClosedFormInputs {
  OptionKind option;
  double spot, strike;
  double years;  // to expiry, >= 0
  double rate, carry, vol;
};

struct ClosedForm {
  double value;  // per unit of underlying
  double delta;  // per 1 of spot
  double gamma;  // per 1 of spot, squared
  double vega;   // per 1.00 of vol
  double theta;  // per year of calendar time passing
  double rho;    // per 1.00 of rate at fixed q = rate - carry
};

// The parts that vanilla and digital formulas share.
struct BlackScholesParts {
  double sign;   // +1 call, -1 put
  double stdev;  // vol sqrt(years)
  double d1, d2;
  double growth;    // exp((carry - rate) years): spot to discounted forward
  double discount;  // exp(-rate years)
  double n1, n2;    // N(sign d1), N(sign d2)
  double density1, density2;

  explicit BlackScholesParts(const ClosedFormInputs& in)
      : sign(in.option == OptionKind::call ? 1.0 : -1.0),
        stdev(in.vol * math::sqrt(in.years)),
        d1(math::fma(in.carry, in.years, math::log(in.spot / in.strike)) / stdev + 0.5 * stdev),
        d2(d1 - stdev),
        growth(math::exp((in.carry - in.rate) * in.years)),
        discount(math::exp(-in.rate * in.years)),
        n1(math::normal_cdf(sign * d1)),
        n2(math::normal_cdf(sign * d2)),
        density1(math::normal_density(d1)),
        density2(math::normal_density(d2)) {}
};

}  // namespace tailbit
