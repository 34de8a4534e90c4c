// Implied volatility as a pricer sees it inside the hot loop: total standard deviation to expiry as a function of
// log-moneyness, one small type per shape of smile. The shape is fixed per contract, so no lane branches on it.
//
// Convention: `log_ratio` is ln(A/B) of the exchange "receive A, pay B" that an option is (instruments/black.hpp):
// ln(F/K) for a call, ln(K/F) for a put. SVI's k = ln(K/F) is therefore -log_ratio for a call and +log_ratio for a put,
// and a put's slice is stored mirrored (rho and m with the other sign), so that both evaluate the same formula at
// -log_ratio.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/market/forward_point.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::market {

template <class R>
struct TotalVol {
  R stdev;          // sigma sqrt(tau), > 0
  R inverse_stdev;  // 1 / stdev
  R slope;          // d(total variance)/d(-log_ratio); only digitals read it
};

// Today's smile at one log_ratio, before any factor moves it.
template <class R>
struct StdevToday {
  R stdev, slope;  // as in TotalVol
};

// One volatility, whatever the moneyness: a contract's own, a flat surface, or that of a strike which keeps its vol.
struct FixedVol {
  static constexpr bool varies = false;  // between scenarios

  template <class R>
  struct Smile {
    R stdev, inverse_stdev;
    R slope;
    HD StdevToday<R> today(R /*log_ratio*/) const { return {stdev, slope}; }
    HD TotalVol<R> operator()(R /*log_ratio*/) const { return {stdev, inverse_stdev, slope}; }
  };
};

// Total variance of one raw SVI slice (Gatheral 2004), scaled to the time that is left:
// w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)).
template <class R>
struct SviVariance {
  R a, b, b_rho, m, sigma_squared;

  struct Result {
    R variance, slope;
  };
  HD Result operator()(R k) const {
    const R distance = k - m;
    const R root = math::sqrt(math::fma(distance, distance, sigma_squared));
    return {math::fma(b, root, math::fma(b_rho, distance, a)), math::fma(b, distance / root, b_rho)};
  }
};

// A smile read from one slice.
struct SviVol {
  static constexpr bool varies = true;  // between scenarios

  template <class R>
  struct Smile {
    SviVariance<R> slice;
    HD StdevToday<R> today(R log_ratio) const {
      const auto w = slice(-log_ratio);
      return {math::sqrt(w.variance), w.slope};
    }
    HD TotalVol<R> operator()(R log_ratio) const {
      const auto now = today(log_ratio);
      return {now.stdev, R(1) / now.stdev, now.slope};
    }
  };
};

// A smile between two slices: total variance linear in time at fixed k.
struct SviBlendVol {
  static constexpr bool varies = true;  // between scenarios

  template <class R>
  struct Smile {
    SviVariance<R> left, right;  // already weighted
    HD StdevToday<R> today(R log_ratio) const {
      const auto a = left(-log_ratio);
      const auto b = right(-log_ratio);
      return {math::sqrt(a.variance + b.variance), a.slope + b.slope};
    }
    HD TotalVol<R> operator()(R log_ratio) const {
      const auto now = today(log_ratio);
      return {now.stdev, R(1) / now.stdev, now.slope};
    }
  };
};

// Any of these, moved by the factors of volatility (docs/definitions, "The scenario at time t"): sigma_t(k) =
// factor sigma_0(k) + tilt k, but at least 0.1 point: shocked_vol of shocked_smile.hpp times the root of the time left.
// Priced on a ForwardPoint.
template <class Base>
struct Moved {
  static constexpr bool on_forward = true;
  static constexpr bool varies = true;

  template <class R>
  struct Smile {
    typename Base::template Smile<R> base;
    R tilt;   // k = tilt * log_ratio: -1 of a call, +1 of a put, 0 of a contract whose vol has no skew
    R floor;  // 0.1 point, as a standard deviation

    HD R unfloored(R log_ratio, const ForwardPoint<R>& point) const {
      return math::fma(point.vol_factor, base.today(log_ratio).stdev, tilt * point.vol_tilt * log_ratio);
    }
    HD bool at_floor(R log_ratio, const ForwardPoint<R>& point) const { return unfloored(log_ratio, point) < floor; }
    HD TotalVol<R> operator()(R log_ratio, const ForwardPoint<R>& point) const {
      const auto today = base.today(log_ratio);
      const R moved = unfloored(log_ratio, point);
      const R stdev = math::max(floor, moved);  // as the first operand, so that a NaN is not mistaken for it
      // d(stdev^2) = 2 stdev d(stdev), and along -log_ratio k moves by -tilt.
      const R bend = math::fma(point.vol_factor, R(0.5) * today.slope / today.stdev, -(tilt * point.vol_tilt));
      return {stdev, R(1) / stdev, moved < floor ? R(0) : R(2) * stdev * bend};
    }
  };
};

// The contract's date has come: what it pays depends on the spot of that date alone.
struct Settled {
  template <class R>
  struct Smile {};
};

// The same, but what it pays are coins, which are held: their value depends on the spot now, too.
struct SettledInCoin : Settled {};

}  // namespace tailbit::market
