// Implied volatility as a pricer sees it inside the hot loop: total standard deviation to expiry as a function of
// log-moneyness, one small type per shape of smile. The shape is fixed per contract, so no lane branches on it.
//
// Convention: `log_ratio` is ln(A/B) of the exchange "receive A, pay B" that an option is (instruments/black.hpp):
// ln(F/K) for a call, ln(K/F) for a put. SVI's k = ln(K/F) is therefore -log_ratio for a call and +log_ratio for a put,
// and a put's slice is stored mirrored (rho and m with the other sign), so that both evaluate the same formula at
// -log_ratio.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::market {

template <class R>
struct TotalVol {
  R stdev;          // sigma sqrt(tau), > 0
  R inverse_stdev;  // 1 / stdev
  R slope;          // d(total variance)/d(-log_ratio); only digitals read it
};

// A volatility of the contract's own, or a flat surface.
struct FixedVol {
  template <class R>
  struct Smile {
    R stdev, inverse_stdev;
    HD TotalVol<R> operator()(R /*log_ratio*/) const { return {stdev, inverse_stdev, R(0)}; }
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
  template <class R>
  struct Smile {
    SviVariance<R> slice;
    HD TotalVol<R> operator()(R log_ratio) const {
      const auto w = slice(-log_ratio);
      const R stdev = math::sqrt(w.variance);
      return {stdev, R(1) / stdev, w.slope};
    }
  };
};

// A smile between two slices: total variance linear in time at fixed k.
struct SviBlendVol {
  template <class R>
  struct Smile {
    SviVariance<R> left, right;  // already weighted
    HD TotalVol<R> operator()(R log_ratio) const {
      const auto a = left(-log_ratio);
      const auto b = right(-log_ratio);
      const R stdev = math::sqrt(a.variance + b.variance);
      return {stdev, R(1) / stdev, a.slope + b.slope};
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
