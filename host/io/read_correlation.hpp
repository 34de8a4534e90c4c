// The correlation of a model file.
#pragma once

#include <optional>
#include <vector>

#include "host/io/inputs.hpp"
#include "host/io/json_file.hpp"

namespace tailbit {

// Reads the key `correlation` of `holder`, if it is there. `model` has its underlyings, so that its factors are known.
// Whether the matrix is positive definite is told later, by the fit (host/fit/correlation.hpp).
std::optional<Correlation> read_correlation(JsonObject& holder, const Model& model);

// False, and a problem, unless the node has n rows of n numbers; `each` says what a row and a column are for.
bool read_square(const JsonNode& node, std::size_t n, const std::string& each,
                 std::vector<std::vector<double>>& matrix);

}  // namespace tailbit
