// Mean and variance of Heston's variance at a date (Cox, Ingersoll and Ross 1985, eq. 19).
#pragma once

#include "host/io/model.hpp"
#include "tailbit/math/exp.hpp"

namespace tailbit {

struct HestonMoments {
  double mean, variance;
};
inline HestonMoments heston_moments(const HestonVol& law, double years) {
  const double decay = math::exp(-law.kappa * years), gone = 1.0 - decay;
  const double square = law.vol_of_vol * law.vol_of_vol / law.kappa;
  return {law.v0 * decay + law.theta * gone, square * gone * (law.v0 * decay + 0.5 * law.theta * gone)};
}

}  // namespace tailbit
