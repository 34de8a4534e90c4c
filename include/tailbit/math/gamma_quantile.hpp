// The quantile of the gamma distribution, and with it of chi-square, for what is made once per run.
#pragma once

#include "tailbit/math/gamma.hpp"

namespace tailbit::math {

// Where log_gamma_quantile starts: Wilson and Hilferty's cube (1931); in the lower tail not below the bound that
// P(a, x) <= x^a / Gamma(a + 1) sets, since the cube fails there for small a.
inline double log_gamma_quantile_start(double a, double z) {
  const double root = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * sqrt(a));
  const double cube = root > 0.0 ? fma(3.0, log(root), log(a)) : -infinity<double>();
  if (z > 0.0) return cube;
  return max(cube, (log(normal_cdf(z)) + log_gamma(a + 1.0)) / a);
}

// ln x of the x with P(a, x) = N(z): the quantile of a gamma variate of shape a, scale 1, at the probability that a
// standard normal variate is below z. a in [1, 5000], |z| <= 8.5. Chi-square with dof degrees of freedom is twice the
// variate of shape dof/2.
//
// Newton in ln x on the logarithm of the tail that is small. Both ln P and ln Q are concave in ln x, since the density
// of ln x is log-concave: so a step never passes the root from the side where the tail is too small, and the iteration
// cannot fail.
inline double log_gamma_quantile(double a, double z) {
  const bool in_upper_tail = z > 0.0;
  const double probability = normal_cdf(-abs(z));
  double log_x = log_gamma_quantile_start(a, z);
  for (int i = 0; i < 100; ++i) {
    const GammaParts parts = gamma_parts(a, exp(log_x));
    const double tail = in_upper_tail ? parts.upper : parts.lower;
    const double excess = log(tail / probability);
    const double inverse_slope = tail / parts.density;
    log_x = fma(in_upper_tail ? inverse_slope : -inverse_slope, excess, log_x);
    if (abs(inverse_slope * excess) <= 0x1p-36) break;  // the next step would be of its square's size
  }
  return log_x;
}

}  // namespace tailbit::math
