// From a model's regimes to the tables of the plan.
#pragma once

#include <string>

#include "host/io/inputs.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit {

// Whether regimes change the vol of an underlying's spot, or a correlation.
bool vol_by_regime(const Model& model, const std::string& underlying);
bool correlation_by_regime(const Model& model);

// Adds probabilities, vols and intensities; `first` is there.
void add_regimes(const Model& model, Paths& paths);

}  // namespace tailbit
