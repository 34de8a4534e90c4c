// The correlation of a model file.
#pragma once

#include "host/io/inputs.hpp"
#include "host/io/json_file.hpp"

namespace tailbit {

// Reads the key `correlation` of a model whose underlyings were read into `out`, so that its factors are known.
// Whether the matrix is positive definite is told later, by the fit (host/fit/correlation.hpp).
void read_correlation(JsonObject& model, Model& out);

}  // namespace tailbit
