// What the formulas of every family are written in.
#pragma once

#include "tailbit/core/time.hpp"

namespace tailbit {

// One underlying in one scenario at one date: all that a value depends on.
template <class R>
struct Point {
  R log_return;  // ln(S_t / S_0)
  R spot;        // S_t, USD
};

// For contracts that have paid in coin: what the coins received are worth now, when the payoff was fixed before.
template <class R>
struct CoinsHeld {
  R spot;  // S now, USD per coin
};

// The date a contract is revalued at.
struct NodeTime {
  Timestamp now;
  double years_since_observed;  // since `observe` was last called (0 at a node of the step grid)
};

// Shape of contracts that have only one way to be priced.
struct Plain {};

// For contracts that remember nothing.
struct NoState {};

}  // namespace tailbit
