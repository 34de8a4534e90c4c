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
  double smile_slope = 0.0;  // d(vol)/d ln(strike) at the strike, kept as the spot moves; only digitals read it
};

// Derivatives are at fixed spot, rate, carry and vol but for those named.
struct ClosedForm {
  double value;      // per unit of underlying
  double delta;      // per 1 of spot
  double gamma;      // per 1 of spot, squared
  double vega;       // per 1.00 of vol
  double theta;      // per year of calendar time passing
  double rho;        // per 1.00 of rate at fixed q = rate - carry
  double vanna;      // of delta per 1.00 of vol
  double volga;      // of vega per 1.00 of vol
  double delta_net;  // delta - value / spot, without cancellation where the family can: see CoinForm
};

// The same of what it is worth in coin, value / spot.
struct CoinForm {
  double value;  // coin
  double delta;  // coin per 1 of spot
  double gamma, vega, theta, rho, vanna, volga;
  double delta_net;  // spot times delta: the coins whose sale keeps the value in coin from moving with the spot
};

// By the chain rule, exactly, whatever the contract pays in: with V = spot times v, dv/dS = (dV/dS - v) / S,
// d2v/dS2 = (d2V/dS2 - 2 dv/dS) / S, and what does not move the spot is divided by it.
inline CoinForm value_in_coin(const ClosedForm& usd, double spot) {
  CoinForm coin;
  coin.value = usd.value / spot;
  coin.delta_net = usd.delta_net;
  coin.delta = usd.delta_net / spot;
  coin.gamma = math::fma(-2.0, coin.delta, usd.gamma) / spot;
  coin.vega = usd.vega / spot;
  coin.theta = usd.theta / spot;
  coin.rho = usd.rho / spot;
  coin.vanna = (usd.vanna - coin.vega) / spot;
  coin.volga = usd.volga / spot;
  return coin;
}

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
