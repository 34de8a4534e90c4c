// Looking up in a table by a number that lanes hold as a double, so that the look-up vectorises.
#pragma once

#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/format.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::math {

// Where row `index`, a whole number, begins in a table with rows of `size`. Exact below 2^51.
HD std::uint64_t table_row(double index, double size) {
  using F = Format<double>;
  return to_bits(fma(index, size, F::rounding_magic)) - F::rounding_magic_bits;
}

}  // namespace tailbit::math
