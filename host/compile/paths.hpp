// From a model to the law of its factors on the step grid.
#pragma once

#include <vector>

#include "host/compile/schedule.hpp"
#include "host/io/inputs.hpp"
#include "tailbit/engine/plan.hpp"
#include "tailbit/market/underlying.hpp"

namespace tailbit {

// Where the factors of one underlying are among those of the model; kNoFactor where it has none.
struct FactorIds {
  FactorId spot, level, skew, basis, premium, spot_vol, variance;
};
std::vector<FactorIds> factor_ids(const Model& model);  // [underlyings]

// How a factor moves from its start: dx = kappa (mean - x) dt + vol dW, x from 0. Premiums count from today's. Of a
// spot, x is without its drift, and has unit vol where the spot vol is not constant. Of Heston's variance, x is the
// normal that moves it, of unit variance over a step.
struct FactorLaw {
  double kappa, vol, mean;
};
std::vector<FactorLaw> factor_laws(const Inputs& inputs,
                                   const std::vector<market::UnderlyingToday>& underlyings);  // [factors]

// The correlation of `inputs` must be of all factors (fit_correlation).
Paths make_paths(const Inputs& inputs, const Schedule& schedule,
                 const std::vector<market::UnderlyingToday>& underlyings);

}  // namespace tailbit
