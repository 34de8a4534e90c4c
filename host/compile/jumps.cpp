#include "host/compile/jumps.hpp"

#include <iterator>

#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"

namespace tailbit {
namespace {

JumpSize law_of(const JumpSizeModel& size) {
  switch (size.kind) {
    case JumpKind::normal: return {JumpLaw::normal, size.mean, size.stdev, 0.0, 0.0, 0.0};
    case JumpKind::kou: return {JumpLaw::kou, 0.0, 0.0, size.up_probability, 1.0 / size.up_rate, 1.0 / size.down_rate};
    case JumpKind::to_zero: break;
  }
  return {JumpLaw::normal, math::log(size.recovery), 0.0, 0.0, 0.0, 0.0};
}

JumpEffect effect_of(const JumpSizeModel& size, const FactorIds& ids, double correlation) {
  JumpEffect effect{};
  effect.spot = ids.spot;
  effect.level = size.vol_jump != 0.0 ? ids.level : kNoFactor;
  effect.skew = size.skew_jump != 0.0 ? ids.skew : kNoFactor;
  effect.basis = size.basis_jump != 0.0 ? ids.basis : kNoFactor;
  effect.size = law_of(size);
  effect.common_weight = math::sqrt(correlation);
  effect.own_weight = math::sqrt(1.0 - correlation);
  effect.level_jump = size.vol_jump;
  effect.skew_jump = size.skew_jump;
  effect.basis_jump = size.basis_jump;
  effect.compensation = moments_of(size).compensation;
  return effect;
}

// (1 - exp(-rate years)) / rate.
double mean_years(double rate, double years) {
  const double x = rate * years;
  if (x > 1e-3) return (1.0 - math::exp(-x)) / rate;
  return years * (1.0 - x * (1.0 / 2.0 - x * (1.0 / 6.0 - x / 24.0)));
}

// A jump adds branching_ratio decay to the intensity, which decays at `decay`; with what jumps bring about counted, the
// mean of an excess decays at the rate kept = decay (1 - branching_ratio) (Hawkes 1971; Dassios and Zhao 2013,
// eq. 2.13).
JumpProcess process_of(double intensity, const std::optional<SelfExcitation>& self_excitation, double years) {
  JumpProcess process{};
  process.mean_count = intensity * years;
  if (!self_excitation) return process;
  if (self_excitation->branching_ratio == 0.0 && self_excitation->excess_today.value_or(0.0) == 0.0) return process;
  const double decay = self_excitation->decay;
  const double excitation = self_excitation->branching_ratio * decay;
  const double kept = decay - excitation;
  const double excess_years = mean_years(kept, years);
  process.excitation = excitation;
  process.decay_rate = decay * years;
  process.excess_count = excess_years;
  process.mean_count = intensity * math::fma(excitation / kept, years - excess_years, years);
  process.excess_today = self_excitation->excess_today.value_or(intensity * excitation / kept);
  return process;
}

}  // namespace

JumpMoments moments_of(const JumpSizeModel& size) {
  const JumpSize law = law_of(size);
  if (law.law == JumpLaw::normal) {
    const double variance = law.stdev * law.stdev;
    return {law.mean, variance, math::exp(math::fma(0.5, variance, law.mean)) - 1.0};
  }
  const double p = size.up_probability, up = law.up_mean, down = law.down_mean;
  const double mean = p * up - (1.0 - p) * down;
  const double square = 2.0 * (p * up * up + (1.0 - p) * down * down);
  return {mean, square - mean * mean,
          p * size.up_rate / (size.up_rate - 1.0) + (1.0 - p) * size.down_rate / (size.down_rate + 1.0) - 1.0};
}

void add_jumps(const Model& model, const std::vector<FactorIds>& ids, const std::vector<FactorLaw>& laws,
               Paths& paths) {
  const auto begin_process = [&](double intensity, const std::optional<SelfExcitation>& excited) -> JumpProcess& {
    JumpProcess& process = paths.jumps.emplace_back(process_of(intensity, excited, paths.step_years));
    process.first_effect = static_cast<std::uint32_t>(paths.jump_effects.size());
    paths.any_self_exciting = paths.any_self_exciting || process.decay_rate != 0.0;
    return process;
  };
  std::size_t u = 0;
  for (const auto& [name, underlying] : model.underlyings) {
    for (const JumpsModel& jumps : underlying.jumps) {
      begin_process(jumps.intensity, jumps.self_excitation).effect_count = 1;
      paths.jump_effects.push_back(effect_of(jumps.size, ids[u], 1.0));
    }
    ++u;
  }
  for (const CommonJumpsModel& common : model.common_jumps) {
    JumpProcess& process = begin_process(common.intensity, common.self_excitation);
    for (const auto& [name, size] : common.underlyings) {
      const auto place = std::distance(model.underlyings.begin(), model.underlyings.find(name));
      paths.jump_effects.push_back(effect_of(size, ids[static_cast<std::size_t>(place)], common.correlation));
      ++process.effect_count;
    }
  }
  if (paths.jumps.empty()) return;
  for (const FactorLaw& law : laws) paths.reversion.push_back(law.kappa * paths.step_years);
}

}  // namespace tailbit
