// The plan's leaf terms in device memory, for the whole run, and what a launch needs to know of them.
#pragma once

#include <vector>

#include "kernels/batch.hpp"
#include "kernels/device_buffer.hpp"
#include "kernels/revaluation.hpp"

namespace tailbit::cuda {

class DeviceLeaves {
 public:
  explicit DeviceLeaves(const Plan& plan) : DeviceLeaves(leaf_terms(plan, chunk_rows(plan))) {}

  LeafView view() const { return {chunks_.data(), holdings_.data(), terms_.data()}; }

  // Of a run, by its index in the plan: its chunks, and whether any of them needs columns.
  std::uint32_t first_chunk(std::uint32_t run) const { return first_chunk_[run]; }
  std::uint32_t chunk_count(std::uint32_t run) const { return first_chunk_[run + 1] - first_chunk_[run]; }
  bool needs_columns(std::uint32_t run) const { return needs_columns_[run]; }

 private:
  explicit DeviceLeaves(const LeafTerms& leaves)
      : first_chunk_(leaves.first_chunk),
        needs_columns_(runs_with_columns(leaves)),
        chunks_(leaves.chunks),
        holdings_(leaves.holdings),
        terms_(leaves.terms) {}

  std::vector<std::uint32_t> first_chunk_;
  std::vector<bool> needs_columns_;
  DeviceBuffer<Chunk> chunks_;
  DeviceBuffer<Holding> holdings_;
  DeviceBuffer<Term> terms_;
};

}  // namespace tailbit::cuda
