#include "host/fit/svi_repair.hpp"

#include <cmath>

#include "host/fit/arbitrage.hpp"

namespace tailbit::fit {
namespace {

using market::SviSlice;

// Kept between slices, in total variance: above the rounding of what reads them.
constexpr double kGapMargin = 1e-10;
// And of g.
constexpr double kLeastG = 1e-6;

// The slice with wings at least as steep as those of `earlier`, lifted over it.
SviSlice over(const SviSlice& earlier, SviSlice slice) {
  const double left1 = earlier.b * (1.0 - earlier.rho), right1 = earlier.b * (1.0 + earlier.rho);
  double left = slice.b * (1.0 - slice.rho), right = slice.b * (1.0 + slice.rho);
  if (left < left1 || right < right1) {
    // A little more, for the rounding of b and rho.
    left = std::max(left, left1 * (1.0 + 1e-9)), right = std::max(right, right1 * (1.0 + 1e-9));
    slice.b = 0.5 * (left + right), slice.rho = (right - left) / (right + left);
  }
  const double gap = least_calendar_gap(earlier, slice);
  if (gap < kGapMargin) slice.a += kGapMargin - gap;
  return slice;
}

// From a to b, coordinate by coordinate.
SviSlice between(const SviSlice& a, const SviSlice& b, double share) {
  const auto mix = [share](double x, double y) { return (1.0 - share) * x + share * y; };
  return {a.years, mix(a.a, b.a), mix(a.b, b.b), mix(a.rho, b.rho), mix(a.m, b.m), mix(a.sigma, b.sigma)};
}

bool sound(const SviSlice& slice) {
  const double least_variance = slice.a + slice.b * slice.sigma * std::sqrt(1.0 - slice.rho * slice.rho);
  return least_variance >= (1.0 - 1e-9) * kLeastFittedVol * kLeastFittedVol * slice.years &&
         least_butterfly_g(slice) >= kLeastG;
}

// A smile so flat that it has no butterflies, at the level of the slice at the money.
SviSlice flat(const SviSlice& slice) {
  const double variance = svi_variance_at(slice, 0.0).variance, stdev = std::sqrt(variance);
  return {slice.years, variance, 0.01 * stdev, 0.0, 0.0, stdev};
}

// The shape of the slice before, so high that it has no butterflies. (As variance grows, g tends to 1 - slope^2/16 +
// curvature/2, at least 3/4.)
SviSlice raised(SviSlice slice, double years) {
  slice.years = years;
  double lift = kGapMargin;
  do {
    slice.a += lift;
    lift = std::max(2.0 * lift, 0.01 * slice.sigma * slice.b);
  } while (!sound(slice));
  return slice;
}

}  // namespace

std::vector<SviSlice> without_arbitrage(const std::vector<Vector5>& points, std::span<const SviScale> scales) {
  std::vector<SviSlice> slices;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const SviSlice fitted = SviPoint(points[i], scales[i]).slice();
    const SviSlice safe = i == 0 ? flat(fitted) : raised(slices.back(), fitted.years);
    const auto moved = [&](double share) {
      const SviSlice slice = between(fitted, safe, share);
      return i == 0 ? slice : over(slices.back(), slice);
    };
    // Bisection for the least move; 1 is always far enough.
    double from = 0.0, to = 1.0;
    if (sound(moved(0.0))) to = 0.0;
    while (to - from > 1e-3) {
      const double share = 0.5 * (from + to);
      (sound(moved(share)) ? to : from) = share;
    }
    slices.push_back(moved(to));
  }
  return slices;
}

}  // namespace tailbit::fit
