#include "host/ops/factor_scale.hpp"

#include <cmath>

#include "host/compile/heston_moments.hpp"
#include "host/compile/jumps.hpp"
#include "host/compile/regimes.hpp"
#include "host/compile/underlyings.hpp"
#include "tailbit/models/ornstein_uhlenbeck.hpp"

namespace tailbit {

FactorScale::FactorScale(const Inputs& inputs, const Plan& plan)
    : spots_(plan.underlyings),
      simple_returns_(plan.paths.simple_returns),
      laws_(factor_laws(inputs, make_underlyings(inputs))) {
  const std::vector<FactorIds> ids = factor_ids(inputs.model);
  std::size_t u = 0;
  for (const auto& [name, model] : inputs.model.underlyings) {
    kinds_.push_back(model.spot_vol);
    one_vol_.push_back(model.spot_vol == SpotVolKind::constant && !vol_by_regime(inputs.model, name));
    if (model.spot_vol == SpotVolKind::implied) {
      laws_[u].vol = spot_vol_of_level(plan.paths.spots[u], 0.0, 0.0, 0.0);
    } else {
      laws_[u].vol = model.vol;  // today's
    }
    if (model.spot_vol == SpotVolKind::heston) variances_[ids[u].variance] = model.heston;
    ++u;
    drifts_.push_back(model.drift);
    JumpRate& rate = jumps_.emplace_back();
    each_jump_of(inputs.model, name, [&](double intensity, const JumpSizeModel& size) {
      const JumpMoments m = moments_of(size);
      rate.mean += intensity * (m.mean - m.compensation);
      rate.variance += intensity * (m.variance + m.mean * m.mean);
    });
  }
}

FactorScale::Unit FactorScale::unit(FactorId factor, double years) const {
  if (const auto variance = variances_.find(factor); variance != variances_.end()) {
    const HestonMoments moments = heston_moments(variance->second, years);
    return {moments.mean - variance->second.v0, std::sqrt(moments.variance)};
  }
  const FactorLaw& law = laws_[factor];
  const double variance = ornstein_uhlenbeck_variance(law.vol, law.kappa, years);
  if (factor >= spots_) return {ornstein_uhlenbeck_transition(law.kappa, law.mean, years).drift, std::sqrt(variance)};
  const JumpRate& jumps = jumps_[factor];
  return {(drifts_[factor] - (simple_returns_ ? 0.0 : 0.5 * law.vol * law.vol) + jumps.mean) * years,
          std::sqrt(variance + jumps.variance * years)};
}

const char* FactorScale::unit_name(FactorId factor) const {
  if (factor >= spots_ || one_vol_[factor]) return "own_deviation";
  return kinds_[factor] == SpotVolKind::implied ? "implied_vol_today" : "vol_today";
}

std::optional<double> FactorScale::deviations(FactorId factor, double state, double years) const {
  const auto [mean, stdev] = unit(factor, years);
  if (stdev == 0.0) return std::nullopt;
  const double x = factor < spots_ && simple_returns_ ? std::expm1(state) : state;
  return (x - mean) / stdev;
}

}  // namespace tailbit
