// What the formulas of every family are written in.
#pragma once

#include "tailbit/core/time.hpp"
#include "tailbit/market/forward_point.hpp"

namespace tailbit {

// What a contract with a memory sees of its underlying at the end of a step.
struct Observed {
  double log_return;  // ln(S_t / S_0)
  double spot;        // S_t, USD
  double premium;     // of the perpetual, beyond today's
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

// Shapes of contracts without a smile: priced from the spot, or from a forward with a factor of its own.
struct Plain {};
struct OnForward {
  static constexpr bool on_forward = true;
};

// For contracts that remember nothing.
struct NoState {};

}  // namespace tailbit
