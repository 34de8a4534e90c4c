// The natural logarithm.
//
// Method: x = 2^k (1 + f), 1 + f in [sqrt(1/2), sqrt(2)); with s = f / (2 + f),
//   log(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + s^2 L(s^2)),
// the arrangement of Tang and of FreeBSD's msun, where all terms but f are small. L is our own minimax fit
// (scripts/fit/fit_log.py): 1.2e-18 relative to the logarithm in double, 4.8e-12 in float.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/math/format.hpp"
#include "tailbit/math/polynomial.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::math {

template <class R>
struct LogConstants;

template <>
struct LogConstants<double> {
  static constexpr double ln2_high = 0x1.62e42fefa38p-1;  // 42 bits: 11-bit multiples are exact
  static constexpr double ln2_low = 5.4979230187083712e-14;
  static constexpr Format<double>::Bits one_bits = 0x3ff0000000000000ull;
  static constexpr Format<double>::Bits root_half_bits = 0x3fe6a09e667f3bcdull;  // sqrt(1/2)
  static constexpr double subnormal_scale = 0x1p54;
  static constexpr double subnormal_exponent = 54.0;
};

template <>
struct LogConstants<float> {
  static constexpr float ln2_high = 0x1.62e4p-1f;  // 16 bits: 8-bit multiples are exact
  static constexpr float ln2_low = 1.42860682e-06f;
  static constexpr Format<float>::Bits one_bits = 0x3f800000u;
  static constexpr Format<float>::Bits root_half_bits = 0x3f3504f3u;
  static constexpr float subnormal_scale = 0x1p25f;
  static constexpr float subnormal_exponent = 25.0f;
};

// L in log((1 + s)/(1 - s)) = 2 s + s^3 L(s^2), |s| <= 0.1716.
HD double log_series(double z) {
  return horner(z, 0.66666666666667351, 0.3999999999941114, 0.28571428743259575, 0.22222198475691302,
                0.18183569780281886, 0.1531390170173742, 0.14797527202229668);
}
HD float log_series(float z) { return horner(z, 0.666666656f, 0.400003362f, 0.285372407f, 0.235835372f); }

// log = high + low, |low| <= about an eighth of |high|: one rounding short of the result.
template <class R>
struct LogParts {
  R high;
  R low;
};

// x positive, finite and normal, taken as x 2^-exponent_shift.
template <class R>
HD LogParts<R> log_parts(R x, R exponent_shift) {
  using F = Format<R>;
  using C = LogConstants<R>;
  using Bits = typename F::Bits;
  const Bits shifted = to_bits(x) + (C::one_bits - C::root_half_bits);
  const R biased = from_bits(Bits((shifted >> F::fraction_bits) | F::integer_magic_bits));
  const R k = (biased - (F::integer_magic + R(F::exponent_bias))) - exponent_shift;
  const R f = from_bits(Bits((shifted & F::fraction_mask) + C::root_half_bits)) - R(1);
  const R s = f / (R(2) + f);
  const R z = s * s;
  const R half_f = R(0.5) * f;
  const R inner = fma(half_f, f, z * log_series(z));
  const R high = fma(k, C::ln2_high, f);
  const R rest = fma(k, C::ln2_high, -high) + f;  // exact: k ln2_high is exact, and 0 or larger than f
  const R low = rest + fma(-half_f, f, fma(s, inner, k * C::ln2_low));
  return {high, low};
}

// log(x) for every x, subnormals included; -infinity at 0, NaN below, infinity at infinity, NaN for NaN.
// Largest error measured: 0.74 ulp (float 0.73).
template <class R>
HD R log(R x) {
  using C = LogConstants<R>;
  const bool subnormal = x < Format<R>::smallest_normal;
  const LogParts<R> parts = log_parts(subnormal ? x * C::subnormal_scale : x, subnormal ? C::subnormal_exponent : R(0));
  R result = parts.high + parts.low;
  result = x > R(0) ? result : (x == R(0) ? -infinity<R>() : not_a_number<R>());
  return x < infinity<R>() ? result : (x + x);
}

}  // namespace tailbit::math
