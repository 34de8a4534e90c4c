// A model to begin with.
#pragma once

#include "host/io/inputs.hpp"

namespace tailbit {

// Daily Student-t returns of five degrees of freedom, cut at a factor e; spot vols of thirty days at the money; and for
// whatever the market quotes of an underlying (a surface, forwards) the factors that move it. The figures are of the
// order of what BTC and ETH showed from 2019 to 2026, the same for every underlying: a beginning, not a calibration.
Model first_model(const Market& market);

}  // namespace tailbit
