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
HD float abs(float x) { return float_from_bits(to_bits(x) & 0x7fffffffu); }

// magnitude's value with sign's sign bit.
HD double copysign(double magnitude, double sign) {
  return double_from_bits((to_bits(magnitude) & 0x7fffffffffffffffull) | (to_bits(sign) & 0x8000000000000000ull));
}
HD float copysign(float magnitude, float sign) {
  return float_from_bits((to_bits(magnitude) & 0x7fffffffu) | (to_bits(sign) & 0x80000000u));
}

// A magnitude without a sign bit, with the sign bit that x lacks: one operation less than copysign(magnitude, -x).
HD double opposite_sign(double magnitude, double x) {
  return double_from_bits(to_bits(magnitude) | (~to_bits(x) & 0x8000000000000000ull));
}
HD float opposite_sign(float magnitude, float x) {
  return float_from_bits(to_bits(magnitude) | (~to_bits(x) & 0x80000000u));
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
