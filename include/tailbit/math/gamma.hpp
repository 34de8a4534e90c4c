// The gamma function's logarithm and the regularised incomplete gamma functions, for what is made once per run (tables,
// scales); not for hot loops. Plain double, every loop in one order, so that all compilers give the same bits.
//
// P and Q share the factor x^a exp(-x) / Gamma(a). It is written around its maximum at x = a (Temme; DiDonato & Morris,
// ACM TOMS 12, 1986), because a ln x, x and ln Gamma(a) cancel there. P is summed by its power series below x = a, Q
// by Legendre's continued fraction above (NIST DLMF 8.7.1, 8.9.2); the other one is the complement, and not small.
#pragma once

#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/normal.hpp"
#include "tailbit/math/polynomial.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::math {

// 1/3 + z/5 + z^2/7 + ... = (atanh(s)/s - 1)/z, z = s^2 in [0, 1/4].
inline double atanh_rest(double z) {
  double sum = 0.0;
  for (int k = 29; k >= 0; --k) sum = fma(sum, z, 1.0 / (2 * k + 3));
  return sum;
}

// S in ln Gamma(a) = (a - 1/2) ln a - a + ln(2 pi)/2 + S(a), a >= 1/2. Up to 16 by S(a) - S(a + 1) =
// (a + 1/2) ln(1 + 1/a) - 1, whose terms are all positive; from there by Stirling's series, 2e-18 being left out.
inline double stirling_remainder(double a) {
  double sum = 0.0;
  for (; a < 16.0; a += 1.0) {
    const double s = 1.0 / fma(2.0, a, 1.0);
    sum = fma(s * s, atanh_rest(s * s), sum);
  }
  const double inverse = 1.0 / a;
  const double series =
      horner(inverse * inverse, 1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360);
  return fma(series, inverse, sum);
}

// ln Gamma(a), a >= 1/2. Error within 2e-16 (1 + |ln Gamma(a)|): near its zeros at 1 and 2 it is absolute.
inline double log_gamma(double a) {
  constexpr double kHalfLogTwoPi = 0.91893853320467274;
  return fma(a - 0.5, log(a), kHalfLogTwoPi - a) + stirling_remainder(a);
}

// x - a - a ln(x/a), which is 0 at x = a. Within a factor of two of a by a series: with s = (x - a)/(x + a),
// ln(x/a) = 2 atanh(s), and what cancels is left out beforehand.
inline double gamma_exponent(double a, double x) {
  const double difference = x - a;
  if (x < 0.5 * a || x > 2.0 * a) return fma(-a, log(x / a), difference);
  const double s = difference / (x + a);
  const double square = s * s;
  return s * fma(-2.0 * a * square, atanh_rest(square), difference);
}

// 1 + x/(a + 1) + x^2/((a + 1)(a + 2)) + ..., 0 < x <= a.
inline double gamma_series(double a, double x) {
  double sum = 1.0;
  double term = 1.0;
  for (double n = a + 1.0; term > 0x1p-60 * sum; n += 1.0) {
    term *= x / n;
    sum += term;
  }
  return sum;
}

// 1/(x+1-a + 1(a-1)/(x+3-a + 2(a-2)/(x+5-a + ...))), x >= a, as the running product of ratios of its convergents
// (Lentz 1976).
inline double gamma_fraction(double a, double x) {
  double denominator = x + 1.0 - a;  // of step n: x + 2n + 1 - a
  double inverse_ratio = 1.0 / denominator;
  double ratio = 0.0;  // of successive numerators; none before the first step
  double value = inverse_ratio;
  for (double n = 1.0; n < 100'000.0; n += 1.0) {
    const double numerator = n * (a - n);
    denominator += 2.0;
    inverse_ratio = 1.0 / fma(numerator, inverse_ratio, denominator);
    ratio = n == 1.0 ? denominator : denominator + numerator / ratio;
    const double change = ratio * inverse_ratio;
    value *= change;
    if (change >= 1.0 - 0x1p-52 && change <= 1.0 + 0x1p-52) break;
  }
  return value;
}

// The gamma distribution of shape a and scale 1 at x.
struct GammaParts {
  double density;  // x^a exp(-x) / Gamma(a): x times the density, the density of ln x
  double lower;    // P(a, x)
  double upper;    // Q(a, x) = 1 - P(a, x)
};

// a in [1, 5000], x > 0. Relative error of either tail, above 1e-17: 1e-14 (docs/numerics.md). Smaller ones
// lose as the exponential's argument does, 1e-16 |ln P|.
inline GammaParts gamma_parts(double a, double x) {
  const double height = sqrt(a) * NormalConstants<double>::inverse_root_two_pi_high;
  const double density = height * exp(-gamma_exponent(a, x) - stirling_remainder(a));
  if (x < a) {
    const double last = density / a;
    const double series = gamma_series(a, x);
    return {density, last * series, fma(-last, series, 1.0)};
  }
  const double fraction = gamma_fraction(a, x);
  return {density, fma(-density, fraction, 1.0), density * fraction};
}

inline double gamma_lower(double a, double x) { return gamma_parts(a, x).lower; }
inline double gamma_upper(double a, double x) { return gamma_parts(a, x).upper; }

}  // namespace tailbit::math
