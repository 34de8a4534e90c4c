// Markets whose simulated surfaces are checked, and a check of them one surface at a time, from total variance.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "host/fit/arbitrage.hpp"
#include "host/io/text.hpp"
#include "host/ops/surface_check.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::test {

// Made-up slices of a stressed surface: steep, and with little between one expiry and the next.
inline Market skewed_market() {
  Market market;
  market.as_of = *parse_timestamp("2026-02-05T21:30:00Z");
  const auto slice = [](const char* expiry, double a, double b, double rho, double m, double sigma) {
    return SviQuote{*parse_timestamp(expiry), a, b, rho, m, sigma, std::nullopt};
  };
  UnderlyingMarket& btc = market.underlyings["BTC"];
  btc.spot = 64'000.0;
  btc.surface = SviSurface{{slice("2026-02-06T08:00:00Z", 1e-4, 0.02, -0.3, 0.0, 0.03),
                            slice("2026-02-08T08:00:00Z", 2e-3, 0.07, -0.5, 0.02, 0.08),
                            slice("2026-02-13T08:00:00Z", 3e-3, 0.10, -0.5, 0.02, 0.20),
                            slice("2026-03-27T08:00:00Z", 1e-2, 0.20, -0.6, -0.1, 0.35)}};
  UnderlyingMarket& eth = market.underlyings["ETH"];
  eth.spot = 1'900.0;
  eth.surface = SviSurface{{slice("2026-02-13T08:00:00Z", 8e-3, 0.15, 0.2, 0.0, 0.10),
                            slice("2026-06-26T08:00:00Z", 5e-2, 0.40, -0.3, 0.1, 0.60)}};
  return market;
}

struct PlainCheck {
  std::uint64_t butterflies_3 = 0, butterflies_5 = 0, crossings_3 = 0, crossings_5 = 0, floored = 0;
  std::vector<bool> with_butterfly_3, with_butterfly_5;  // by surface
  double least_g_3 = std::numeric_limits<double>::infinity(), least_g_5 = least_g_3;
};

// A slice of a simulated surface as definitions.md has it.
class PlainSlice {
 public:
  PlainSlice(const SviQuote& q, Timestamp as_of, std::int64_t horizon, const SurfaceShocks& shocks, double x, double y)
      : today_{years_between(as_of, q.expiry), q.a, q.b, q.rho, q.m, q.sigma},
        left_(today_.years - static_cast<double>(horizon) / kSecondsPerYear) {
    const double days = std::max(365.0 * today_.years, 1.0), d = std::pow(30.0 / days, shocks.term_decay);
    const double v = shocks.vol_of_vol * shocks.vol_of_vol * (static_cast<double>(horizon) / kSecondsPerYear);
    factor_ = std::exp(d * x - 0.5 * d * d * v);
    tilt_ = y * std::sqrt(30.0 / days);
    deviation_ = factor_ * std::sqrt(svi_variance_at(today_, 0.0).variance / today_.years * left_);
  }
  double deviation() const { return deviation_; }  // total, at the money
  bool floored(double k) const { return vol(k) < 0.001; }
  SmileVariance at(double k) const {
    if (floored(k)) return {1e-6 * left_, 0.0, 0.0};
    const SmileVariance w = svi_variance_at(today_, k);
    const double s0 = std::sqrt(w.variance / today_.years), s0_slope = w.slope / (2.0 * s0 * today_.years);
    const double s0_bend = (w.curvature / (2.0 * today_.years) - s0_slope * s0_slope) / s0;
    const double s = vol(k), slope = factor_ * s0_slope + tilt_, bend = factor_ * s0_bend;
    return {s * s * left_, 2.0 * s * slope * left_, 2.0 * left_ * (slope * slope + s * bend)};
  }

 private:
  double vol(double k) const {
    return factor_ * std::sqrt(svi_variance_at(today_, k).variance / today_.years) + tilt_ * k;
  }
  market::SviSlice today_;
  double left_, factor_ = 1.0, tilt_ = 0.0, deviation_ = 0.0;
};

// Slice `i` of the underlying of index `underlying`; `next` may be null.
inline PlainCheck plain_check(const SviQuote& slice, const SviQuote* next, Timestamp as_of, std::int64_t horizon,
                              const SurfaceShocks& shocks, std::uint64_t count, std::uint64_t seed,
                              std::uint32_t underlying, int points_per_deviation) {
  PlainCheck out;
  const double root = std::sqrt(static_cast<double>(horizon) / kSecondsPerYear);
  for (std::uint64_t surface = 0; surface < count; ++surface) {
    const auto z = random::two_normals<random::Philox4x32>(random::make_key(seed), surface, 0, underlying, 0xc000);
    const double x = shocks.vol_of_vol * root * z.first;
    const double y =
        shocks.skew_vol * root *
        (shocks.correlation * z.first + std::sqrt(1.0 - shocks.correlation * shocks.correlation) * z.second);
    const PlainSlice here(slice, as_of, horizon, shocks, x, y);
    bool butterfly[2] = {}, crossing[2] = {}, floored = false;
    for (int i = -5 * points_per_deviation; i <= 5 * points_per_deviation; ++i) {
      const double u = static_cast<double>(i) / points_per_deviation, k = u * here.deviation();
      const double g = butterfly_g(k, here.at(k));
      const bool crosses =
          next != nullptr && PlainSlice(*next, as_of, horizon, shocks, x, y).at(k).variance < here.at(k).variance;
      if (std::abs(u) <= 3.0) out.least_g_3 = std::min(out.least_g_3, g);
      out.least_g_5 = std::min(out.least_g_5, g);
      butterfly[0] |= std::abs(u) <= 3.0 && g < 0.0, butterfly[1] |= g < 0.0;
      crossing[0] |= std::abs(u) <= 3.0 && crosses, crossing[1] |= crosses;
      floored |= here.floored(k);
    }
    out.with_butterfly_3.push_back(butterfly[0]), out.with_butterfly_5.push_back(butterfly[1]);
    out.butterflies_3 += butterfly[0], out.butterflies_5 += butterfly[1];
    out.crossings_3 += crossing[0], out.crossings_5 += crossing[1];
    out.floored += floored;
  }
  return out;
}

}  // namespace tailbit::test
