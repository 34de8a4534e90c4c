#include "host/backend_cpu/tile.hpp"

#include <algorithm>
#include <cstring>

#include "tailbit/engine/families.hpp"

namespace tailbit::cpu {

Tile::Tile(const PlanView& plan_view, Precision precision, std::size_t capacity, std::uint32_t chunk_rows)
    : plan(plan_view),
      stride((capacity + 15) / 16 * 16),  // whole vectors of either precision
      normals((plan.factors + 1) * stride),
      scale(plan.mixing != nullptr ? stride : 0),
      before(plan.factors * stride),
      factors(std::size_t{plan.dates} * plan.factors * stride),
      spot_vols(plan.any_implied ? plan.underlyings * stride : 0),
      period_base(plan.max_move > 0.0 ? plan.underlyings * stride : 0),
      period_factor(period_base.size()),
      log_returns(std::size_t{plan.dates} * plan.underlyings * stride),
      spots(log_returns.size()),
      forwards(plan.max_tenors * kForwardLanes * stride),
      zeros(stride),
      states(plan.state_bytes * stride),
      vol_lanes(3 * stride),
      change(chunk_rows * stride) {
  if (precision == Precision::single) {
    log_returns_single = AlignedArray<float>(log_returns.size());
    spots_single = AlignedArray<float>(spots.size());
    forwards_single = AlignedArray<float>(forwards.size());
  }
  std::fill(zeros.begin(), zeros.end(), 0.0);
}

void Tile::begin(std::uint64_t first, std::size_t count) {
  first_scenario = first;
  lanes = count;
  tally = {};
  std::fill(factors.begin(), factors.begin() + plan.factors * stride, 0.0);
  std::fill(period_base.begin(), period_base.end(), 0.0);
  std::fill(period_factor.begin(), period_factor.end(), 0.0);
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
