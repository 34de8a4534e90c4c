// What jumps do to a scenario's factors (models/jumps.hpp), as bodies.hpp.
#pragma once

#include <cstdint>

#include "kernels/thread_id.hpp"
#include "tailbit/math/table_row.hpp"
#include "tailbit/models/jumps.hpp"

namespace tailbit::cuda {

// The mean counts of a step, and what is left at its end of the excess intensities that it began with.
HD void begin_jumps(const Batch& batch, std::uint32_t lane) {
  const PlanView& plan = batch.plan;
  const double intensity =
      plan.regime_count != 0 ? plan.intensity_by_regime[math::table_row(batch.regime[lane], 1.0)] : 1.0;
  for (std::uint32_t p = 0; p < plan.jump_count; ++p) {
    const std::size_t at = p * batch.stride + lane;
    const double excess = plan.any_self_exciting ? batch.jump_excess[at] : 0.0;
    batch.jump_means[at] = mean_jump_count(plan.jumps[p], intensity, excess);
    if (plan.any_self_exciting) batch.jump_excess[at] = excess * left_of_jump(1.0, plan.jumps[p].decay_rate, 1.0);
  }
}

// What jumps have added to the factors when `share` of a step has passed, from what they had at its start. `excite` at
// the step's end: their intensities have their part.
template <class Generator>
HD void jump(const Batch& batch, const Column& before, const Column& jumped, std::uint32_t step, double share,
             bool excite, std::uint32_t lane) {
  const PlanView& plan = batch.plan;
  for (std::uint32_t f = 0; f < plan.factors; ++f) jumped[f] = left_of_jump(1.0, plan.reversion[f], share) * before[f];
  for (std::uint32_t p = 0; p < plan.jump_count; ++p) {
    const JumpProcess& process = plan.jumps[p];
    const JumpEffect* effects = plan.jump_effects + process.first_effect;
    const double mean_count = batch.jump_means[p * batch.stride + lane];
    for (std::uint32_t e = 0; e < process.effect_count; ++e)
      jumped[effects[e].spot] -= effects[e].compensation * (mean_count * share);
    each_jump<Generator>(process, effects, mean_count, random::make_key(plan.seed), batch.scenario(lane), step,
                         random::kJumps + p, share, [&](const JumpEffect& effect, double time, double size) {
                           jumped[effect.spot] += size;
                           const auto add = [&](FactorId factor, double amount) {
                             if (factor != kNoFactor)
                               jumped[factor] += left_of_jump(amount, plan.reversion[factor], share - time);
                           };
                           add(effect.level, effect.level_jump);
                           add(effect.skew, effect.skew_jump);
                           add(effect.basis, effect.basis_jump);
                           if (excite && process.excitation != 0.0 && &effect == effects)
                             batch.jump_excess[p * batch.stride + lane] +=
                                 left_of_jump(process.excitation, process.decay_rate, 1.0 - time);
                         });
  }
}

}  // namespace tailbit::cuda
