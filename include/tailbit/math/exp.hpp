// The exponential function.
//
// Method: x = k log(2) + r, |r| <= log(2)/2, k an integer; exp(x) = 2^k (1 + r + r^2 q(r)). log(2) is split so that k
// times its upper part is exact. q is our own minimax fit (scripts/fit/fit_exp.py): 3.7e-18 relative in double, 3.1e-9
// in float.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/math/format.hpp"
#include "tailbit/math/polynomial.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::math {

template <class R>
struct ExpConstants;

template <>
struct ExpConstants<double> {
  static constexpr double log2_of_e = 1.4426950408889634;
  static constexpr double ln2_high = 0x1.62e42fefa38p-1;  // 42 bits: 11-bit multiples are exact
  static constexpr double ln2_low = 5.4979230187083712e-14;
  static constexpr double largest = 710.0;    // beyond: infinity
  static constexpr double smallest = -746.0;  // beyond: 0
};

template <>
struct ExpConstants<float> {
  static constexpr float log2_of_e = 1.44269504f;
  static constexpr float ln2_high = 0x1.62e4p-1f;  // 16 bits: 8-bit multiples are exact
  static constexpr float ln2_low = 1.42860682e-06f;
  static constexpr float largest = 89.0f;
  static constexpr float smallest = -104.0f;
};

// q in exp(r) = 1 + r + r^2 q(r), |r| <= log(2)/2.
HD double exp_series(double r) {
  return horner(r, 0.50000000000000111, 0.1666666666666641, 0.041666666666529739, 0.0083333333334950199,
                0.0013888888943763382, 0.00019841269505979734, 2.4801492942736623e-05, 2.7557586464357612e-06,
                2.763030939281111e-07, 2.5000156793944842e-08);
}
HD float exp_series(float r) {
  return horner(r, 0.499999935f, 0.166665204f, 0.0416683857f, 0.00836874664f, 0.00138148143f);
}

// exp = (high + low) 2^k. |low| is below half an ulp of high; rounded_exponent is k + Format<R>::rounding_magic.
template <class R>
struct ExpParts {
  R high;
  R low;
  R rounded_exponent;
};

// exp(x + correction), |correction| below about an ulp of x, |x| up to 800 (float 113): for exponents known to more
// than one word. The relative error of high + low is far below one rounding: 0.6 ulp are measured on normal_density,
// which rounds once more.
template <class R>
HD ExpParts<R> exp_parts(R x, R correction) {
  using C = ExpConstants<R>;
  const R rounded_exponent = fma(x, C::log2_of_e, Format<R>::rounding_magic);
  const R k = rounded_exponent - Format<R>::rounding_magic;
  const R r_high = fma(k, -C::ln2_high, x);  // exact
  const R r_low = fma(k, -C::ln2_low, correction);
  const R r = r_high + r_low;
  const R r_rest = (r_high - r) + r_low;  // what the rounding of r lost
  const R square = r * r;
  const R series = exp_series(r);
  const R p = fma(square, series, r);
  const R p_rest = fma(square, series, r - p);
  const R high = R(1) + p;
  const R low = ((R(1) - high) + p) + fma(r_rest, high, p_rest);
  return {high, low, rounded_exponent};
}

// 2^k as first * second, k = rounded_exponent - rounding_magic, |k| < 1,800 (double), 230 (float). Multiplied one after
// the other, neither product leaves the range of normal numbers too early: only the second can round, in a subnormal
// result.
template <class R>
struct PowerOfTwo {
  R first;
  R second;
};
template <class R>
HD PowerOfTwo<R> power_of_two(R rounded_exponent) {
  using F = Format<R>;
  using Bits = typename F::Bits;
  constexpr Bits offset = 2 * (F::exponent_bias + 1);  // keeps the sum positive: AVX2 has no arithmetic shift
  const Bits sum = to_bits(rounded_exponent) - (F::rounding_magic_bits - offset);
  const Bits half = sum >> 1;
  return {from_bits(Bits((half - 1) << F::fraction_bits)), from_bits(Bits((sum - half - 1) << F::fraction_bits))};
}

// exp(x) for every x: infinity above 709.78 (float 88.72), gradual underflow below -708.39 (-87.33), NaN for NaN.
// Largest error measured: 0.89 ulp (float 0.85).
template <class R>
HD R exp(R x) {
  using C = ExpConstants<R>;
  R bounded = x > C::largest ? C::largest : x;  // comparisons let NaN through
  bounded = bounded < C::smallest ? C::smallest : bounded;
  const R rounded_exponent = fma(bounded, C::log2_of_e, Format<R>::rounding_magic);
  const R k = rounded_exponent - Format<R>::rounding_magic;
  const R r_high = fma(k, -C::ln2_high, bounded);  // exact
  const R r_low = k * -C::ln2_low;
  const R r = fma(k, -C::ln2_low, r_high);
  const R p = r_high + fma(r * r, exp_series(r), r_low);
  const PowerOfTwo<R> power = power_of_two(rounded_exponent);
  return ((R(1) + p) * power.first) * power.second;
}

// exp(x) for the hot loops: x in [-708, 0] (float [-87, 0]), nothing else, not even NaN. Same series, in plain Horner
// form, scaled by an integer addition to the exponent: 17 operations in double, 12 in float. Largest error measured:
// 0.92 ulp (float 0.87).
template <class R>
HD R exp_nonpositive(R x) {
  using C = ExpConstants<R>;
  const R rounded_exponent = fma(x, C::log2_of_e, Format<R>::rounding_magic);
  const R k = rounded_exponent - Format<R>::rounding_magic;
  const R r = fma(k, -C::ln2_low, fma(k, -C::ln2_high, x));
  const R value = fma(r, fma(r, exp_series(r), R(1)), R(1));
  return from_bits(to_bits(value) + (to_bits(rounded_exponent) << Format<R>::fraction_bits));
}

}  // namespace tailbit::math
