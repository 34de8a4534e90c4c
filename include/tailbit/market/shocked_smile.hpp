// A smile moved by the factors of volatility (docs/definitions, "The scenario at time t"), with its derivatives, and
// whether it admits butterfly arbitrage.
//
// Vols are decimals per square-root year, k = ln(K/F), derivatives are by k. Sticky moneyness: a scenario's smile at k
// is today's at the same k and expiry, shocked.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::market {

// Least volatility of a scenario: 0.1 point. Below it the smile is flat at the floor; whoever counts, counts it.
inline constexpr double kVolFloor = 0.001;

// A smile at one k.
template <class R>
struct VolAt {
  R vol, slope, curvature;
};

// Today's smile where it is raw SVI: total variance a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)) over `years` to
// expiry at as_of. sigma > 0, and the variance is positive.
template <class R>
struct SviSmile {
  R a, b, rho, m, sigma_squared, inverse_years;

  HD R vol(R k) const {
    const R distance = k - m;
    const R root = math::sqrt(math::fma(distance, distance, sigma_squared));
    return math::sqrt(math::fma(b, math::fma(rho, distance, root), a) * inverse_years);
  }
  // With s^2 = w / T: s' = w' / (2 T s) and s'' = (w'' / (2 T) - s'^2) / s.
  HD VolAt<R> at(R k) const {
    const R distance = k - m;
    const R root = math::sqrt(math::fma(distance, distance, sigma_squared));
    const R inverse_root = R(1) / root;
    const R vol = math::sqrt(math::fma(b, math::fma(rho, distance, root), a) * inverse_years);
    const R inverse_vol = R(1) / vol;
    const R half_b = R(0.5) * b * inverse_years;
    const R slope = half_b * math::fma(distance, inverse_root, rho) * inverse_vol;
    const R bend = half_b * sigma_squared * inverse_root * inverse_root * inverse_root;
    return {vol, slope, math::fma(-slope, slope, bend) * inverse_vol};
  }
};

// (30 days / max(T, 1 day))^decay: what a factor that is quoted at 30 days is at T years to expiry, T at as_of. The
// level has a decay of its own; the skew's is 1/2.
template <class R>
HD R term_scale(R years, R decay) {
  constexpr R kDay = R(1) / R(365);
  return math::exp(decay * math::log(R(30) * kDay / math::max(years, kDay)));
}

// What a scenario does to the smile of one expiry: sigma(k) = factor sigma_0(k) + tilt k.
template <class R>
struct SmileShock {
  R factor, tilt;
};

// `level` x and `skew` y as simulated, `variance` v of x at the time, and the expiry's term scales. The factor is
// exp(d x - d^2 v / 2), whose mean is 1 when x is N(0, v).
template <class R>
HD SmileShock<R> smile_shock(R level, R skew, R variance, R level_scale, R skew_scale) {
  const R deviation = level_scale * level;
  return {math::exp(math::fma(level_scale * level_scale, R(-0.5) * variance, deviation)), skew * skew_scale};
}

// Before the floor.
template <class R>
HD R unfloored_vol(R vol_today, R k, const SmileShock<R>& shock) {
  return math::fma(shock.factor, vol_today, shock.tilt * k);
}

template <class R>
HD R shocked_vol(R vol_today, R k, const SmileShock<R>& shock) {
  return math::max(unfloored_vol(vol_today, k, shock), R(kVolFloor));
}

// With its derivatives; flat where it is at the floor. (The bend where a smile meets its floor is upwards, so it only
// adds to the density.)
template <class R>
HD VolAt<R> shocked_vol(const VolAt<R>& today, R k, const SmileShock<R>& shock) {
  const R vol = unfloored_vol(today.vol, k, shock);
  const R slope = math::fma(shock.factor, today.slope, shock.tilt);
  const R curvature = shock.factor * today.curvature;
  const bool floored = vol < R(kVolFloor);
  return {floored ? R(kVolFloor) : vol, floored ? R(0) : slope, floored ? R(0) : curvature};
}

// Gatheral and Jacquier's g (2014, equation 2.1) at total variance w = s^2 T, T years left: the density of ln(S/F) at k
// is g times a positive factor, so g < 0 is a butterfly that pays for nothing. Put in terms of vol the terms in s'^2
// cancel: g = (1 - k s'/s)^2 - (s s' T / 2)^2 + T s s''.
template <class R>
HD R butterfly_g(const VolAt<R>& at, R k, R years_left) {
  const R scaled = at.vol * years_left;
  const R half = R(0.5) * scaled * at.slope;
  const R tilt = math::fma(-k, at.slope / at.vol, R(1));
  return math::fma(-half, half, math::fma(scaled, at.curvature, tilt * tilt));
}

}  // namespace tailbit::market
