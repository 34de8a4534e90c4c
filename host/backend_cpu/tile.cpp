#include "host/backend_cpu/tile.hpp"

#include <algorithm>
#include <cstring>

#include "tailbit/engine/families.hpp"

namespace tailbit::cpu {

Tile::Tile(const PlanView& plan_view, Precision precision, std::size_t capacity)
    : plan(plan_view),
      stride((capacity + 15) / 16 * 16),  // whole vectors of either precision
      normals((plan.underlyings + 1) * stride),
      before(plan.underlyings * stride),
      log_returns(plan.points * stride),
      spots(plan.points * stride),
      states(plan.state_bytes * stride),
      change(stride) {
  if (precision == Precision::single) {
    log_returns_single = AlignedArray<float>(plan.points * stride);
    spots_single = AlignedArray<float>(plan.points * stride);
  }
}

void Tile::begin(std::uint64_t first, std::size_t count) {
  first_scenario = first;
  lanes = count;
  std::fill(log_returns.begin(), log_returns.begin() + plan.underlyings * stride, 0.0);
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
