// Which interval of the steps is split when, and by which node's normals (random/path_bridge.hpp).
#pragma once

#include <cstdint>
#include <vector>

#include "tailbit/random/path_bridge.hpp"

namespace tailbit {

struct PathSplits {
  std::vector<random::PathStep> steps;
  std::vector<random::PathSplit> splits;  // in the order of the steps that need them
  std::uint32_t stack = 0;                // how many intervals wait at most
};

// Of `steps` >= 1. Nodes count from long intervals to short ones, and from early to late ones.
PathSplits path_splits(std::uint32_t steps);

}  // namespace tailbit
