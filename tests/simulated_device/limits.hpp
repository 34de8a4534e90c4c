// What a device of compute capability 9.0 allows.
#pragma once

#include <cstddef>

namespace tailbit::simulated {

inline constexpr std::size_t kSharedUnasked = 48u << 10, kMostShared = 227u << 10;  // bytes a block
inline constexpr unsigned kMostThreads = 1024, kMostGridX = 2147483647u, kMostGridY = 65535;

}  // namespace tailbit::simulated
