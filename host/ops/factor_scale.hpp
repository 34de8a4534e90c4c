// Factors in standard deviations: how unusual a state is, whatever its unit.
#pragma once

#include <optional>
#include <vector>

#include "host/compile/paths.hpp"
#include "host/io/inputs.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit {

// (state - mean) / standard deviation at a date, from what is known today. Mean and deviation are those of the factor's
// own law, of a spot with its jumps: exact for every factor but a spot whose vol is not constant, since that has no law
// in closed form; its unit is today's vol, where it is implied the 30-day one at the money, times the root of time.
// Student-t innovations have the same variance as Gaussian ones, and max_move is left out of account. With simple
// returns it is the return that is scaled.
class FactorScale {
 public:
  // `plan` compiled from `inputs`.
  FactorScale(const Inputs& inputs, const Plan& plan);

  // `years` > 0 from today; nothing for a factor that does not move.
  std::optional<double> deviations(FactorId factor, double state, double years) const;
  // What deviations are counted in, as tailbit.replay/1 says.
  const char* unit_name(FactorId factor) const;

 private:
  struct Unit {
    double mean, stdev;
  };
  Unit unit(FactorId factor, double years) const;

  std::size_t spots_;
  bool simple_returns_;
  std::vector<FactorLaw> laws_;     // [factors] of spots with the vol of their unit
  std::vector<double> drifts_;      // [underlyings] per year
  std::vector<SpotVolKind> kinds_;  // [underlyings]
  std::vector<bool> one_vol_;       // [underlyings] at all times and in all regimes
  std::map<FactorId, HestonVol> variances_;
  struct JumpRate {  // of the log-return, per year
    double mean = 0.0, variance = 0.0;
  };
  std::vector<JumpRate> jumps_;  // [underlyings]
};

}  // namespace tailbit
