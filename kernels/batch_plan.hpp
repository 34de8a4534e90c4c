// How many scenarios a device simulates at a time, planned from the memory it has free before the run.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/cuda_backend.hpp"
#include "tailbit/engine/pnl.hpp"

namespace tailbit::cuda {

struct BatchPlan {
  std::size_t lanes;  // a multiple of ProfitSink::kBlock
  std::size_t slots;  // batches in flight at a time: while one computes, the other is reduced and copied
  bool operator==(const BatchPlan&) const = default;
};

struct BatchNeeds {
  double bytes_per_lane;  // of device memory
  std::size_t tails;      // groups' tails per scenario: each may yield a candidate
};

// Smaller batches leave processors idle, so a run is not cut into them for the sake of having several.
inline constexpr std::size_t kWorthwhileLanes = 8192;
// Candidates come to the host at 16 bytes each: 256 MiB.
inline constexpr std::size_t kMostCandidates = std::size_t{1} << 24;
// What is left for Thrust's intermediate results, kernels' stacks and what else may start on the device.
inline constexpr double kShareOfFree = 0.85;
// Batches that each of several devices should find, so that none waits long for the last.
inline constexpr std::uint64_t kBatchesOfDevice = 4;

inline std::size_t whole_blocks(double lanes) {
  return static_cast<std::size_t>(std::max(lanes, 0.0)) / ProfitSink::kBlock * ProfitSink::kBlock;
}

// For `scenarios` >= 1 on `devices` devices, this one with `free_bytes`, in batches of `most` >= kBlock at most. Where
// not even the smallest batch fits, that one; its allocation will tell.
inline BatchPlan plan_batches(std::uint64_t scenarios, std::size_t free_bytes, const BatchNeeds& needs,
                              std::size_t devices, std::size_t most = Options::kMostLanes) {
  constexpr std::size_t kBlock = ProfitSink::kBlock;
  const std::size_t fitting = whole_blocks(kShareOfFree * static_cast<double>(free_bytes) / needs.bytes_per_lane);
  most = most / kBlock * kBlock;
  if (needs.tails != 0) most = std::min(most, std::max(kBlock, kMostCandidates / needs.tails / kBlock * kBlock));
  const std::uint64_t pieces =
      std::clamp<std::uint64_t>(scenarios / kWorthwhileLanes, 1, devices > 1 ? kBatchesOfDevice * devices : 2);
  const std::uint64_t blocks = (scenarios + kBlock - 1) / kBlock;
  const std::uint64_t share = (blocks + pieces - 1) / pieces * kBlock;
  most = std::min<std::uint64_t>(most, share);
  if (most >= scenarios && fitting >= most) return {most, 1};
  if (fitting >= 2 * kBlock) return {std::min(most, fitting / 2 / kBlock * kBlock), 2};
  return {kBlock, 1};
}

// The next smaller plan, for a device that had less memory than it said; the smallest is {kBlock, 1}.
inline BatchPlan smaller(BatchPlan plan) {
  constexpr std::size_t kBlock = ProfitSink::kBlock;
  if (plan.lanes > kBlock) return {std::max(kBlock, plan.lanes / 2 / kBlock * kBlock), plan.slots};
  return {kBlock, 1};
}
inline bool is_smallest(BatchPlan plan) { return plan == BatchPlan{ProfitSink::kBlock, 1}; }

// A launch costs the host some microseconds, and so, once, does its place in a graph; a graph starts what it holds with
// a fraction of that each. It pays where a batch has more launches than hide behind the work of the other slot, and is
// played several times.
inline constexpr std::size_t kLaunchesForGraph = 32;
inline constexpr std::uint64_t kBatchesForGraph = 4;

inline bool worth_recording(std::size_t launches, std::uint64_t batches_of_slot) {
  return launches >= kLaunchesForGraph && batches_of_slot >= kBatchesForGraph;
}

}  // namespace tailbit::cuda
