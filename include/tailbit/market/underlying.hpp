// One underlying as of today: what contracts' constants are computed from, once per time node, by compile.
#pragma once

#include <string>

#include "tailbit/core/time.hpp"
#include "tailbit/market/carry.hpp"
#include "tailbit/market/vol_surface.hpp"

namespace tailbit::market {

struct UnderlyingToday {
  std::string name;
  Timestamp as_of;
  double spot;             // USD
  double usd_rate;         // continuous, per year
  double funding_rate_8h;  // constant; longs pay when positive
  CarryCurve carry;
  VolSurface surface;

  // The smile a contract is priced on: its own volatility if it has one, else the surface's.
  SmileToday smile(Timestamp expiry, double own_vol) const {
    if (own_vol > 0.0) {
      SmileToday smile;
      smile.fixed_vol = own_vol;
      return smile;
    }
    return surface.smile(years_between(as_of, expiry));
  }
};

}  // namespace tailbit::market
