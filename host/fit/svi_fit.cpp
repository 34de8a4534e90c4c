#include "host/fit/svi_fit.hpp"

#include <cmath>
#include <stdexcept>

#include "host/fit/arbitrage.hpp"
#include "host/fit/svi_problem.hpp"
#include "host/fit/svi_repair.hpp"
#include "host/fit/svi_scale.hpp"

namespace tailbit {
namespace {

void check(std::span<const ExpiryQuotes> expiries) {
  double previous = 0.0;
  bool any = false;
  for (const ExpiryQuotes& expiry : expiries) {
    if (!(expiry.years > previous) || !std::isfinite(expiry.years)) {
      throw std::invalid_argument("fit_svi_surface: expiries must ascend from above 0");
    }
    previous = expiry.years;
    for (const VolQuote& q : expiry.quotes) {
      any = true;
      const bool positive = q.vol > 0.0 && q.half_width > 0.0 && q.weight > 0.0;
      const bool finite = std::isfinite(q.k) && std::isfinite(q.vol + q.half_width + q.weight);
      if (!positive || !finite) throw std::invalid_argument("fit_svi_surface: a quote is out of range");
    }
  }
  if (!any && !expiries.empty()) throw std::invalid_argument("fit_svi_surface: no expiry has a quote");
}

SliceFit measured(const market::SviSlice& slice, const std::vector<VolQuote>& quotes) {
  SliceFit fit{slice, 0.0, 0.0, 0, quotes.size() < kLeastQuotes};
  double weights = 0.0, squares = 0.0;
  for (const VolQuote& quote : quotes) {
    const double vol = std::sqrt(svi_variance_at(slice, quote.k).variance / slice.years);
    const double residual = std::abs(vol - quote.vol);
    weights += quote.weight;
    squares += quote.weight * residual * residual;
    fit.worst = std::max(fit.worst, residual);
    if (residual > fit::tolerated(quote)) ++fit.outside;
  }
  if (weights > 0.0) fit.rms = std::sqrt(squares / weights);
  return fit;
}

}  // namespace

std::vector<SliceFit> fit_svi_surface(std::span<const ExpiryQuotes> expiries) {
  check(expiries);
  const std::vector<fit::SviScale> scales = fit::rough_scales(expiries);
  std::vector<fit::FittedExpiry> problem;
  for (std::size_t i = 0; i < expiries.size(); ++i) problem.push_back({scales[i], expiries[i].quotes});
  std::vector<fit::Vector5> points(expiries.size(), fit::usual_point());
  // Again at the end, with arbitrage looked for where the slices are nearest to it by then.
  for (const double reach : {0.3, 0.1, 0.03, 0.01, 0.003, 0.003, 0.003}) {
    points = fit::minimise(problem, std::move(points), reach);
  }

  const std::vector<market::SviSlice> slices = fit::without_arbitrage(points, scales);
  std::vector<SliceFit> fits;
  for (std::size_t i = 0; i < expiries.size(); ++i) fits.push_back(measured(slices[i], expiries[i].quotes));
  return fits;
}

}  // namespace tailbit
