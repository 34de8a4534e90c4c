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
inline constexpr Table kExpSeries{0.50000000000000111,    0.1666666666666641,     0.041666666666529739,
                                  0.0083333333334950199,  0.0013888888943763382,  0.00019841269505979734,
                                  2.4801492942736623e-05, 2.7557586464357612e-06, 2.763030939281111e-07,
                                  2.5000156793944842e-08};
inline constexpr Table kExpSeriesSingle{0.499999935f, 0.166665204f, 0.0416683857f, 0.00836874664f, 0.00138148143f};
HD double exp_series(double r) { return polynomial<kExpSeries>(r); }
HD float exp_series(float r) { return polynomial<kExpSeriesSingle>(r); }

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

// value times 2^k, k = rounded_exponent - rounding_magic, where that is a normal number: an addition to the exponent.
namespace by_words {
HD double scaled_by(double value, double rounded_exponent) {
  return join(upper(value) + (lower(rounded_exponent) << 20), lower(value));
}
}  // namespace by_words
template <class R>
HD R scaled_by(R value, R rounded_exponent) {
#if defined(__CUDA_ARCH__)
  if constexpr (sizeof(R) == 8) return by_words::scaled_by(value, rounded_exponent);
#endif
  return from_bits(to_bits(value) + (to_bits(rounded_exponent) << Format<R>::fraction_bits));
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
  return scaled_by(value, rounded_exponent);
}

// exp_nonpositive(-x/2), bit for bit, x in [0, 1416] (float [0, 174]): every number on the way to it times a power of
// -2, which saves the product with -1/2.
namespace detail {
template <class R, std::size_t n>
constexpr Table<R, n + 2> of_minus_half(const Table<R, n>& series) {
  Table<R, n + 2> result{{R(1), R(-0.5)}};
  R scale = R(0.25);
  for (std::size_t i = 0; i < n; ++i, scale *= R(-0.5)) result.values[i + 2] = series.values[i] * scale;
  return result;
}
template <class R>
inline constexpr Table<R, 3> kMinusHalfSteps{
    {R(-0.5) * ExpConstants<R>::log2_of_e, R(2) * ExpConstants<R>::ln2_high, R(2) * ExpConstants<R>::ln2_low}};
inline constexpr auto kMinusHalfSeries = of_minus_half(kExpSeries);
inline constexpr auto kMinusHalfSeriesSingle = of_minus_half(kExpSeriesSingle);
}  // namespace detail
template <class R>
HD R exp_minus_half(R x) {
  const R rounded_exponent = fma(x, constant<detail::kMinusHalfSteps<R>, 0>(), Format<R>::rounding_magic);
  const R k = rounded_exponent - Format<R>::rounding_magic;
  const R rest =
      fma(k, constant<detail::kMinusHalfSteps<R>, 2>(), fma(k, constant<detail::kMinusHalfSteps<R>, 1>(), x));
  if constexpr (sizeof(R) == 8) {
    return scaled_by(polynomial<detail::kMinusHalfSeries>(rest), rounded_exponent);
  } else {
    return scaled_by(polynomial<detail::kMinusHalfSeriesSingle>(rest), rounded_exponent);
  }
}

}  // namespace tailbit::math
