// Black's formula turned around: the volatility that a price implies.
#pragma once

#include <optional>

#include "tailbit/instruments/terms.hpp"

namespace tailbit {

// The vol (decimal, a year's) at which the undiscounted Black value of an option is `price`. forward, strike and price
// in one currency, years > 0. Nothing where no vol gives the price: at or below intrinsic, at or above the bound that
// an infinite vol reaches (a call's forward, a put's strike); nor where a number is not finite, or forward, strike or
// years not positive. The error is what a few roundings of the price make: 1e-13 of the vol for usual quotes, more for
// a price next to intrinsic or next to its bound.
std::optional<double> implied_vol(OptionKind option, double forward, double strike, double years, double price);

}  // namespace tailbit
