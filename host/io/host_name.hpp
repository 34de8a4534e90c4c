#pragma once

#include <string>

namespace tailbit {

// Of this machine, by its kernel.
std::string host_name();

}  // namespace tailbit
