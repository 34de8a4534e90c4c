// The only floating-point operations that bits may be made of: + - * / and the functions of this file.
//
// Every one is correctly rounded under IEEE 754 on every target, or moves bits without arithmetic, so an expression
// written with them has one value, whatever the compiler, instruction set or device.
#pragma once

#include <bit>
#include <cstdint>

#include "tailbit/core/platform.hpp"

namespace tailbit::math {

// a * b + c, rounded once. Every product that feeds a sum is written with it: compilers may otherwise fuse
// (or, as g++ 12's vectoriser does, half fuse) the two operations as they please.
HD double fma(double a, double b, double c) {
#if defined(__CUDA_ARCH__)
  return __fma_rn(a, b, c);
#else
  return __builtin_fma(a, b, c);
#endif
}
HD float fma(float a, float b, float c) {
#if defined(__CUDA_ARCH__)
  return __fmaf_rn(a, b, c);
#else
  return __builtin_fmaf(a, b, c);
#endif
}

HD double sqrt(double x) {
#if defined(__CUDA_ARCH__)
  return __dsqrt_rn(x);
#else
  return __builtin_sqrt(x);
#endif
}
HD float sqrt(float x) {
#if defined(__CUDA_ARCH__)
  return __fsqrt_rn(x);
#else
  return __builtin_sqrtf(x);
#endif
}

// Bit patterns. Compiles to a register move; vectorises.
HD std::uint64_t to_bits(double x) { return __builtin_bit_cast(std::uint64_t, x); }
HD std::uint32_t to_bits(float x) { return __builtin_bit_cast(std::uint32_t, x); }
HD double double_from_bits(std::uint64_t b) { return __builtin_bit_cast(double, b); }
HD float float_from_bits(std::uint32_t b) { return __builtin_bit_cast(float, b); }

HD double abs(double x) { return double_from_bits(to_bits(x) & 0x7fffffffffffffffull); }
HD float abs(float x) {
#if defined(__CUDA_ARCH__)
  return __builtin_fabsf(x);  // part of the instruction that takes it
#else
  return float_from_bits(to_bits(x) & 0x7fffffffu);
#endif
}

// magnitude's value with sign's sign bit.
HD double copysign(double magnitude, double sign) {
  return double_from_bits((to_bits(magnitude) & 0x7fffffffffffffffull) | (to_bits(sign) & 0x8000000000000000ull));
}
HD float copysign(float magnitude, float sign) {
  return float_from_bits((to_bits(magnitude) & 0x7fffffffu) | (to_bits(sign) & 0x80000000u));
}

// copysign(magnitude, -sign), where the magnitude has no sign yet: a single operation on bits.
HD double copysign_opposite(double magnitude, double sign) {
  return double_from_bits(to_bits(magnitude) | (~to_bits(sign) & 0x8000000000000000ull));
}
HD float copysign_opposite(float magnitude, float sign) {
  return float_from_bits(to_bits(magnitude) | (~to_bits(sign) & 0x80000000u));
}

// A double as two words: a device has registers of 32 bits, so that what looks at one word alone costs half, and
// comparisons of integers leave its double pipe alone. The functions below are what it computes those that follow by.
namespace by_words {
HD std::uint32_t upper(double x) { return static_cast<std::uint32_t>(to_bits(x) >> 32); }
HD std::uint32_t lower(double x) { return static_cast<std::uint32_t>(to_bits(x)); }
HD double join(std::uint32_t upper, std::uint32_t lower) {
  return double_from_bits((std::uint64_t{upper} << 32) | lower);
}

// A lower word of limit other than 0 is not looked at. Beyond infinity there are only NaN.
HD double magnitude_up_to(double limit, double x) {
  const std::uint32_t most = upper(limit);
  const std::uint32_t magnitude = upper(x) & 0x7fffffffu;
  const bool beyond = magnitude - most <= 0x7ff00000u - most;
  return join(beyond ? most : magnitude, beyond ? 0u : lower(x));
}
HD double zero_below(double x, double value) { return (upper(x) >> 31) == 0 ? value : 0.0; }
HD float zero_below(float x, float value) { return (to_bits(x) >> 31) == 0 ? value : 0.0f; }
}  // namespace by_words

// min(limit, |x|), and NaN for NaN; limit > 0 with few digits: a double's lower word is 0.
HD double magnitude_up_to(double limit, double x) {
#if defined(__CUDA_ARCH__)
  return by_words::magnitude_up_to(limit, x);
#else
  return abs(x) > limit ? limit : abs(x);
#endif
}
HD float magnitude_up_to(float limit, float x) { return abs(x) > limit ? limit : abs(x); }

// `value` where x > 0 or +0, 0 where x < 0; one of these where x is -0 or not a number.
template <class R>
HD R zero_below(R x, R value) {
#if defined(__CUDA_ARCH__)
  return by_words::zero_below(x, value);
#else
  return x >= R(0) ? value : R(0);
#endif
}

// The second operand when either is not a number, as a plain comparison gives.
template <class R>
HD R min(R a, R b) {
  return a < b ? a : b;
}
template <class R>
HD R max(R a, R b) {
  return a > b ? a : b;
}

}  // namespace tailbit::math
