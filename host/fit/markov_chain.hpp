// Markov chains with few states.
#pragma once

#include <vector>

namespace tailbit {

// The long-run probabilities of a Markov chain's states, from its transition matrix: by the elimination of Grassmann,
// Taksar and Heyman (1985, Operations Research 33), which subtracts nothing and so loses no digits. Nothing where the
// chain has more than one closed class, so that they depend on where it starts.
std::vector<double> long_run_probabilities(const std::vector<std::vector<double>>& transition);

// The probabilities of the next period's states.
std::vector<double> one_step_ahead(const std::vector<double>& now, const std::vector<std::vector<double>>& transition);

}  // namespace tailbit
