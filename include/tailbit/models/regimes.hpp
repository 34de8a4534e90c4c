// Regimes: a Markov chain whose state, one for a whole period and for all underlyings, says how volatile spots are, how
// often they jump and how factors are correlated (Hamilton 1989, Econometrica 57; docs/definitions, "Scenario at time
// t").
#pragma once

#include <cstdint>

#include "tailbit/core/platform.hpp"

namespace tailbit {

// The probabilities of the next period's regimes, added up, [count + 1][count]: a row per regime of now, and one, the
// last, for the first period. The next regime is how many of its row's first count - 1 a uniform number exceeds; lanes
// hold it as a double (math/table_row.hpp).
HD double regime_step(const double* cumulative, std::uint64_t row, std::uint32_t k, double uniform) {
  return uniform > cumulative[row + k] ? 1.0 : 0.0;
}

}  // namespace tailbit
