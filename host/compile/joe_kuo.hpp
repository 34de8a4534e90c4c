// The direction numbers of Sobol points: Joe and Kuo 2008, "Constructing Sobol sequences with better two-dimensional
// projections", SIAM Journal on Scientific Computing 30, set 6; the dimensions whose polynomials have degree 13 at
// most.
#pragma once

#include <cstdint>
#include <vector>

#include "tailbit/random/sobol.hpp"

namespace tailbit {

// Of the first `dimensions` <= random::kSobolDimensions: [dimensions][random::kSobolBits], each with its bits in
// reverse order, as random::sobol_bits takes them.
std::vector<std::uint32_t> reversed_directions(std::uint32_t dimensions);

}  // namespace tailbit
