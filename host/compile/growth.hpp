// How far prices may run over the horizon.
#pragma once

#include "host/io/inputs.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit {

// How far prices may run ahead of the book's scale before terms leave the range of exact sums: for horizons over which
// a move of eight deviations exceeds a factor of 64, that factor over 64; 1 for all shorter ones. Throws Failure where
// sums could not hold it together with today's values. Student-t returns and implied spot vols have no such bound;
// they are allowed for up to what one run in a thousand exceeds, and never beyond what sums can hold. A run that does
// exceed it ends with an error.
double growth_allowance(const Inputs& inputs, const Paths& paths);

}  // namespace tailbit
