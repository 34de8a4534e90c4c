// What a model's regimes are, and how probable each is over the horizon.
#pragma once

#include <nlohmann/json.hpp>

#include "host/io/inputs.hpp"

namespace tailbit {

// `inputs` are resolved. Empty where the model has no regimes; else its states, with the length of their spells and
// their probabilities in the long run, and those of each period within the horizon.
nlohmann::ordered_json regimes_outlook(const Inputs& inputs);

}  // namespace tailbit
