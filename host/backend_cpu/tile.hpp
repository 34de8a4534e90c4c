// A tile: the working set of some hundred scenarios, small enough to stay in a core's cache. Arrays are
// [entries][stride], lane = scenario.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailbit/core/aligned.hpp"
#include "tailbit/engine/path_arrays.hpp"
#include "tailbit/engine/plan.hpp"
#include "tailbit/engine/pnl.hpp"

namespace tailbit::cpu {

// The lanes of a tenor's ForwardPoint, one array each.
enum ForwardLane : std::size_t { kLogReturn, kCoinLeg, kDollarLeg, kVolFactor, kVolTilt, kForwardLanes };

class Tile : public PathArrays {
 public:
  // For up to `capacity` scenarios, and `chunk_rows` contracts at a time.
  Tile(const PlanView& plan, Precision precision, std::size_t capacity, std::uint32_t chunk_rows = 1);

  // Points the tile at scenarios [first, first + count) and sets paths to today.
  void begin(std::uint64_t first, std::size_t count);

  PlanView plan;
  std::uint64_t first_scenario = 0;
  std::size_t lanes = 0;   // scenarios in use
  std::size_t stride = 0;  // lanes apart in memory
  Tally tally;             // of the scenarios since `begin`

  // The log-returns and spots rounded, in single-precision runs.
  AlignedArray<float> log_returns_single, spots_single;
  AlignedArray<double> forwards;        // [tenors of the node][ForwardLane]
  AlignedArray<float> forwards_single;  // the same rounded
  AlignedArray<double> zeros;           // [1] the state of a factor that the model lacks
  AlignedArray<std::byte> states;       // state_bytes per lane, see ObserverRun
  AlignedArray<double> vol_lanes;       // [3] of the contract at hand; in its arithmetic
  AlignedArray<double> change;          // [contracts of a chunk] changes in value, USD per unit

  double* factor(DateId date, FactorId id) { return factors + (std::size_t{date} * plan.factors + id) * stride; }
  double* diffused_factor(DateId date, FactorId id) {
    return diffused + (std::size_t{date} * plan.factors + id) * stride;
  }
  const double* factor_or_zero(DateId date, FactorId id) { return id == kNoFactor ? zeros.data() : factor(date, id); }
  template <class R>
  const R* log_return(PointId point) const {
    if constexpr (sizeof(R) == 8)
      return log_returns + point * stride;
    else
      return log_returns_single.data() + point * stride;
  }
  template <class R>
  const R* spot(PointId point) const {
    if constexpr (sizeof(R) == 8)
      return spots + point * stride;
    else
      return spots_single.data() + point * stride;
  }
  template <class R>
  const R* forward(std::uint32_t tenor, ForwardLane lane) const {
    const std::size_t at = (std::size_t{tenor} * kForwardLanes + lane) * stride;
    if constexpr (sizeof(R) == 8)
      return forwards.data() + at;
    else
      return forwards_single.data() + at;
  }
  // Total standard deviations, their inverses, their slopes.
  template <class R>
  R* vols(std::size_t which) {
    return reinterpret_cast<R*>(vol_lanes.data() + which * stride);
  }
  template <class State>
  State* state(std::size_t states_offset, std::uint32_t index) {
    return reinterpret_cast<State*>(states.data() + states_offset * stride) + index * stride;
  }

 private:
  AlignedArray<double> path_memory_;
};

}  // namespace tailbit::cpu
