// From innovations that draw whole periods at once to the tables of the plan.
#pragma once

#include <vector>

#include "host/io/inputs.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit {

// `root`: the lower Cholesky factor of the factors' correlation over a step, [F][F].
void add_period_moves(const Model& model, const std::vector<std::vector<double>>& root, Paths& paths);

}  // namespace tailbit
