// A tile: the working set of some hundred scenarios, small enough to stay in a core's cache. Arrays are
// [entries][stride], lane = scenario.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailbit/core/aligned.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit::cpu {

class Tile {
 public:
  Tile(const PlanView& plan, Precision precision, std::size_t capacity);

  // Points the tile at scenarios [first, first + count) and sets paths to today.
  void begin(std::uint64_t first, std::size_t count);

  PlanView plan;
  std::uint64_t first_scenario = 0;
  std::size_t lanes = 0;   // scenarios in use
  std::size_t stride = 0;  // lanes apart in memory

  AlignedArray<double> normals;                          // [underlyings] of the step or fixing at hand
  AlignedArray<double> before;                           // [underlyings] log-returns at the step's start
  AlignedArray<double> log_returns;                      // [points]
  AlignedArray<double> spots;                            // [points] USD
  AlignedArray<float> log_returns_single, spots_single;  // the same rounded, in single-precision runs
  AlignedArray<std::byte> states;                        // state_bytes per lane, see ObserverRun
  AlignedArray<double> change;                           // [1] value minus value today of the contract at hand

  template <class R>
  const R* log_return(PointId point) const {
    if constexpr (sizeof(R) == 8)
      return log_returns.data() + point * stride;
    else
      return log_returns_single.data() + point * stride;
  }
  template <class R>
  const R* spot(PointId point) const {
    if constexpr (sizeof(R) == 8)
      return spots.data() + point * stride;
    else
      return spots_single.data() + point * stride;
  }
  template <class State>
  State* state(std::size_t states_offset, std::uint32_t index) {
    return reinterpret_cast<State*>(states.data() + states_offset * stride) + index * stride;
  }
};

}  // namespace tailbit::cpu
