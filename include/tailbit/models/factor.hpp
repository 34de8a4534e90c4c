// The factors of a model: what random numbers move.
#pragma once

#include <cstdint>

namespace tailbit {

// In the order of their random numbers: the spots first.
using FactorId = std::uint32_t;
inline constexpr FactorId kNoFactor = ~FactorId{0};

}  // namespace tailbit
