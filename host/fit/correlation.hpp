// The correlation of the factors: completed, checked, and factored for the simulation.
#pragma once

#include "host/io/inputs.hpp"
#include "host/io/problems.hpp"

namespace tailbit {

// Orders the correlation by the model's factors (unlisted pairs independent) and adds its lower Cholesky factor, row
// sums of squares 1. A matrix that is not positive definite is a problem naming its least eigenvalue. A factor that is
// already there (a resolved model) is kept.
void fit_correlation(Model& model, const std::string& file, Problems& problems);

}  // namespace tailbit
