// What a value depends on: an underlying, or one expiry of it, in one scenario at one date.
#pragma once

#include "tailbit/core/platform.hpp"

namespace tailbit {

// An underlying whose forwards and smiles are today's, moved with the spot.
template <class R>
struct Point {
  R log_return;  // ln(S_t / S_0)
  R spot;        // S_t, USD
};

// One expiry (or the perpetual) of an underlying whose carry, smile or premium have factors of their own. A contract
// exchanges coins for dollars; `coin_leg` and `dollar_leg` say what the factors have made of the two legs' values:
// settled in USD they are S exp(shift) and 1, settled in coin S and exp(-shift), the shift being that of ln(F/S).
template <class R>
struct ForwardPoint {
  R log_return;            // ln(S_t / S_0) plus the shift: ln of F_t over S_0 exp(c (T - t)), c today's carry
  R coin_leg, dollar_leg;  // USD; a pure number
  R vol_factor, vol_tilt;  // total standard deviation = vol_factor * today's + vol_tilt * k, k = ln(K / F_t)
};

// The same for both, so that a formula which is linear in its legs is written once.
template <class R>
HD R coin_leg(const Point<R>& point) {
  return point.spot;
}
template <class R>
HD R dollar_leg(const Point<R>&) {
  return R(1);
}
template <class R>
HD R coin_leg(const ForwardPoint<R>& point) {
  return point.coin_leg;
}
template <class R>
HD R dollar_leg(const ForwardPoint<R>& point) {
  return point.dollar_leg;
}

}  // namespace tailbit
