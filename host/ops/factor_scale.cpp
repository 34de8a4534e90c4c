#include "host/ops/factor_scale.hpp"

#include <cmath>

#include "host/compile/jumps.hpp"
#include "host/compile/underlyings.hpp"
#include "tailbit/models/ornstein_uhlenbeck.hpp"

namespace tailbit {

FactorScale::FactorScale(const Inputs& inputs, const Plan& plan)
    : spots_(plan.underlyings),
      simple_returns_(plan.paths.simple_returns),
      laws_(factor_laws(inputs, make_underlyings(inputs))) {
  for (const auto& [name, model] : inputs.model.underlyings) {
    drifts_.push_back(model.drift);
    JumpRate& rate = jumps_.emplace_back();
    each_jump_of(inputs.model, name, [&](double intensity, const JumpSizeModel& size) {
      const JumpMoments m = moments_of(size);
      rate.mean += intensity * (m.mean - m.compensation);
      rate.variance += intensity * (m.variance + m.mean * m.mean);
    });
  }
  for (std::size_t u = 0; u < spots_; ++u) {
    implied_.push_back(plan.paths.spots[u].implied);
    if (implied_[u]) laws_[u].vol = implied_spot_vol(plan.paths.spots[u], 0.0, 0.0, 0.0);  // as of today
  }
}

FactorScale::Unit FactorScale::unit(FactorId factor, double years) const {
  const FactorLaw& law = laws_[factor];
  const double variance = ornstein_uhlenbeck_variance(law.vol, law.kappa, years);
  if (factor >= spots_) return {ornstein_uhlenbeck_transition(law.kappa, law.mean, years).drift, std::sqrt(variance)};
  const JumpRate& jumps = jumps_[factor];
  return {(drifts_[factor] - (simple_returns_ ? 0.0 : 0.5 * law.vol * law.vol) + jumps.mean) * years,
          std::sqrt(variance + jumps.variance * years)};
}

std::optional<double> FactorScale::deviations(FactorId factor, double state, double years) const {
  const auto [mean, stdev] = unit(factor, years);
  if (stdev == 0.0) return std::nullopt;
  const double x = factor < spots_ && simple_returns_ ? std::expm1(state) : state;
  return (x - mean) / stdev;
}

}  // namespace tailbit
