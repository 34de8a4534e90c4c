#include "host/backend_cpu/tile.hpp"

#include <algorithm>
#include <cstring>

#include "tailbit/engine/families.hpp"

namespace tailbit::cpu {

Tile::Tile(const PlanView& plan_view, Precision precision, std::size_t capacity, std::uint32_t chunk_rows)
    : plan(plan_view),
      stride((capacity + 15) / 16 * 16),  // whole vectors of either precision
      forwards(plan.max_tenors * kForwardLanes * stride),
      zeros(stride),
      states(plan.state_bytes * stride),
      vol_lanes(3 * stride),
      change(chunk_rows * stride),
      path_memory_(checked_product(path_entries(plan), stride)) {
  static_cast<PathArrays&>(*this) = place_path_arrays(plan, path_memory_.data(), stride);
  if (precision == Precision::single) {
    const std::size_t points = std::size_t{plan.dates} * plan.underlyings;
    log_returns_single = AlignedArray<float>(points * stride);
    spots_single = AlignedArray<float>(points * stride);
    forwards_single = AlignedArray<float>(forwards.size());
  }
  std::fill(zeros.begin(), zeros.end(), 0.0);
}

void Tile::begin(std::uint64_t first, std::size_t count) {
  first_scenario = first;
  lanes = count;
  tally = {};
  const auto clear = [&](double* array, std::size_t entries) {
    if (array != nullptr) std::fill(array, array + entries * stride, 0.0);
  };
  clear(factors, plan.factors);
  clear(diffused, plan.factors);
  clear(jumped, plan.factors);
  if (period_draw != nullptr) std::fill_n(period_draw, stride, plan.bootstrap.rows);           // of no row yet
  if (regime != nullptr) std::fill_n(regime, stride, static_cast<double>(plan.regime_count));  // none yet
  for (std::uint32_t p = 0; plan.any_self_exciting && p < plan.jump_count; ++p)
    std::fill_n(jump_excess + p * stride, stride, plan.jumps[p].excess_today);
  clear(period_base, plan.underlyings);
  clear(period_factor, plan.underlyings);
  for (std::uint32_t u = 0; plan.any_garch && u < plan.underlyings; ++u) {
    std::fill_n(garch + u * stride, stride, plan.spots[u].garch.start);
    std::fill_n(garch + (plan.underlyings + u) * stride, stride, 0.0);
  }
  for (std::uint32_t o = 0; o < plan.observer_count; ++o) {
    const ObserverRun& run = plan.observers[o];
    for_each_type<Pricers>([&]<class P, std::size_t id>() {
      if constexpr (P::has_state) {
        if (run.pricer != id) return;
        const auto* initial = reinterpret_cast<const typename P::State*>(plan.constants + run.initial_offset);
        for (std::uint32_t i = 0; i < run.state_count; ++i) {
          auto* lanes_of_state = state<typename P::State>(run.states_offset, i);
          std::fill(lanes_of_state, lanes_of_state + stride, initial[i]);
        }
      }
    });
  }
}

}  // namespace tailbit::cpu
