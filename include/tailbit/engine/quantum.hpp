// Exact sums over contracts. Every profit or loss term is rounded once to a multiple of the quantum u and summed as an
// integer, so that sums do not depend on order: contracts may be split over threads, blocks and devices, and groups add
// up to the book.
#pragma once

#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

// u = 2^-44 G, G the power of two above the book's scale: the sum of |quantity| times the most of spot, strike and cash
// payoff, times an allowance for growth over long horizons (host/compile/compile.cpp).
struct Quantum {
  double unit = 1.0;  // u, USD

  // 1.5 * 2^52 u: adding it to |x| < 2^51 u rounds x to a multiple of u and leaves that multiple in the low mantissa
  // bits.
  HD double shifter() const { return 6755399441055744.0 * unit; }
};

// quantity * change, rounded to quanta, as raw bits: the number of quanta is bits - to_bits(shifter), modulo 2^64.
// Accumulate the raw bits of n terms and subtract n * to_bits(shifter) once.
HD std::uint64_t quantise(double quantity, double change, double shifter) {
  return math::to_bits(math::fma(quantity, change, shifter));
}

// Non-zero when |quantity * change| reaches about 2^51 u = 128 G, where rounding would no longer be to a multiple of u,
// or is not a number: sign or exponent then differ from the shifter's. The deviations raw ^ shifter may be or-ed over
// many terms first.
HD std::uint64_t out_of_range(std::uint64_t raw, double shifter) { return (raw ^ math::to_bits(shifter)) >> 52; }

// A sum of quanta this large would not be exact as a double; such a profit is 512 G.
inline constexpr std::int64_t kMostQuanta = std::int64_t{1} << 53;

}  // namespace tailbit
