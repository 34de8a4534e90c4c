// The units in which the slices of a surface are fitted.
#pragma once

#include <span>
#include <vector>

#include "host/fit/svi_point.hpp"

namespace tailbit::fit {

// Total standard deviations at the money, roughly: of the median vol of the three quotes nearest the money. Expiries
// without quotes have the vol of their neighbours, linear in ln(years). Needs one expiry with quotes.
std::vector<SviScale> rough_scales(std::span<const ExpiryQuotes> expiries);

}  // namespace tailbit::fit
