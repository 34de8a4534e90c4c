// Sums of central powers over scenarios, by a fixed tree: blocks of 4,096 scenarios, then the blocks in order. The
// shape does not depend on threads, tiles or device, so neither do the bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::measure {

inline constexpr std::size_t kBlock = 4096;

// A profit in quanta as a loss in USD, exact; +0 for none.
HD double loss_of(std::int64_t quanta, double unit) { return static_cast<double>(-quanta) * unit; }

// Which part of a value counts.
enum class Part { whole, positive, negative };

HD std::int64_t part_of(std::int64_t value, Part part) {
  if (part == Part::positive) return value > 0 ? value : 0;
  if (part == Part::negative) return value < 0 ? value : 0;
  return value;
}

struct PowerSums {
  double second = 0.0, third = 0.0, fourth = 0.0;  // sums of (x - centre)^2, ^3, ^4, in quanta
};

// Over one block: values are offset + quanta[i], the part that counts taken.
HD PowerSums block_power_sums(const std::int64_t* quanta, std::size_t count, std::int64_t offset, Part part,
                              double centre) {
  PowerSums sums;
  for (std::size_t i = 0; i < count; ++i) {
    const double deviation = static_cast<double>(part_of(offset + quanta[i], part)) - centre;
    const double square = deviation * deviation;
    sums.second = math::fma(deviation, deviation, sums.second);
    sums.third = math::fma(square, deviation, sums.third);
    sums.fourth = math::fma(square, square, sums.fourth);
  }
  return sums;
}

HD void add(PowerSums& total, const PowerSums& block) {
  total.second += block.second;
  total.third += block.third;
  total.fourth += block.fourth;
}

}  // namespace tailbit::measure
