// What a scenario's path is kept in while it advances: arrays [entries][stride] of doubles, lane = scenario. Said once,
// for the tiles of a CPU and the batches of a GPU.
#pragma once

#include <cstddef>

#include "tailbit/core/platform.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit {

struct PathArrays {
  double* normals;  // [factors + 1] of the step or fixing at hand
  double* scale;    // [1] root of the mixing variable of the step, where there is one
  double* before;   // [factors] at the step's start
  double* factors;  // [dates][factors]
  // Where something jumps, the two parts of a factor: what diffuses, and what jumps have added. Else `diffused` is
  // `factors`, and `diffused_before` is `before`.
  double* diffused;         // [dates][factors]
  double* diffused_before;  // [factors] at the step's start
  double* jumped;           // [factors]
  double* jumped_before;    // [factors] at the step's start
  double* jump;             // [6] of the process at hand, see jump_loop_bodies.hpp
  double* jump_means;       // [jump processes] mean counts of the step
  double* jump_excess;      // [jump processes] where one excites itself: of its intensity, after the step
  double* period_left;      // [factors + 1] where periods are drawn at once: of their normals' sums
  double* period_draw;      // [1] of these, the row of a bootstrap, or the mixing variable's normal of a grouped t
  double* path_sums;        // [path stack][factors] where nodes make steps: of intervals that are still to come
  double* regime;           // [2] of the period; and where the next one is counted
  double* spot_vols;        // [underlyings] of the step, where a spot vol is not constant
  double* garch;            // [2 underlyings] variances of GARCH spot vols, then their noise since the period's start
  double* heston;           // [2 underlyings] of Heston's variances the normal of the step, then the shift of its move
  // Where moves over a period are limited: the log-return at the period's start, and its unlimited factor there.
  double* period_base;    // [underlyings]
  double* period_factor;  // [underlyings]
  double* log_returns;    // [dates][underlyings]
  double* spots;          // [dates][underlyings] USD
};

// Calls with every array and its entries; those that the plan has no use for have none, and are null.
template <class Callable>
void each_path_array(PathArrays& arrays, const PlanView& plan, Callable&& callable) {
  const std::size_t factors = plan.factors, underlyings = plan.underlyings;
  const std::size_t states = plan.dates * factors, points = plan.dates * underlyings;
  const auto where = [](bool used, std::size_t entries) { return used ? entries : 0; };
  const bool jumps = plan.jump_count != 0;
  callable(arrays.normals, factors + 1);
  callable(arrays.scale, where(plan.mixing != nullptr, 1));
  callable(arrays.before, factors);
  callable(arrays.factors, states);
  callable(arrays.diffused, where(jumps, states));
  callable(arrays.diffused_before, where(jumps, factors));
  callable(arrays.jumped, where(jumps, factors));
  callable(arrays.jumped_before, where(jumps, factors));
  callable(arrays.jump, where(jumps, 6));
  callable(arrays.jump_means, plan.jump_count);
  callable(arrays.jump_excess, where(plan.any_self_exciting, plan.jump_count));
  callable(arrays.period_left, where(plan.period_moves != PeriodMoves::none, factors + 1));
  callable(arrays.period_draw, where(plan.period_moves != PeriodMoves::none, 1));
  callable(arrays.path_sums, plan.path_stack * factors);
  callable(arrays.regime, where(plan.regime_count != 0, 2));
  callable(arrays.spot_vols, where(plan.any_vol_moves, underlyings));
  callable(arrays.garch, where(plan.any_garch, 2 * underlyings));
  callable(arrays.heston, where(plan.any_heston, 2 * underlyings));
  callable(arrays.period_base, where(plan.max_move > 0.0, underlyings));
  callable(arrays.period_factor, where(plan.max_move > 0.0, underlyings));
  callable(arrays.log_returns, points);
  callable(arrays.spots, points);
}

// Doubles per lane of all arrays.
inline std::size_t path_entries(const PlanView& plan) {
  PathArrays arrays{};
  std::size_t total = 0;
  each_path_array(arrays, plan, [&](double*&, std::size_t entries) { total += entries; });
  return total;
}

// The arrays in one memory of path_entries(plan) * stride doubles.
inline PathArrays place_path_arrays(const PlanView& plan, double* memory, std::size_t stride) {
  PathArrays arrays{};
  each_path_array(arrays, plan, [&](double*& array, std::size_t entries) {
    array = entries != 0 ? memory : nullptr;
    memory += entries * stride;
  });
  if (arrays.diffused == nullptr) arrays.diffused = arrays.factors;
  if (arrays.diffused_before == nullptr) arrays.diffused_before = arrays.before;
  return arrays;
}

}  // namespace tailbit
