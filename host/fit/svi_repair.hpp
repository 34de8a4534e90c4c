// The last step of the fit: what the penalties have left of arbitrage is removed exactly.
#pragma once

#include <span>
#include <vector>

#include "host/fit/svi_point.hpp"

namespace tailbit::fit {

// Slices without butterfly and calendar arbitrage nearest to the points in their own coordinates, from the first to the
// last: wings made at least as steep as the slice before, then the slice lifted over it; and where butterflies remain,
// moved towards a copy of the slice before (the first: towards a flat smile), as little as it takes.
std::vector<market::SviSlice> without_arbitrage(const std::vector<Vector5>& points, std::span<const SviScale> scales);

}  // namespace tailbit::fit
