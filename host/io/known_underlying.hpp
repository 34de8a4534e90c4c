// Underlyings that a part of a model names.
#pragma once

#include <string>
#include <vector>

#include "host/io/json_file.hpp"
#include "host/io/model.hpp"
#include "host/io/text.hpp"

namespace tailbit {

// Whether the model has the underlying that the key of `at` names; else a problem.
inline bool known_underlying(const JsonNode& at, const std::string& name, const Model& model) {
  if (model.underlyings.contains(name)) return true;
  std::vector<std::string> known;
  for (const auto& [there, unused] : model.underlyings) known.push_back(there);
  at.problem(in_quotes(name) + " is not an underlying of this model" + did_you_mean(name, known),
             "add it to `underlyings`, or leave it out here");
  return false;
}

}  // namespace tailbit
