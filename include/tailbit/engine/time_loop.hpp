// The time loop, said once for every backend.
//
// A backend supplies the stages, each over its whole tile or batch of scenarios:
//   begin()              paths at today's market, states at their start
//   advance(step)        every factor from its previous state
//   fix(fixing)          the factors at a date inside the step
//   observe(step)        contracts with a memory update it, at the step's end
//   revalue(node)        full prices, and their changes times quantities into the groups' sums (accumulate)
//   act(node)            accounts react; may change positions and leave an impact for the next advance
//   end_step(step)       what the next step starts from
// Within a step data goes one way; feedback passes only through the state that is carried to the next.
#pragma once

#include "tailbit/engine/plan.hpp"

namespace tailbit {

// `plan` is the host's view, whatever memory the stages work in.
template <class Stages>
void time_loop(const PlanView& plan, Stages&& stages) {
  std::uint32_t fixing = 0;
  std::uint32_t node = 0;
  const auto revalue_while = [&](auto&& belongs_here) {
    for (; node < plan.node_count && belongs_here(plan.nodes[node]); ++node) {
      stages.revalue(node);
      stages.act(node);
    }
  };
  stages.begin();
  for (std::uint32_t step = 0; step < plan.steps; ++step) {
    stages.advance(step);
    for (; fixing < plan.fixing_count && plan.fixings[fixing].step == step; ++fixing) stages.fix(fixing);
    revalue_while([step](const RevaluationNode& n) { return n.step == step && n.inside_step; });
    if (plan.observer_count != 0) stages.observe(step);
    revalue_while([step](const RevaluationNode& n) { return n.step == step; });
    stages.end_step(step);
  }
}

}  // namespace tailbit
