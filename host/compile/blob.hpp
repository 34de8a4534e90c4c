// Bytes of many types in one buffer, each array on a cache line, to be copied to a device whole.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <vector>

#include "tailbit/core/aligned.hpp"

namespace tailbit {

// Appends an array and returns its offset.
template <class T>
std::size_t append(std::vector<std::byte>& bytes, const std::vector<T>& values) {
  static_assert(std::is_trivially_copyable_v<T>);
  const std::size_t offset = (bytes.size() + kCacheLine - 1) / kCacheLine * kCacheLine;
  bytes.resize(offset + values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(bytes.data() + offset, values.data(), values.size() * sizeof(T));
  return offset;
}

}  // namespace tailbit
