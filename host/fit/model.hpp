// A model completed: what a run starts from, as decimals.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/io/inputs.hpp"
#include "host/io/problems.hpp"

namespace tailbit {

// Completes the correlation of a model (fit/correlation.hpp) and its regimes (fit/regimes.hpp), and checks that what
// its innovations draw for whole periods is independent of all else. Adds to `warnings` what repairs changed, and
// residuals that are not of unit variance. Returns what was changed in the model's own correlation.
std::optional<RepairSize> fit_model(Model& model, const std::string& file, Problems& problems,
                                    std::vector<std::string>& warnings);

}  // namespace tailbit
