// The problem of a whole surface: misses of quotes, ridges, and walls around arbitrage, of all slices at once.
#pragma once

#include <span>
#include <vector>

#include "host/fit/svi_fit.hpp"
#include "host/fit/svi_point.hpp"

namespace tailbit::fit {

struct FittedExpiry {
  SviScale scale;
  std::span<const VolQuote> quotes;
};

// Weight (in quotes) and slope of a residual: squares up to 1, linear beyond (Huber 1964).
struct Loss {
  double cost, weight;
};
inline Loss huber(double r) {
  const double size = std::abs(r);
  return size <= 1.0 ? Loss{0.5 * r * r, 1.0} : Loss{size - 0.5, 1.0 / size};
}

// What a residual in vol is measured by.
inline double tolerated(const VolQuote& quote) { return quote.half_width + kQuoteTolerance; }

// The points (one per expiry) of least cost near `start`, by Levenberg and Marquardt's method; the normal equations are
// block tridiagonal, since only neighbours meet. Arbitrage and the bounds of coordinates are walls whose cost is felt
// within `reach` of them, and grows on the wrong side: a search with a long reach first and ever shorter ones after it
// comes close to the best surface without arbitrage, from any start (a barrier method).
std::vector<Vector5> minimise(std::span<const FittedExpiry> expiries, std::vector<Vector5> start, double reach);

}  // namespace tailbit::fit
