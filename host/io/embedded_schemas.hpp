// configs/schema as text inside the program; the source is made by cmake/Schemas.cmake.
#pragma once

#include <string_view>
#include <vector>

namespace tailbit {

struct EmbeddedSchema {
  std::string_view name;  // "tailbit.run/1"
  std::string_view text;  // as in the file
};

// By name.
std::vector<EmbeddedSchema> embedded_schemas();

}  // namespace tailbit
