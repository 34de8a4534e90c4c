// Polynomials in one variable.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::math {

// c0 + c1 x + c2 x^2 + ..., lowest degree first, one fma per degree.
//
// The coefficients are arguments, not an array: an array in the body of a simd loop keeps g++ from vectorising it.
// Plain Horner, because a loop over scenarios has parallel work enough to hide its latency and Estrin costs more
// operations.
template <class R>
HD R horner(R, R c0) {
  return c0;
}
template <class R, class... Rest>
HD R horner(R x, R c0, Rest... rest) {
  return fma(x, horner(x, rest...), c0);
}

}  // namespace tailbit::math
