// Black's formula in the form the hot loop wants: one exponential and one division for both normal probabilities.
#pragma once

#include "tailbit/market/smile.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/normal_tail.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

// Beyond this distance exp(-x^2/2) leaves the range of exp_minus_half; the density there is below 1e-305 (1e-37 in
// float).
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
//
// In two parts, so that a loop over some scenarios can put all that comes before the division into one stretch of code.
template <class R>
struct BlackParts {
  R scale, numerator, denominator, intrinsic;  // value = scale numerator / denominator + intrinsic
};
template <class R>
HD BlackParts<R> black_parts(R a, R b, R log_ratio, market::TotalVol<R> vol) {
  const R e1 = math::fma(log_ratio, vol.inverse_stdev, R(0.5) * vol.stdev);
  const R e2 = e1 - vol.stdev;
  const R x1 = math::magnitude_up_to(kDensityLimit<R>, e1);
  R x2 = math::abs(e2);
  if constexpr (sizeof(R) == 4) x2 = math::magnitude_up_to(kDensityLimit<R>, e2);  // keeps the denominators finite
  const R density = math::exp_minus_half(x1 * x1);
  const auto tail1 = math::normal_tail_rational(x1);
  const auto tail2 = math::normal_tail_rational(x2);
  // N(e) = tail for e < 0 and 1 - tail for e >= 0: the sign goes into the rational, the 1 into the intrinsic part. (e
  // is never -0: it is a sum whose zero is a cancellation.)
  const R p1 = math::copysign_opposite(tail1.numerator, e1);
  const R p2 = math::copysign_opposite(tail2.numerator, e2);
  const R numerator = math::fma(p1, tail2.denominator, -(p2 * tail1.denominator));
  return {a * density, numerator, tail1.denominator * tail2.denominator,
          math::zero_below(e1, a) - math::zero_below(e2, b)};
}
template <class R>
HD R black_value(const BlackParts<R>& parts) {
  return math::fma(parts.scale, parts.numerator / parts.denominator, parts.intrinsic);
}
template <class R>
HD R black_value(R a, R b, R log_ratio, market::TotalVol<R> vol) {
  return black_value(black_parts(a, b, log_ratio, vol));
}

template <class R>
struct NormalParts {
  R probability;  // N(e); absolute error below 2e-16 (2e-7 in float)
  R density;      // n(e)
};
// Before its division: the tail beyond |e| is `kernel` numerator / denominator.
template <class R>
struct NormalTailParts {
  R e, kernel, numerator, denominator;
};
template <class R>
HD NormalTailParts<R> normal_tail_parts(R e) {
  const R x = math::magnitude_up_to(kDensityLimit<R>, e);
  const auto tail = math::normal_tail_rational(x);
  return {e, math::exp_minus_half(x * x), tail.numerator, tail.denominator};
}
template <class R>
HD NormalParts<R> normal_probability(const NormalTailParts<R>& tail) {
  constexpr R kInverseRootTwoPi = R(0.398942280401432677939946059934);
  const R lower = tail.kernel * (tail.numerator / tail.denominator);
  return {tail.e >= R(0) ? R(1) - lower : lower, tail.kernel * kInverseRootTwoPi};
}
template <class R>
HD NormalParts<R> normal_probability(R e) {
  return normal_probability(normal_tail_parts(e));
}

}  // namespace tailbit
