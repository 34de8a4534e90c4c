#include "host/fit/arbitrage.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailbit {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Points of a scan to each side of a slice's centre. They are sinh-spaced: dense where a hyperbola bends, and out to
// where it is its asymptotes but for 1e-9 of its width.
constexpr int kScanSide = 160;
constexpr double kScanReach = 21.0;  // asinh of the farthest point, in units of sigma

struct Range {
  double from, to;
};

// Golden section: the least value of f in a range where f is taken to have one valley.
template <class F>
double valley(const F& f, Range range) {
  constexpr double kGolden = 0.6180339887498949;
  double from = range.from, to = range.to;
  double x1 = to - kGolden * (to - from), x2 = from + kGolden * (to - from);
  double f1 = f(x1), f2 = f(x2);
  for (int i = 0; i < 60; ++i) {
    if (f1 < f2) {
      to = x2, x2 = x1, f2 = f1;
      x1 = to - kGolden * (to - from), f1 = f(x1);
    } else {
      from = x1, x1 = x2, f1 = f2;
      x2 = from + kGolden * (to - from), f2 = f(x2);
    }
  }
  return std::min(f1, f2);
}

// The least of f over sorted points, each local valley refined between its neighbours.
template <class F>
double least_over(const F& f, const std::vector<double>& points) {
  std::vector<double> values;
  values.reserve(points.size());
  for (const double k : points) values.push_back(f(k));
  double least = *std::min_element(values.begin(), values.end());
  for (std::size_t i = 1; i + 1 < points.size(); ++i) {
    if (values[i] <= values[i - 1] && values[i] <= values[i + 1]) {
      least = std::min(least, valley(f, {points[i - 1], points[i + 1]}));
    }
  }
  return least;
}

void add_scan(const market::SviSlice& slice, std::vector<double>& points) {
  for (int i = -kScanSide; i <= kScanSide; ++i) {
    points.push_back(slice.m + slice.sigma * std::sinh(kScanReach * i / kScanSide));
  }
}

double left_slope(const market::SviSlice& s) { return s.b * (1.0 - s.rho); }
double right_slope(const market::SviSlice& s) { return s.b * (1.0 + s.rho); }

// What a slice is above its right asymptote at distance u >= 0 from its centre, without cancellation.
double above_asymptote(const market::SviSlice& s, double u) {
  return s.b * s.sigma * s.sigma / (std::hypot(u, s.sigma) + u);
}

market::SviSlice mirrored(market::SviSlice s) {
  s.rho = -s.rho;
  s.m = -s.m;
  return s;
}

// w_later - w_earlier right of both centres: from the asymptotes, so that far out nothing large cancels.
double right_gap(const market::SviSlice& earlier, const market::SviSlice& later, double k) {
  const double r1 = right_slope(earlier), r2 = right_slope(later);
  const double intercept = (later.a - r2 * later.m) - (earlier.a - r1 * earlier.m);
  return (r2 - r1) * k + intercept + above_asymptote(later, k - later.m) - above_asymptote(earlier, k - earlier.m);
}

double gap_at(const market::SviSlice& earlier, const market::SviSlice& later, double k) {
  if (k > std::max(earlier.m, later.m)) return right_gap(earlier, later, k);
  if (k < std::min(earlier.m, later.m)) return right_gap(mirrored(earlier), mirrored(later), -k);
  return svi_variance_at(later, k).variance - svi_variance_at(earlier, k).variance;
}

// The limit of the gap to the right, for slopes in order.
double limit_gap(const market::SviSlice& earlier, const market::SviSlice& later) {
  const double r1 = right_slope(earlier), r2 = right_slope(later);
  if (r1 != r2) return r2 > r1 ? kInfinity : -kInfinity;
  return (later.a - r2 * later.m) - (earlier.a - r1 * earlier.m);
}

double limit_g(double slope) { return slope == 0.0 ? 1.0 : 0.25 - slope * slope / 16.0; }

}  // namespace

SmileVariance svi_variance_at(const market::SviSlice& s, double k) {
  const double u = k - s.m, root = std::hypot(u, s.sigma), bend = s.sigma / root;
  return {s.a + s.b * (s.rho * u + root), s.b * (s.rho + u / root), s.b * bend * bend / root};
}

double butterfly_g(double k, const SmileVariance& w) {
  const double tilt = 1.0 - 0.5 * k * w.slope / w.variance;
  return tilt * tilt - 0.25 * w.slope * w.slope * (1.0 / w.variance + 0.25) + 0.5 * w.curvature;
}

double butterfly_g(const market::SviSlice& slice, double k) { return butterfly_g(k, svi_variance_at(slice, k)); }

double least_butterfly_g(const market::SviSlice& slice) {
  if (!(slice.a + slice.b * slice.sigma * std::sqrt(1.0 - slice.rho * slice.rho) > 0.0)) return -kInfinity;
  std::vector<double> points;
  points.reserve(2 * kScanSide + 1);
  add_scan(slice, points);
  const double scanned = least_over([&](double k) { return butterfly_g(slice, k); }, points);
  return std::min({scanned, limit_g(left_slope(slice)), limit_g(right_slope(slice))});
}

double least_calendar_gap(const market::SviSlice& earlier, const market::SviSlice& later) {
  const double limit = std::min(limit_gap(earlier, later), limit_gap(mirrored(earlier), mirrored(later)));
  if (limit == -kInfinity) return limit;
  std::vector<double> points;
  points.reserve(4 * kScanSide + 2);
  add_scan(earlier, points);
  add_scan(later, points);
  std::sort(points.begin(), points.end());
  return std::min(limit, least_over([&](double k) { return gap_at(earlier, later, k); }, points));
}

}  // namespace tailbit
