// Mean and central moments over scenarios, by a fixed tree: blocks of 512 scenarios about their own means, then the
// blocks in order. Its shape does not depend on threads, tiles, ranks or device, so neither do the bits, and a block is
// done with once it has been seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tailbit/core/platform.hpp"
#include "tailbit/engine/pnl.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::measure {

inline constexpr std::size_t kBlock = ProfitSink::kBlock;

// A profit in quanta as a loss in USD, exact; +0 for none.
HD double loss_of(std::int64_t quanta, double unit) { return static_cast<double>(-quanta) * unit; }

// Which part of a value counts.
enum class Part { whole, positive, negative };

HD std::int64_t part_of(std::int64_t value, Part part) {
  if (part == Part::positive) return value > 0 ? value : 0;
  if (part == Part::negative) return value < 0 ? value : 0;
  return value;
}

struct BlockMoments {
  std::int64_t sum = 0;                            // quanta, exact: 512 values below 2^54
  double second = 0.0, third = 0.0, fourth = 0.0;  // sums of (x - mean of the block)^2, ^3, ^4
};

// Values are offset + quanta[i], the part that counts taken.
HD BlockMoments block_moments(const std::int64_t* quanta, std::size_t count, std::int64_t offset, Part part) {
  BlockMoments block;
  for (std::size_t i = 0; i < count; ++i) block.sum += part_of(offset + quanta[i], part);
  const double centre = static_cast<double>(block.sum) / static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double deviation = static_cast<double>(part_of(offset + quanta[i], part)) - centre;
    const double square = deviation * deviation;
    block.second = math::fma(deviation, deviation, block.second);
    block.third = math::fma(square, deviation, block.third);
    block.fourth = math::fma(square, square, block.fourth);
  }
  return block;
}

inline std::size_t block_count(std::uint64_t scenarios) { return (scenarios + kBlock - 1) / kBlock; }

struct CentralMoments {
  double mean = 0.0;
  double second = 0.0, third = 0.0, fourth = 0.0;  // sums of (x - mean)^2, ^3, ^4, in quanta
};

// Of all blocks' values together (Chan, Golub and LeVeque 1983, and Terriberry's terms of order three and four). All
// blocks are whole but the last.
inline CentralMoments combine(std::span<const BlockMoments> blocks, std::uint64_t scenarios) {
  __int128 sum = 0;
  for (const BlockMoments& block : blocks) sum += block.sum;
  CentralMoments total{static_cast<double>(sum) / static_cast<double>(scenarios)};
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const BlockMoments& block = blocks[b];
    const double count = static_cast<double>(b + 1 < blocks.size() ? kBlock : scenarios - b * kBlock);
    const double shift = static_cast<double>(block.sum) / count - total.mean;
    const double square = shift * shift;
    total.second += math::fma(count, square, block.second);
    total.third += math::fma(shift, math::fma(count, square, 3.0 * block.second), block.third);
    total.fourth += math::fma(shift, math::fma(shift, math::fma(count, square, 6.0 * block.second), 4.0 * block.third),
                              block.fourth);
  }
  return total;
}

// The same of profits that all lie in host memory.
inline CentralMoments central_moments(std::span<const std::int64_t> quanta, std::int64_t offset, Part part) {
  std::vector<BlockMoments> blocks;
  blocks.reserve(block_count(quanta.size()));
  for (std::size_t first = 0; first < quanta.size(); first += kBlock) {
    const std::size_t count = quanta.size() - first < kBlock ? quanta.size() - first : kBlock;
    blocks.push_back(block_moments(quanta.data() + first, count, offset, part));
  }
  return combine(blocks, quanta.size());
}

}  // namespace tailbit::measure
