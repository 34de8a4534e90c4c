#include "host/fit/quoted_surface.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "host/fit/arbitrage.hpp"
#include "host/fit/svi_fit.hpp"
#include "host/io/text.hpp"
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

struct Missed {
  std::size_t quotes = 0;
  double worst = 0.0, strike = 0.0;
};

SurfaceFit quality(const ExpiryQuotes& expiry, const std::vector<QuotedVol>& quoted, const SliceFit& fit,
                   Missed& missed) {
  SurfaceFit out;
  std::vector<double> widths;
  double squares = 0.0;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    const VolQuote& q = expiry.quotes[i];
    const double miss = std::sqrt(svi_variance_at(fit.slice, q.k).variance / expiry.years) - q.vol;
    const bool two_sided = quoted[i].bid_vol < quoted[i].ask_vol;
    const double half_width = two_sided ? q.half_width : 0.0;
    const bool inside = std::abs(miss) <= half_width + kQuoteTolerance;
    ++out.options;
    if (!inside) {
      ++missed.quotes;
      if (std::abs(miss) > std::abs(missed.worst)) missed = {missed.quotes, miss, quoted[i].strike};
    }
    if (!two_sided) {
      ++out.marks;
      continue;
    }
    ++out.two_sided;
    out.inside += inside;
    widths.push_back(2.0 * q.half_width);
    squares += miss * miss;
  }
  if (widths.empty()) return out;
  std::nth_element(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2), widths.end());
  out.median_width = widths[widths.size() / 2];
  out.rms = std::sqrt(squares / out.two_sided);
  return out;
}

std::string percent(double vol) { return number_text(std::round(1e4 * vol) / 100.0) + " %"; }

SviSurface fitted(const std::string& name, const QuotedSurface& surface, const UnderlyingMarket& underlying,
                  const Market& market, std::vector<std::string>& warnings) {
  const market::CarryCurve carry = carry_of(underlying, market);
  std::map<Timestamp, ExpiryQuotes> by_expiry;
  std::map<Timestamp, std::vector<QuotedVol>> quoted;
  for (const QuotedVol& q : surface.quotes) {
    ExpiryQuotes& expiry = by_expiry[q.expiry];
    expiry.years = years_between(market.as_of, q.expiry);
    expiry.quotes.push_back(vol_quote(q, underlying.spot * std::exp(carry.rate(expiry.years) * expiry.years)));
    quoted[q.expiry].push_back(q);
  }
  std::vector<ExpiryQuotes> expiries;
  for (const auto& [unused, expiry] : by_expiry) expiries.push_back(expiry);
  const std::vector<SliceFit> fits = fit_svi_surface(expiries);
  SviSurface out;
  std::size_t i = 0;
  for (const auto& [date, expiry] : by_expiry) {
    const SliceFit& fit = fits[i++];
    Missed missed;
    const SurfaceFit found = quality(expiry, quoted.at(date), fit, missed);
    const std::string which = name + ", " + timestamp_text(date) + ": ";
    if (missed.quotes != 0) {
      warnings.push_back(which + std::to_string(missed.quotes) + " of " + std::to_string(found.options) +
                         " quoted vols are missed by more than half a vol point, most by " + percent(missed.worst) +
                         " at strike " + number_text(missed.strike) +
                         ": together with the others they admit arbitrage, or no smooth smile goes through them");
    }
    if (fit.from_neighbours) {
      warnings.push_back(which + "fewer than " + std::to_string(kLeastQuotes) +
                         " quotes; the shape of the smile is that of other expiries, or a usual one");
    }
    const market::SviSlice& s = fit.slice;
    out.slices.push_back({date, s.a, s.b, s.rho, s.m, s.sigma, found});
  }
  return out;
}

}  // namespace

void fit_quoted_surfaces(Market& market, std::vector<std::string>& warnings) {
  for (auto& [name, underlying] : market.underlyings) {
    if (const auto* quoted = std::get_if<QuotedSurface>(&underlying.surface))
      underlying.surface = fitted(name, *quoted, underlying, market, warnings);
  }
}

}  // namespace tailbit
