// A factor that returns to a mean: dx = kappa (mean - x) dt + vol dW (docs/definitions, "The scenario at time t"). With
// kappa 0 it is a Brownian motion.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/polynomial.hpp"

namespace tailbit {

// Variance of x after `years` from a known start: vol^2 (1 - exp(-2 kappa t)) / (2 kappa), and vol^2 t at kappa 0.
// `vol` per square-root year, `kappa` >= 0 per year.
inline double ornstein_uhlenbeck_variance(double vol, double kappa, double years) {
  const double z = 2.0 * kappa * years;
  // (1 - exp(-z)) / z; where it would cancel, by its series, of which 1e-15 is left out.
  const double share = z > 0.01 ? (1.0 - math::exp(-z)) / z
                                : math::horner(-z, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0);
  return vol * vol * years * share;
}

// Covariance of two such factors over `years` from a known start, per unit of vols and of the correlation of their
// normals: (1 - exp(-(kappa_1 + kappa_2) t)) / (kappa_1 + kappa_2).
inline double ornstein_uhlenbeck_covariance(double kappa_1, double kappa_2, double years) {
  return ornstein_uhlenbeck_variance(1.0, 0.5 * (kappa_1 + kappa_2), years);
}

// The exact transition over a step: x -> decay x + drift + noise.
struct Transition {
  double decay;  // exp(-kappa t)
  double drift;  // mean (1 - decay); of a log-spot, what it drifts
};
inline Transition ornstein_uhlenbeck_transition(double kappa, double mean, double years) {
  const double decay = math::exp(-kappa * years);
  return {decay, mean * (1.0 - decay)};
}
HD double transition(double state, const Transition& step) { return math::fma(step.decay, state, step.drift); }

// The factor between two dates at which it is known: x = keep before + pull after + shift + spread * noise of the whole
// step.
struct Bridge {
  double keep, pull, shift;
  double spread;  // deviation relative to that of the step
};
HD double bridge_centre(double before, double after, const Bridge& bridge) {
  return math::fma(bridge.pull, after, math::fma(bridge.keep, before, bridge.shift));
}

// `passed` since the date before, `rest` until the one after, `step` of the whole step, years.
inline Bridge ornstein_uhlenbeck_bridge(double kappa, double mean, double passed, double rest, double step) {
  const auto variance = [&](double years) { return ornstein_uhlenbeck_variance(1.0, kappa, years); };
  const double whole = variance(passed + rest);
  const double pull = math::exp(-kappa * rest) * variance(passed) / whole;
  const double keep = math::fma(-pull, math::exp(-kappa * (passed + rest)), math::exp(-kappa * passed));
  return {keep, pull, mean * (1.0 - keep - pull),
          math::sqrt(variance(passed) * variance(rest) / whole / variance(step))};
}

}  // namespace tailbit
