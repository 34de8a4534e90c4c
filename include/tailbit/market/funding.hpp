// Funding of perpetuals (docs/definitions, "Contracts"): the rate per 8 hours that longs pay shorts when it is
// positive.
#pragma once

#include <limits>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::market {

// rate = w P + clamp(interest - w P, -band, band), then within +-cap; P the premium of the perpetual's mark. The
// venues' rules are cases of it: Deribit's max(0.025 %, P) + min(-0.025 %, P) has w = 1, interest 0, band 0.025 %;
// Binance's has its interest and band 0.05 %; a constant rate has w = 0 and no band.
struct FundingRate {
  double premium_weight = 0.0;
  double interest = 0.0;
  double band = std::numeric_limits<double>::infinity();
  double cap = std::numeric_limits<double>::infinity();

  bool none() const { return premium_weight == 0.0 && interest == 0.0; }

  HD double rate_8h(double premium) const {
    const double weighted = premium_weight * premium;
    const double towards_interest = math::max(-band, math::min(band, interest - weighted));
    return math::max(-cap, math::min(cap, weighted + towards_interest));
  }
};

inline FundingRate constant_funding(double rate_8h) { return {0.0, rate_8h}; }
inline FundingRate deribit_funding() { return {1.0, 0.0, 0.00025}; }
inline FundingRate binance_funding(double interest_8h) { return {1.0, interest_8h, 0.0005}; }

}  // namespace tailbit::market
