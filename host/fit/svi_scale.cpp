#include "host/fit/svi_scale.hpp"

#include <algorithm>
#include <cmath>

namespace tailbit::fit {
namespace {

double rough_vol(const std::vector<VolQuote>& quotes) {
  std::vector<VolQuote> nearest = quotes;
  std::sort(nearest.begin(), nearest.end(),
            [](const VolQuote& a, const VolQuote& b) { return std::abs(a.k) < std::abs(b.k); });
  nearest.resize(std::min<std::size_t>(nearest.size(), 3));
  std::sort(nearest.begin(), nearest.end(), [](const VolQuote& a, const VolQuote& b) { return a.vol < b.vol; });
  return nearest[nearest.size() / 2].vol;
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

}  // namespace tailbit::fit
