// GARCH(1,1) (Bollerslev 1986), and with gamma that of Glosten, Jagannathan and Runkle (1993): the variance of a period
// follows from that of the period before and from its shock.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

// Variances are per year; omega is too.
struct GarchStep {
  double omega, alpha, beta;
  double alpha_down;        // alpha + gamma, of shocks below 0
  double most;              // variances are cut to it
  double start;             // today's variance
  double shocks_per_noise;  // one over the root of a period's years
};

// `noise`: what the period's standardised shock was, times the root of its years.
HD double garch_variance(const GarchStep& garch, double variance, double noise) {
  const double shock = garch.shocks_per_noise * noise;
  const double alpha = shock < 0.0 ? garch.alpha_down : garch.alpha;
  const double next = math::fma(variance, math::fma(alpha, shock * shock, garch.beta), garch.omega);
  return math::min(next, garch.most);
}

}  // namespace tailbit
