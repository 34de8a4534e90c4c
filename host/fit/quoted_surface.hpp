// Surfaces that a market file gives as quoted vols.
#pragma once

#include "host/io/inputs.hpp"

namespace tailbit {

// Replaces every quoted surface of the market by the slices fitted to it (svi_fit.hpp), one per expiry that is quoted.
// Forwards are those of the market's carry. Quotes that contradict each other or admit arbitrage cannot all be met:
// adds to `warnings` what is missed by more than kQuoteTolerance, and where the shape of the smile is borrowed.
void fit_quoted_surfaces(Market& market, std::vector<std::string>& warnings);

}  // namespace tailbit
