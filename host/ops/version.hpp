// What this program is.
#pragma once

#include <nlohmann/json.hpp>

namespace tailbit {

nlohmann::ordered_json version_json();

}  // namespace tailbit
