// A batch: the scenarios a device works on at once. Arrays are [entries][stride], scenario contiguous, so that
// neighbouring threads read neighbouring words. Plain pointers, in device memory under CUDA and in host memory when
// tests run the kernel bodies.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailbit/engine/leaf_terms.hpp"
#include "tailbit/engine/path_arrays.hpp"
#include "tailbit/engine/plan.hpp"
#include "tailbit/engine/pnl.hpp"

namespace tailbit::cuda {

// The plan's leaf terms (engine/leaf_terms.hpp).
struct LeafView {
  const Chunk* chunks;
  const Holding* holdings;
  const Term* terms;
};

// What a batch is told by the host and tells it back. It lies in device memory, so that a recorded batch can be played
// again for other scenarios.
struct BatchHead {
  std::uint64_t first_scenario = 0;
  unsigned long long first_bad = ~0ull;  // least scenario with a term out of range, if there is one
  Tally tally;
};

struct Batch : PathArrays {
  PlanView plan;
  LeafView leaves;
  BatchHead* head;
  std::uint32_t lanes;        // scenarios in use
  std::size_t stride;         // lanes apart in memory
  float* log_returns_single;  // the log-returns and spots rounded, in single-precision runs
  float* spots_single;
  std::byte* states;    // plan.state_bytes per lane
  std::uint64_t* sums;  // [nodes][leaves] raw bits, then quanta

  HD std::uint64_t scenario(std::uint32_t lane) const { return head->first_scenario + lane; }
  HD double& factor(DateId date, FactorId id, std::uint32_t lane) const {
    return factors[(std::size_t{date} * plan.factors + id) * stride + lane];
  }
  HD double& diffused_factor(DateId date, FactorId id, std::uint32_t lane) const {
    return diffused[(std::size_t{date} * plan.factors + id) * stride + lane];
  }
  HD double factor_or_zero(DateId date, FactorId id, std::uint32_t lane) const {
    return id == kNoFactor ? 0.0 : factor(date, id, lane);
  }

  template <class R>
  HD const R* log_return(PointId point) const {
    if constexpr (sizeof(R) == 8) {
      return log_returns + point * stride;
    } else {
      return log_returns_single + point * stride;
    }
  }
  template <class R>
  HD const R* spot(PointId point) const {
    if constexpr (sizeof(R) == 8) {
      return spots + point * stride;
    } else {
      return spots_single + point * stride;
    }
  }
  template <class State>
  HD State* state(std::size_t states_offset, std::uint32_t index) const {
    return reinterpret_cast<State*>(states + states_offset * stride) + index * stride;
  }
  // Sums of a leaf at a node.
  HD std::uint64_t* sums_of(std::uint32_t node, std::uint32_t leaf) const {
    return sums + (std::size_t{node} * plan.leaves + leaf) * stride;
  }
};

}  // namespace tailbit::cuda
