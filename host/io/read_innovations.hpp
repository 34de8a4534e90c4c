// The innovations of a model file.
#pragma once

#include <string>

#include "host/io/inputs.hpp"
#include "host/io/json_file.hpp"

namespace tailbit {

// Reads the key `innovations`, if it is there, of the model in the file `path`, into `out`, whose underlyings were
// read, so that its factors are known. A history is a file beside it.
void read_innovations(JsonObject& model, const std::string& path, Problems& problems, Model& out);

}  // namespace tailbit
