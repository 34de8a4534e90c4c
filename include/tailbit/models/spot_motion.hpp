// Spots: what a step does to the log-return x = ln(S_t / S_0) of an underlying (docs/definitions, "The scenario at time
// t").
//
// A step is a transition followed by one `diffuse` per independent normal, in the order of the factors; loops that keep
// this order give the same bits, whichever of scenarios and factors they make the inner one.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/market/smile.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/primitives.hpp"
#include "tailbit/models/factor.hpp"
#include "tailbit/models/garch.hpp"
#include "tailbit/models/heston.hpp"

namespace tailbit {

// `loading`: standard deviation of the factor over the step, times the entry of the correlation's Cholesky factor; z
// standard normal.
HD double diffuse(double state, double loading, double z) { return math::fma(loading, z, state); }

// Where the vol of a step comes from.
enum class SpotVol : std::uint32_t {
  constant,  // it is in the loadings
  level,     // of a variance along the log-return, times what a factor makes of it: implied and log-normal vols
  garch,     // of a state that changes from period to period
  heston     // of a factor that is a variance
};

// How the spot of an underlying moves. Constant vol: by its factor alone. Else its factor has unit vol, and each step
// its own.
struct SpotMotion {
  SpotVol vol;
  double drift;     // over a step, of the log-return; where the vol is not constant without -vol^2 / 2
  FactorId factor;  // the level, or the variance; kNoFactor where there is none
  // Variance per year before its level moves, along k = log-return: the sum of both. It is constant, or today's smile
  // where strikes keep their vols.
  market::SviVariance<double> left, right;
  GarchStep garch;
  HestonStep heston;

  HD bool moves() const { return vol != SpotVol::constant; }
};

// Of SpotVol::level: `log_return`, `level` and its variance at the step's start.
HD double spot_vol_of_level(const SpotMotion& motion, double log_return, double level, double level_variance) {
  const double before = math::sqrt(motion.left(log_return).variance + motion.right(log_return).variance);
  return before * math::exp(math::fma(-0.5, level_variance, level));
}

// Over a step with a vol known at its start: `noise` is the correlated normal times the root of the step's years,
// `convexity` is -1/2 of the years (0 where returns are simple).
HD double move_with_vol(double log_return, double drift, double convexity, double vol, double noise) {
  return math::fma(vol, noise, math::fma(vol * vol, convexity, log_return + drift));
}

// "returns": "simple": x is the log of 1 + the normally distributed return, which cannot lose more than all but 1e-12.
HD double log_of_simple_return(double simple_return) { return math::log(math::max(1e-12, 1.0 + simple_return)); }

// The log-return where moves over a period are limited: `base` at the period's start, `moved` since then.
HD double limited_move(double base, double moved, double most) {
  return base + math::max(-most, math::min(most, moved));
}

// Not below e^-690 of today's, so that what is paid in coins, which grow without bound as the spot falls, stays finite.
HD double spot_of(double spot_today, double log_return) {
  return spot_today * math::exp(math::max(-690.0, log_return));
}

}  // namespace tailbit
