// The regimes of a model: probabilities and correlations completed.
#pragma once

#include <string>
#include <vector>

#include "host/io/inputs.hpp"
#include "host/io/problems.hpp"

namespace tailbit {

// The long-run probabilities of a Markov chain's states, from its transition matrix: by the elimination of Grassmann,
// Taksar and Heyman (1985, Operations Research 33), which subtracts nothing and so loses no digits. Nothing where the
// chain has more than one closed class, so that they depend on where it starts.
std::vector<double> long_run_probabilities(const std::vector<std::vector<double>>& transition);

// Gives the first period its probabilities, where the model says none: the long run's; and the regimes' correlations
// all factors of the model, whose own correlation is fitted already (fit/correlation.hpp). Adds to `warnings` what
// repairs changed.
void fit_regimes(Model& model, const std::string& file, Problems& problems, std::vector<std::string>& warnings);

}  // namespace tailbit
