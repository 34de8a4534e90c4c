// What the factors of an underlying do to one expiry at one date (docs/definitions, "The scenario at time t").
#pragma once

#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/market/forward_point.hpp"
#include "tailbit/market/shocked_smile.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/models/factor.hpp"

namespace tailbit {

// One expiry, or the perpetual, of one underlying in one settlement, at one revaluation date. A factor that the model
// lacks is kNoFactor and counts as 0.
struct Tenor {
  std::uint32_t underlying;
  FactorId level, skew;   // of volatility
  FactorId shift;         // of ln(F/S): the basis, or the perpetual's premium
  double level_scale;     // d
  double level_variance;  // v(t)
  double skew_scale;      // of the expiry, times the root of the time left
  double shift_scale;     // of the basis: of the expiry, times the time left; of the premium: 1
  // What the legs grow by, per unit of the shift's factor: shift_scale and 0 settled in USD, 0 and -shift_scale in
  // coin.
  double coin_scale, dollar_scale;
};

// `level`, `skew`, `shift`: the factors' states, which start at 0 today.
HD ForwardPoint<double> forward_point(const Tenor& tenor, const Point<double>& point, double level, double skew,
                                      double shift) {
  const auto shock = market::smile_shock(level, skew, tenor.level_variance, tenor.level_scale, tenor.skew_scale);
  return {math::fma(tenor.shift_scale, shift, point.log_return), point.spot * math::exp(tenor.coin_scale * shift),
          math::exp(tenor.dollar_scale * shift), shock.factor, shock.tilt};
}

// Rounded to the precision that prices.
template <class R>
HD ForwardPoint<R> rounded(const ForwardPoint<double>& p) {
  return {static_cast<R>(p.log_return), static_cast<R>(p.coin_leg), static_cast<R>(p.dollar_leg),
          static_cast<R>(p.vol_factor), static_cast<R>(p.vol_tilt)};
}

}  // namespace tailbit
