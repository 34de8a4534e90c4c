// Student-t innovations: normals whose variance is itself drawn, once per scenario and period, for all factors together
// (docs/definitions, "The scenario at time t"; Glasserman 2004, section 9.3).
//
// By inversion, so that a draw is one uniform number whatever the degrees of freedom: the chi-square variate is the one
// at probability N(z), z the uniform's normal quantile. As a function of z its logarithm is smooth over the generator's
// whole range, both tails included, and short polynomials on equal segments reproduce it; as a function of the uniform
// it is not.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/format.hpp"
#include "tailbit/math/polynomial.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

// The table of one `dof`, [segment][coefficient], made by host/compile/mixing_table.hpp. Segment s is centred at
// z = (s - kMixingCentre) / kMixingSegmentsPerUnit and ends half way to its neighbours. Its polynomial in
// t = z kMixingSegmentsPerUnit - (s - kMixingCentre), lowest degree first, is ln((dof - 2) / chi-square).
// A row is a cache line. Uniforms have 52 bits, so |z| <= 8.21 and the outermost segments are entered only in part.
inline constexpr std::size_t kMixingCoefficients = 8;
inline constexpr std::size_t kMixingSegments = 67;
inline constexpr double kMixingCentre = 33.0;
inline constexpr double kMixingSegmentsPerUnit = 4.0;
inline constexpr double kMixingReach = (kMixingCentre + 0.5) / kMixingSegmentsPerUnit;  // of |z|

// A period's variance relative to its mean: (dof - 2) / chi-square, chi-square at probability N(z). Mean 1 over a
// standard normal z; falls in z. A normal variate times its root is t with unit variance.
//
// |z| < kMixingReach, not checked. Relative error against the exact quantile: below 1e-13 (docs/numerics.md).
HD double period_variance(const double* table, double z) {
  using F = math::Format<double>;
  const double rounded = math::fma(z, kMixingSegmentsPerUnit, F::rounding_magic);
  const double t = math::fma(z, kMixingSegmentsPerUnit, F::rounding_magic - rounded);
  const std::uint64_t row = math::to_bits(rounded + kMixingCentre) - F::rounding_magic_bits;
  // Indexed from the table's start: g++ 12 does not vectorise reads through a pointer to the row.
  const std::uint64_t i = row * kMixingCoefficients;
  return math::exp(math::horner(t, table[i], table[i + 1], table[i + 2], table[i + 3], table[i + 4], table[i + 5],
                                table[i + 6], table[i + 7]));
}

}  // namespace tailbit
