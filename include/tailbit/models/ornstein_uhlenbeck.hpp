// A factor that returns to 0: dx = -kappa x dt + vol dW (docs/definitions, "Scenario at time t").
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

}  // namespace tailbit
