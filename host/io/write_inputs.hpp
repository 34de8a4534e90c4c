// The users' inputs as JSON, in the formats that the readers read: reading what is written gives the same
// inputs, bit for bit.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/inputs.hpp"

namespace tailbit {

nlohmann::ordered_json market_to_json(const Market& market);
nlohmann::ordered_json model_to_json(const Model& model);
nlohmann::ordered_json instruments_to_json(const std::vector<Instrument>& instruments);

// Text for people: what fits on a line is on a line. Ends with a newline.
std::string json_text(const nlohmann::ordered_json& value);

}  // namespace tailbit
