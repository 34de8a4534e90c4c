// From a model's jumps to the processes of the plan.
#pragma once

#include "host/compile/paths.hpp"

namespace tailbit {

// Adds the processes, those of single underlyings first, in byte order, and then those in common, so that a common
// one leaves the random numbers of the others as they are.
void add_jumps(const Model& model, const std::vector<FactorIds>& ids, const std::vector<FactorLaw>& laws, Paths& paths);

// Mean, variance and compensation of a log-size.
struct JumpMoments {
  double mean, variance;
  double compensation;  // E[exp(size)] - 1
};
JumpMoments moments_of(const JumpSizeModel& size);

// The mean intensity of a process in the long run, per 1 of its base: each jump has a family.
inline double family_size(const std::optional<SelfExcitation>& self_excitation) {
  return self_excitation ? 1.0 / (1.0 - self_excitation->branching_ratio) : 1.0;
}

// Calls with the mean intensity, per year, and the size of everything that strikes an underlying; regimes that multiply
// intensities are left out.
template <class Callable>
void each_jump_of(const Model& model, const std::string& underlying, Callable&& callable) {
  const auto intensity = [](const auto& jumps) { return jumps.intensity * family_size(jumps.self_excitation); };
  for (const JumpsModel& jumps : model.underlyings.at(underlying).jumps) callable(intensity(jumps), jumps.size);
  for (const CommonJumpsModel& common : model.common_jumps) {
    const auto struck = common.underlyings.find(underlying);
    if (struck != common.underlyings.end()) callable(intensity(common), struck->second);
  }
}

}  // namespace tailbit
