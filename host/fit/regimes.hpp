// The regimes of a model: probabilities and correlations completed.
#pragma once

#include <string>
#include <vector>

#include "host/io/inputs.hpp"
#include "host/io/problems.hpp"

namespace tailbit {

// Gives the first period its probabilities, where the model says none: the long run's; and the regimes' correlations
// all factors of the model, whose own correlation is fitted already (fit/correlation.hpp). Adds to `warnings` what
// repairs changed.
void complete_regimes(Model& model, const std::string& file, Problems& problems, std::vector<std::string>& warnings);

}  // namespace tailbit
