// Black's formula in the form the hot loop wants: one exponential and one division for both normal probabilities.
#pragma once

#include "tailbit/market/smile.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/normal_tail.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

// Beyond this distance exp(-x^2/2) leaves the range of exp_nonpositive; the density there is below 1e-305 (1e-37 in
// float).
// (As the first operand of min, so that a NaN is not mistaken for it.)
template <class R>
inline constexpr R kDensityLimit = R(37.5);
template <>
inline constexpr float kDensityLimit<float> = 13.0f;

// Value of the option to receive `a` and pay `b`: a N(e1) - b N(e2), e1 = ln(a/b)/s + s/2, e2 = e1 - s, s the total
// standard deviation (Black 1976; with a, b discounted forward and strike for a call, strike and forward for a put: a
// put on F is a call on K struck at F). Absolute error below 4e-16 max(a, b) in double, 3e-7 in float.
//
// Uses a n(e1) = b n(e2) (n the normal density) and N(-x) = exp(-x^2/2) p(x)/q(x) for x >= 0, so that
// a N(-|e1|) and b N(-|e2|) share the factor a exp(-e1^2/2) and their rationals share a division.
template <class R>
HD R black_value(R a, R b, R log_ratio, market::TotalVol<R> vol) {
  const R e1 = math::fma(log_ratio, vol.inverse_stdev, R(0.5) * vol.stdev);
  const R e2 = e1 - vol.stdev;
  const R x1 = math::min(kDensityLimit<R>, math::abs(e1));
  R x2 = math::abs(e2);
  if constexpr (sizeof(R) == 4) x2 = math::min(kDensityLimit<R>, x2);  // keeps the float denominators finite
  const R density = math::exp_nonpositive(R(-0.5) * (x1 * x1));
  const auto tail1 = math::normal_tail_rational(x1);
  const auto tail2 = math::normal_tail_rational(x2);
  // N(e) = tail for e < 0 and 1 - tail for e >= 0: the sign goes into the rational, the 1 into the intrinsic part. (e
  // is never -0: it is a sum whose zero is a cancellation.)
  const R p1 = math::opposite_sign(tail1.numerator, e1);
  const R p2 = math::opposite_sign(tail2.numerator, e2);
  const R numerator = math::fma(p1, tail2.denominator, -(p2 * tail1.denominator));
  const R time_value = numerator / (tail1.denominator * tail2.denominator);
  const R intrinsic = (e1 >= R(0) ? a : R(0)) - (e2 >= R(0) ? b : R(0));
  return math::fma(a * density, time_value, intrinsic);
}

template <class R>
struct NormalParts {
  R probability;  // N(e); absolute error below 2e-16 (2e-7 in float)
  R density;      // n(e)
};
template <class R>
HD NormalParts<R> normal_probability(R e) {
  constexpr R kInverseRootTwoPi = R(0.398942280401432677939946059934);
  const R x = math::min(kDensityLimit<R>, math::abs(e));
  const auto tail = math::normal_tail_rational(x);
  const R kernel = math::exp_nonpositive(R(-0.5) * (x * x));
  const R lower = kernel * (tail.numerator / tail.denominator);
  return {e >= R(0) ? R(1) - lower : lower, kernel * kInverseRootTwoPi};
}

}  // namespace tailbit
