// The order in which a path's normals are made from those of a point, the most important first: the sum over all steps,
// then what its first half has of it, then the halves' halves (Caflisch and Moskowitz 1995; Glasserman 2004, section
// 3.1). Steps count alike, so that every factor's path is built in the same way: the steps' normals are an orthonormal
// transform of the point's.
//
// While steps go on, the sums over the intervals that are still to come lie on a stack, the next one on top.
#pragma once

#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::random {

// An interval's sum is split in two.
struct PathSplit {
  std::uint32_t node;   // whose normals decide: 0 is the sum over all steps, 1 the first split in importance ...
  double part, spread;  // the left half's sum is part * sum + spread * normal
};

struct PathStep {
  std::uint32_t first_split, split_count;  // before the interval on top is the step itself
  std::uint32_t top;                       // of the stack, before these
};

HD double left_sum(const PathSplit& split, double sum, double normal) {
  return math::fma(split.spread, normal, split.part * sum);
}

}  // namespace tailbit::random
