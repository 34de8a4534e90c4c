#include "host/fit/quoted_surface.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "host/fit/arbitrage.hpp"
#include "host/fit/svi_fit.hpp"
#include "tailbit/market/carry.hpp"

namespace tailbit {
namespace {

// What a vol that is given alone may be off by.
constexpr double kHalfWidth = 0.005;

market::CarryCurve carry_of(const UnderlyingMarket& underlying, const Market& market) {
  std::vector<market::CarryCurve::Node> nodes;
  for (const ListedForward& f : underlying.forwards)
    nodes.push_back({years_between(market.as_of, f.expiry), std::log(f.forward / underlying.spot)});
  return {std::move(nodes), market.usd_rate};
}

VolQuote vol_quote(const QuotedVol& q, double forward) {
  const double half = 0.5 * (q.ask_vol - q.bid_vol);
  return {std::log(q.strike / forward), 0.5 * (q.bid_vol + q.ask_vol), half > 0.0 ? half : kHalfWidth};
}

SurfaceFit quality(const ExpiryQuotes& expiry, const SliceFit& fit) {
  SurfaceFit out;
  std::vector<double> widths;
  double squares = 0.0;
  for (const VolQuote& q : expiry.quotes) {
    const double miss = std::sqrt(svi_variance_at(fit.slice, q.k).variance / expiry.years) - q.vol;
    widths.push_back(2.0 * q.half_width);
    squares += miss * miss;
    out.inside += std::abs(miss) <= q.half_width + kQuoteTolerance;
  }
  out.options = out.two_sided = static_cast<std::uint32_t>(widths.size());
  std::nth_element(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2), widths.end());
  out.median_width = widths[widths.size() / 2];
  out.rms = std::sqrt(squares / out.two_sided);
  return out;
}

SviSurface fitted(const QuotedSurface& surface, const UnderlyingMarket& underlying, const Market& market) {
  const market::CarryCurve carry = carry_of(underlying, market);
  std::map<Timestamp, ExpiryQuotes> by_expiry;
  for (const QuotedVol& q : surface.quotes) {
    ExpiryQuotes& expiry = by_expiry[q.expiry];
    expiry.years = years_between(market.as_of, q.expiry);
    expiry.quotes.push_back(vol_quote(q, underlying.spot * std::exp(carry.rate(expiry.years) * expiry.years)));
  }
  std::vector<ExpiryQuotes> expiries;
  for (const auto& [unused, expiry] : by_expiry) expiries.push_back(expiry);
  const std::vector<SliceFit> fits = fit_svi_surface(expiries);
  SviSurface out;
  std::size_t i = 0;
  for (const auto& [date, expiry] : by_expiry) {
    const market::SviSlice& s = fits[i].slice;
    out.slices.push_back({date, s.a, s.b, s.rho, s.m, s.sigma, quality(expiry, fits[i++])});
  }
  return out;
}

}  // namespace

void fit_quoted_surfaces(Market& market) {
  for (auto& [name, underlying] : market.underlyings) {
    if (const auto* quoted = std::get_if<QuotedSurface>(&underlying.surface))
      underlying.surface = fitted(*quoted, underlying, market);
  }
}

}  // namespace tailbit
