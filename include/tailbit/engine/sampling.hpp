// How a plan's scenarios are sampled: where a draw of the path comes from (docs/definitions, "Random numbers").
//
// Independent scenarios take every number from the generator. Of an antithetic pair (2i, 2i + 1) both take the normals
// and mixing variables of scenario 2i, the second with the normals' signs turned. Sobol points decide what matters
// most, as far as their dimensions reach; the generator the rest: jumps, regimes, dates inside steps.
#pragma once

#include <cstdint>

#include "tailbit/engine/plan.hpp"
#include "tailbit/random/sobol.hpp"

namespace tailbit {

// The scenario whose numbers a scenario takes, where they are those of a pair.
HD std::uint64_t first_of_pair(const PlanView& plan, std::uint64_t scenario) {
  return plan.sampling == Sampling::antithetic ? scenario & ~std::uint64_t{1} : scenario;
}
// A normal of that scenario as one of this.
HD double mirrored(std::uint64_t scenario, double normal) {
  return math::double_from_bits(math::to_bits(normal) ^ scenario << 63);
}

// The dimensions of a point: of each period its own number, and in a grouped t those of the factors; then, node by
// node, those of the factors (random/path_bridge.hpp).
HD std::uint32_t period_dimension(const PlanView& plan, std::uint32_t period) {
  return period * plan.sobol_use.of_period;
}
HD bool period_has_dimension(const PlanView& plan, std::uint32_t period) { return period < plan.sobol_use.periods; }
HD std::uint32_t node_dimension(const PlanView& plan, std::uint32_t node) {
  return period_dimension(plan, plan.sobol_use.periods) + node * plan.factors;
}
HD bool node_has_dimensions(const PlanView& plan, std::uint32_t node) { return node < plan.sobol_use.nodes; }
// Whether steps are made from nodes.
HD bool bridges_path(const PlanView& plan) {
  return plan.sampling == Sampling::sobol && plan.period_moves == PeriodMoves::none;
}

// That of the period's mixing variable.
template <class Generator>
HD double mixing_normal(const PlanView& plan, std::uint64_t scenario, std::uint32_t period) {
  if (period_has_dimension(plan, period))
    return random::sobol_normal(plan.sobol, period_dimension(plan, period), scenario);
  const random::Key key = random::make_key(plan.seed);
  return random::two_normals<Generator>(key, first_of_pair(plan, scenario), 0, period, random::kMixing).first;
}

}  // namespace tailbit
