#pragma once

#include <cmath>

#include "tailbit/math/gamma.hpp"
#include "tailbit/math/normal.hpp"

namespace tailbit::backtest {

// P(chi-square with `dof` degrees of freedom > x), dof from 1 to 10000.
inline double chi_square_tail(int dof, double x) {
  if (!(x > 0.0)) return 1.0;
  if (dof == 1) return 2.0 * math::normal_cdf(-std::sqrt(x));
  return math::gamma_upper(0.5 * dof, 0.5 * x);
}

// P(|Z| > |z|), Z standard normal.
inline double two_sided_normal_tail(double z) { return 2.0 * math::normal_cdf(-std::abs(z)); }

}  // namespace tailbit::backtest
