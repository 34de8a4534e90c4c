// The normal distribution's tail as the Black loop wants it: without its exponential, and before the division.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/math/polynomial.hpp"

namespace tailbit::math {

template <class R>
struct Rational {
  R numerator;
  R denominator;
};

// N(-a) = exp(-a^2/2) numerator/denominator, a >= 0: a standard normal's tail; a up to 1e10 in double, 16 in float.
//
// Error of N, absolute: 2.2e-17 in double (degrees 6/7), 2.7e-10 in float (3/4), plus rounding (together 1.4e-16
// and 5.9e-8 measured). Absolute, because an option's price needs N relative to the forward and not to itself, and then
// few degrees do. The caller shares one exponential and one division between N(d1) and N(d2). Every coefficient is
// positive: no cancellation. Own fit, scripts/fit/fit_normal_tail.py (Lawson, then Remez, weight exp(-a^2/2)).
//
// In simd loops select between numbers made from these, not between two Rationals: clang 14 does not vectorise that.
inline constexpr Table kTailNumerator{0.5,
                                      0.50229109726841903,
                                      0.25449103687106545,
                                      0.077004380050540541,
                                      0.014473201146277981,
                                      0.0015903607608144812,
                                      8.0071695247652092e-05};
inline constexpr Table kTailDenominator{1.0,
                                        1.8024667553397138,
                                        1.4471424691877064,
                                        0.67338953615227515,
                                        0.19704908043152741,
                                        0.036476543474525287,
                                        0.0039865957361142675,
                                        0.00020070629020824655};
inline constexpr Table kTailNumeratorSingle{0.5f, 0.297787982f, 0.0864674804f, 0.00993670357f};
inline constexpr Table kTailDenominatorSingle{1.0f, 1.39346047f, 0.784756522f, 0.215243517f, 0.0249889312f};

HD Rational<double> normal_tail_rational(double a) {
  return {polynomial<kTailNumerator>(a), polynomial<kTailDenominator>(a)};
}
HD Rational<float> normal_tail_rational(float a) {
  return {polynomial<kTailNumeratorSingle>(a), polynomial<kTailDenominatorSingle>(a)};
}

}  // namespace tailbit::math
