// Tables of short polynomials on equal segments, made from a function's values.
#pragma once

#include <array>
#include <cstddef>

#include "tailbit/math/primitives.hpp"

namespace tailbit {

// Eight coefficients, lowest degree first, of a polynomial on [-1/2, 1/2]: a cache line.
using SegmentPolynomial = std::array<double, 8>;

// Chebyshev's nodes on [-1/2, 1/2], cos((2k + 1) pi / 16) / 2, rounded to 20 bits: so that places made of them are
// exact.
inline constexpr SegmentPolynomial kSegmentNodes = {-514'214.0 / 0x1p20, -435'930.0 / 0x1p20, -291'279.0 / 0x1p20,
                                                    -102'284.0 / 0x1p20, 102'284.0 / 0x1p20,  291'279.0 / 0x1p20,
                                                    435'930.0 / 0x1p20,  514'214.0 / 0x1p20};

// The polynomial through `values` at the nodes, by Newton's divided differences.
inline SegmentPolynomial interpolate(SegmentPolynomial values) {
  constexpr std::size_t n = kSegmentNodes.size();
  for (std::size_t order = 1; order < n; ++order)
    for (std::size_t i = n - 1; i >= order; --i)
      values[i] = (values[i] - values[i - 1]) / (kSegmentNodes[i] - kSegmentNodes[i - order]);
  SegmentPolynomial polynomial{};
  for (std::size_t i = n; i-- > 0;) {  // polynomial * (t - node) + difference
    for (std::size_t power = n - 1; power > 0; --power)
      polynomial[power] = math::fma(-kSegmentNodes[i], polynomial[power], polynomial[power - 1]);
    polynomial[0] = math::fma(-kSegmentNodes[i], polynomial[0], values[i]);
  }
  return polynomial;
}

}  // namespace tailbit
