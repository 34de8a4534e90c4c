// Made-up numbers for samples that depend on a seed and a name alone, so that a longer sample begins as a shorter one.
#pragma once

#include <cstdint>
#include <string_view>

namespace tailbit {

// FNV-1a of the name, stirred by the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
constexpr std::uint64_t named_bits(std::uint64_t seed, std::string_view name) {
  std::uint64_t x = 0xcbf29ce484222325u ^ seed;
  for (const char c : name) x = (x ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// In [0, 1).
constexpr double named_uniform(std::uint64_t seed, std::string_view name) {
  return static_cast<double>(named_bits(seed, name) >> 11) * 0x1p-53;
}

}  // namespace tailbit
