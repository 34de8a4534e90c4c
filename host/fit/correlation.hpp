// The correlation of the factors: completed, checked, and repaired where the model asks for it.
#pragma once

#include <optional>
#include <string>

#include "host/io/inputs.hpp"
#include "host/io/problems.hpp"

namespace tailbit {

// Orders a correlation by `factors`, unlisted pairs independent, so that math::cholesky of its matrix succeeds. Where
// it does not, the listed factors' matrix is replaced by the nearest correlation matrix if the model says "higham"
// (fit/nearest_correlation.hpp), and what that changed is returned; else it is a problem that names the least
// eigenvalue. A matrix that math::cholesky takes is never touched, however small its least eigenvalue: so what a
// repaired model is resolved to stays as it is. Leaves the correlation as it was when there is a problem, which `where`
// of the file has: "/correlation/matrix".
std::optional<RepairSize> fit_correlation(Correlation& correlation, const std::vector<std::string>& factors,
                                          const std::string& file, const std::string& where, Problems& problems);

// The same of a model's correlation, of all its factors (model_factors), with what Heston's `rho` says in it.
std::optional<RepairSize> fit_correlation(Model& model, const std::string& file, Problems& problems);

// "the correlation was not positive definite (least eigenvalue -0.12): replaced by the nearest one, ...".
std::string repair_text(const RepairSize& size);

}  // namespace tailbit
