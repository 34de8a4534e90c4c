// Regimes: a Markov chain whose state, one for a whole period and for all underlyings, says how volatile spots are, how
// often they jump and how factors are correlated (Hamilton 1989, Econometrica 57; docs/definitions, "Scenario at time
// t").
#pragma once

#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/format.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

// A regime, as lanes hold it: a whole number, so that what is looked up by it vectorises.
//
// Where row `regime` begins in a table with rows of `size`; exact below 2^51.
HD std::uint64_t regime_row(double regime, double size) {
  using F = math::Format<double>;
  return math::to_bits(math::fma(regime, size, F::rounding_magic)) - F::rounding_magic_bits;
}

// The probabilities of the next period's regimes, added up, [count + 1][count]: a row per regime of now, and one, the
// last, for the first period. The next regime is how many of its row's first count - 1 a uniform number exceeds.
HD double regime_step(const double* cumulative, std::uint64_t row, std::uint32_t k, double uniform) {
  return uniform > cumulative[row + k] ? 1.0 : 0.0;
}

}  // namespace tailbit
