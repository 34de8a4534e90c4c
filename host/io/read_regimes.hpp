// The regimes of a model file.
#pragma once

#include <optional>

#include "host/io/inputs.hpp"
#include "host/io/json_file.hpp"

namespace tailbit {

// Reads the key `regimes` of a model, if it is there. `known` has its underlyings and jumps.
std::optional<RegimesModel> read_regimes(JsonObject& model, const Model& known);

}  // namespace tailbit
