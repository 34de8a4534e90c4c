#include "host/backend_cpu/working_set.hpp"

#include <algorithm>

#include <unistd.h>

#include "host/backend_cpu/tile.hpp"

namespace tailbit::cpu {
namespace {

// Loops over fewer lanes spend their time in beginning and ending; more of them bring nothing.
constexpr std::size_t kLeastTile = 64, kMostTile = 512;
constexpr std::uint64_t kLeastChunk = 8;

// What a revaluation reads of a scenario; the factors between revaluations are less.
std::size_t bytes_of_scenario(const Plan& plan) {
  std::size_t tenors = 0;
  for (const RevaluationNode& node : plan.nodes) tenors = std::max<std::size_t>(tenors, node.tenor_count);
  const std::size_t points = std::size_t{plan.dates} * plan.underlyings;
  const std::size_t numbers = 2 * points + tenors * kForwardLanes + plan.factors + kLeastChunk;
  return numbers * sizeof(double) + plan.state_bytes;
}

// A leaf's sum is loaded and stored once in a chunk, so a chunk should hold eight terms of it.
std::uint64_t rows_wanted(const Plan& plan) {
  std::uint64_t terms = 0;
  for (const Row& row : plan.rows) terms += row.weight_count;
  return kLeastChunk * plan.leaves * plan.rows.size() / std::max<std::uint64_t>(terms, 1);
}

}  // namespace

std::size_t second_level_cache() {
  constexpr long kUsual = 1 << 20;
  const long said = sysconf(_SC_LEVEL2_CACHE_SIZE);
  return static_cast<std::size_t>(said > 0 ? said : kUsual);
}

WorkingSet working_set(const Plan& plan, std::size_t tile, std::size_t cache_bytes) {
  if (tile == 0) {
    tile = kMostTile;
    while (tile > kLeastTile && tile * bytes_of_scenario(plan) > cache_bytes / 2) tile /= 2;
  }
  const std::uint64_t most = std::max(kLeastChunk, cache_bytes / 2 / sizeof(double) / tile);
  return {tile, static_cast<std::uint32_t>(std::clamp(rows_wanted(plan), kLeastChunk, most))};
}

}  // namespace tailbit::cpu
