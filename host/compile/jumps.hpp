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

// Calls with the intensity, per year, and the size of everything that strikes an underlying.
template <class Callable>
void each_jump_of(const Model& model, const std::string& underlying, Callable&& callable) {
  for (const JumpsModel& jumps : model.underlyings.at(underlying).jumps) callable(jumps.intensity, jumps.size);
  for (const CommonJumpsModel& common : model.common_jumps) {
    const auto struck = common.underlyings.find(underlying);
    if (struck != common.underlyings.end()) callable(common.intensity, struck->second);
  }
}

}  // namespace tailbit
