// Mean and variance of Heston's variance at a date (Cox, Ingersoll and Ross 1985, eq. 19).
#pragma once

#include "host/io/model.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/models/ornstein_uhlenbeck.hpp"

namespace tailbit {

struct HestonMoments {
  double mean, variance;
};
inline HestonMoments heston_moments(const HestonVol& law, double years) {
  const double decay = math::exp(-law.kappa * years);
  const double reach = ornstein_uhlenbeck_variance(1.0, 0.5 * law.kappa, years);  // (1 - decay) / kappa
  const double gone = law.kappa * reach;
  const double square = law.vol_of_vol * law.vol_of_vol;
  return {law.v0 * decay + law.theta * gone, square * reach * (law.v0 * decay + 0.5 * law.theta * gone)};
}

}  // namespace tailbit
