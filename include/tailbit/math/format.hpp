// The layout of the two floating-point formats, for functions that build numbers from their bits.
#pragma once

#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::math {

template <class R>
struct Format;

template <>
struct Format<double> {
  using Bits = std::uint64_t;
  static constexpr int fraction_bits = 52;
  static constexpr Bits exponent_bias = 1023;
  static constexpr Bits fraction_mask = 0x000fffffffffffffull;
  static constexpr double smallest_normal = 0x1p-1022;
  // x + rounding_magic holds round(x) in the lowest bits (two's complement), |x| < 2^51. Faster than a conversion to
  // integer, and AVX2 has no such conversion.
  static constexpr double rounding_magic = 0x1.8p52;
  static constexpr Bits rounding_magic_bits = 0x4338000000000000ull;
  // integer_magic's bits | n, as a number, is integer_magic + n, 0 <= n < 2^52.
  static constexpr double integer_magic = 0x1p52;
  static constexpr Bits integer_magic_bits = 0x4330000000000000ull;
  static constexpr Bits infinity_bits = 0x7ff0000000000000ull;
  static constexpr Bits nan_bits = 0x7ff8000000000000ull;
};

template <>
struct Format<float> {
  using Bits = std::uint32_t;
  static constexpr int fraction_bits = 23;
  static constexpr Bits exponent_bias = 127;
  static constexpr Bits fraction_mask = 0x007fffffu;
  static constexpr float smallest_normal = 0x1p-126f;
  static constexpr float rounding_magic = 0x1.8p23f;
  static constexpr Bits rounding_magic_bits = 0x4b400000u;
  static constexpr float integer_magic = 0x1p23f;
  static constexpr Bits integer_magic_bits = 0x4b000000u;
  static constexpr Bits infinity_bits = 0x7f800000u;
  static constexpr Bits nan_bits = 0x7fc00000u;
};

HD double from_bits(std::uint64_t bits) { return double_from_bits(bits); }
HD float from_bits(std::uint32_t bits) { return float_from_bits(bits); }

template <class R>
HD R infinity() {
  return from_bits(Format<R>::infinity_bits);
}
template <class R>
HD R not_a_number() {
  return from_bits(Format<R>::nan_bits);
}

}  // namespace tailbit::math
