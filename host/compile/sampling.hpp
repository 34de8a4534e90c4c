// What Sobol points decide of a path, and their tables.
#pragma once

#include <string>
#include <vector>

#include "host/io/inputs.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit {

// After steps, mixing and period moves are there.
void add_sampling(const RunConfig& config, Paths& paths);

// Of paths that have it: what keeps Sobol points from doing their best.
std::vector<std::string> sampling_warnings(const RunConfig& config, const Paths& paths);

}  // namespace tailbit
