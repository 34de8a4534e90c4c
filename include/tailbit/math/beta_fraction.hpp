// The continued fraction under the incomplete beta function.
#pragma once

#include <initializer_list>

#include "tailbit/math/primitives.hpp"

namespace tailbit::math {

// 1 + d1/(1 + d2/(1 + ...)), the continued fraction under the incomplete beta function I_x(a, b) (NIST DLMF 8.17.22),
// as the running product of ratios of its convergents (Lentz 1976). Some sqrt(a + b) steps for x < (a + 1)/(a + b + 2).
inline double beta_fraction(double a, double b, double x) {
  double inverse_ratio = 0.0;
  double ratio = 1.0;
  double value = 1.0;
  for (double m = 0.0; m < 100'000.0; m += 1.0) {
    const double middle = fma(2.0, m, a);
    const double odd = -(a + m) * (a + b + m) * x / (middle * (middle + 1.0));
    const double even = (m + 1.0) * (b - m - 1.0) * x / ((middle + 1.0) * (middle + 2.0));
    double change = 1.0;
    for (const double numerator : {odd, even}) {
      inverse_ratio = 1.0 / fma(numerator, inverse_ratio, 1.0);
      ratio = 1.0 + numerator / ratio;
      change = ratio * inverse_ratio;
      value *= change;
    }
    if (change >= 1.0 - 0x1p-52 && change <= 1.0 + 0x1p-52) break;
  }
  return value;
}

}  // namespace tailbit::math
