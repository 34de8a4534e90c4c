// What Sobol points decide of a path, and their tables.
#pragma once

#include <cstdint>

#include "host/io/inputs.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit {

// After steps, mixing and period moves are there. Throws Failure where the factors are more than the dimensions.
void add_sampling(const RunConfig& config, Paths& paths);

}  // namespace tailbit
