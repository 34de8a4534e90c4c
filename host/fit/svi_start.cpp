#include "host/fit/svi_start.hpp"

#include <limits>

#include <Eigen/Cholesky>

namespace tailbit::fit {
namespace {

// A ridge towards the usual shape, in quotes missed by their width.
constexpr double kRidge = 0.1;

double rough_vol(const std::vector<VolQuote>& quotes) {
  std::vector<VolQuote> nearest = quotes;
  std::sort(nearest.begin(), nearest.end(),
            [](const VolQuote& a, const VolQuote& b) { return std::abs(a.k) < std::abs(b.k); });
  nearest.resize(std::min<std::size_t>(nearest.size(), 3));
  std::sort(nearest.begin(), nearest.end(), [](const VolQuote& a, const VolQuote& b) { return a.vol < b.vol; });
  return nearest[nearest.size() / 2].vol;
}

double misfit(const FittedExpiry& expiry, const Vector5& x) {
  const SviPoint point(x, expiry.scale);
  double cost = 0.5 * kRidge * kRidge * (x - usual_point()).squaredNorm();
  for (const VolQuote& quote : expiry.quotes) {
    cost += quote.weight *
            huber((std::sqrt(point.variance(quote.k) / expiry.scale.years) - quote.vol) / tolerated(quote)).cost;
  }
  return cost;
}

// The best slice of given centre and sigma: weighted least squares for its level and the slopes of its wings, the
// weights lowered twice where quotes stay away (Huber).
Vector5 best_linear(const FittedExpiry& expiry, double centre, double sigma) {
  const SviScale& scale = expiry.scale;
  Eigen::Vector3d c(1.0 - sigma, 1.0, 1.0);  // level and slopes of the usual slice
  const Eigen::Vector3d usual = c;
  Vector5 x = usual_point();
  x[kCentre] = centre, x[kSigma] = std::log(sigma);
  for (int pass = 0; pass < 3; ++pass) {
    Eigen::Matrix3d normal = kRidge * kRidge * Eigen::Matrix3d::Identity();
    Eigen::Vector3d right = normal * usual;
    for (const VolQuote& quote : expiry.quotes) {
      const double u = quote.k / scale.stdev - centre, q = std::sqrt(u * u + sigma * sigma);
      const Eigen::Vector3d row(1.0, 0.5 * (q - u), 0.5 * (q + u));
      const double variance = quote.vol * quote.vol * scale.years / (scale.stdev * scale.stdev);
      const double unit = 2.0 * variance * tolerated(quote) / quote.vol;  // of a tolerated miss, in variance
      const double miss = (row.dot(c) - variance) / unit;
      const double weight = quote.weight * (pass == 0 ? 1.0 : huber(miss).weight) / (unit * unit);
      normal += weight * row * row.transpose();
      right += weight * variance * row;
    }
    c = normal.llt().solve(right);
  }
  const double left_slope = std::max(c[1], 1e-3), right_slope = std::max(c[2], 1e-3);
  x[kLeft] = std::log(left_slope), x[kRight] = std::log(right_slope);
  x[kVariance] = std::log(std::max(c[0] + sigma * std::sqrt(left_slope * right_slope), 1e-3));
  const Bounds box = bounds(scale);
  return x.cwiseMax(box.least).cwiseMin(box.most);
}

}  // namespace

std::vector<SviScale> rough_scales(std::span<const ExpiryQuotes> expiries) {
  const std::size_t n = expiries.size();
  std::vector<double> vols(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    if (!expiries[i].quotes.empty()) vols[i] = rough_vol(expiries[i].quotes);
  }
  std::vector<SviScale> scales(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t left = i, right = i;
    while (left > 0 && vols[left] == 0.0) --left;
    while (right + 1 < n && vols[right] == 0.0) ++right;
    if (vols[left] == 0.0) left = right;
    if (vols[right] == 0.0) right = left;
    const double way = left == right ? 0.0
                                     : std::log(expiries[i].years / expiries[left].years) /
                                           std::log(expiries[right].years / expiries[left].years);
    const double vol = (1.0 - way) * vols[left] + way * vols[right];
    scales[i] = {expiries[i].years, std::max(vol, 2.0 * kLeastFittedVol) * std::sqrt(expiries[i].years)};
  }
  return scales;
}

Vector5 starting_point(const FittedExpiry& expiry) {
  Vector5 best = usual_point();
  if (expiry.quotes.empty()) return best;
  double least = std::numeric_limits<double>::infinity();
  for (const double centre : {0.0, -0.5, 0.5, -1.0, 1.0, -2.0, 2.0}) {
    for (const double sigma : {0.2, 0.4, 0.8, 1.6, 2.5, 4.0}) {
      const Vector5 x = best_linear(expiry, centre, sigma);
      if (const double cost = misfit(expiry, x); cost < least) best = x, least = cost;
    }
  }
  return best;
}

}  // namespace tailbit::fit
