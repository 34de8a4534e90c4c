// Geometric Brownian motion of correlated spots: what a step does to the log-return x = ln(S_t / S_0) of an underlying.
//
// A step is a drift followed by one `diffuse` per independent normal, in the order of the factors; loops that keep this
// order give the same bits, whichever of scenarios and factors they make the inner one.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

// `drift`: (drift - vol^2 / 2) dt.
HD double drift_move(double log_return, double drift) { return log_return + drift; }

// `loading`: vol sqrt(dt) times the entry of the correlation's Cholesky factor; z standard normal.
HD double diffuse(double log_return, double loading, double z) { return math::fma(loading, z, log_return); }

// Where a Brownian bridge between two dates is centred at a date between them; `diffuse` completes it, with normals of
// the date's own scaled by the fixing's spread.
HD double bridge_centre(double before, double after, double share) { return math::fma(share, after - before, before); }

HD double spot_of(double spot_today, double log_return) { return spot_today * math::exp(log_return); }

}  // namespace tailbit
