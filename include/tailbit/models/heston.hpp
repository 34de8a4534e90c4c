// Heston's model (1993) by Andersen's QE scheme, "Simple and efficient simulation of the Heston stochastic volatility
// model" (Journal of Computational Finance 11, 2008): variance dv = kappa (theta - v) dt + xi sqrt(v) dW_v, and the
// log-return's noise correlated with it by rho.
//
// The variance after a step has the exact mean and variance given that before it: a squared normal where it is large
// (section 3.2.1), an atom at 0 and an exponential tail where it is small (3.2.2). The log-return is corrected so that
// its mean is exact (proposition 9).
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/normal.hpp"
#include "tailbit/math/primitives.hpp"
#include "tailbit/models/ornstein_uhlenbeck.hpp"

namespace tailbit {

// Of a step of `years`; what the paper's symbols are made of.
struct HestonStep {
  double v0;               // variance today, per year
  double decay, gain;      // mean of v: v decay + gain
  double slope, constant;  // variance of v: v slope + constant
  double exponent;         // A = K2 + K4 / 2
  double k1, k2, half_k3;  // K3 = K4
  double plain;            // K0 where there is no correction
  double spot_share;       // rho sqrt(years): of the variance's normal in the log-return's noise
};

// kappa, theta, xi > 0; |rho| < 1.
inline HestonStep heston_step(double v0, double kappa, double theta, double xi, double rho, double years) {
  const double decay = math::exp(-kappa * years);
  const double reach = ornstein_uhlenbeck_variance(1.0, 0.5 * kappa, years);  // (1 - decay) / kappa, without cancelling
  const double gone = kappa * reach;
  const double k1 = 0.5 * years * (kappa * rho / xi - 0.5) - rho / xi;
  const double k2 = 0.5 * years * (kappa * rho / xi - 0.5) + rho / xi;
  const double half_k3 = 0.25 * years * (1.0 - rho * rho);
  return {v0,
          decay,
          theta * gone,
          xi * xi * decay * reach,
          0.5 * theta * xi * xi * gone * reach,
          k2 + half_k3,
          k1,
          k2,
          half_k3,
          -rho * kappa * theta * years / xi,
          rho * math::sqrt(years)};
}

struct HestonMove {
  double variance;  // at the step's end
  double shift;     // K0 + K1 v + K2 v' of the log-return
};

// `z`: the standard normal that moves the variance.
HD HestonMove heston_move(const HestonStep& step, double v, double z) {
  constexpr double kMostQuadratic = 1.5;  // psi_c
  const double mean = math::fma(v, step.decay, step.gain);
  const double psi = math::fma(v, step.slope, step.constant) / (mean * mean);
  const double exponent = step.exponent;
  // a (b + Z)^2; the roots of what is negative where the other form holds are never looked at.
  const double over = 2.0 / psi;
  const double b_squared = over - 1.0 + math::sqrt(over) * math::sqrt(math::max(over - 1.0, 0.0));
  const double a = mean / (1.0 + b_squared);
  const double root = math::sqrt(math::max(b_squared, 0.0)) + z;
  const double squared = a * (root * root);
  const double rest = math::fma(-2.0 * exponent, a, 1.0);
  const double squared_mean = math::fma(-0.5, math::log(rest), exponent * b_squared * a / rest);
  // 0 but with probability `tail`, 1 - p, then exponential.
  const double tail = 2.0 / (psi + 1.0);
  const double rate = tail / mean;
  const double above = math::normal_cdf(-z);
  const double exponential = above >= tail ? 0.0 : math::log(tail / above) / rate;
  const double exponential_mean = math::log(math::fma(rate, tail / (rate - exponent), 1.0 - tail));
  const bool quadratic = psi <= kMostQuadratic;
  const double variance = quadratic ? squared : exponential;
  const bool has_mean = quadratic ? rest > 0.0 : rate > exponent;  // of exp(A v')
  const double log_mean = quadratic ? squared_mean : exponential_mean;
  const double corrected = -math::fma(step.half_k3, v, log_mean);  // K0 + K1 v
  const double plain = math::fma(step.k1, v, step.plain);
  return {variance, math::fma(step.k2, variance, has_mean ? corrected : plain)};
}

// The log-return's noise without what it shares with the variance's normal: `noise` is the correlated normal times the
// root of the step's years. Times this vol, it is added to the log-return.
HD double heston_noise(const HestonStep& step, double noise, double z) { return math::fma(-step.spot_share, z, noise); }
HD double heston_vol(double before, double after) { return math::sqrt(0.5 * (before + after)); }

// The log-return after a step, `drift` with the shift.
HD double heston_step_move(const HestonStep& step, double log_return, double drift, double vol, double noise,
                           double z) {
  return math::fma(vol, heston_noise(step, noise, z), log_return + drift);
}

}  // namespace tailbit
