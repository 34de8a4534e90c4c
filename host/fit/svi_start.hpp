// Where the fit of a slice starts: the best of a grid, so that no local valley of raw SVI holds it.
#pragma once

#include "host/fit/svi_problem.hpp"

namespace tailbit::fit {

// Total standard deviations at the money, roughly: the median vol of the three quotes nearest the money; expiries
// without quotes have the vol of their neighbours, linear in ln(years). Needs one expiry with quotes.
std::vector<SviScale> rough_scales(std::span<const ExpiryQuotes> expiries);

// For fixed centre and sigma raw SVI is linear in its other parameters (Zeliade Systems 2009, "Quasi-explicit
// calibration of Gatheral's SVI model"): of a grid of the two, the slice nearest to the quotes. The usual shape where
// there are none.
Vector5 starting_point(const FittedExpiry& expiry);

}  // namespace tailbit::fit
