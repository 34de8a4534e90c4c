// One underlying as of today: what contracts' constants are computed from, once per time node, by compile.
#pragma once

#include <string>

#include "tailbit/core/time.hpp"
#include "tailbit/market/carry.hpp"
#include "tailbit/market/funding.hpp"
#include "tailbit/market/vol_surface.hpp"

namespace tailbit::market {

// How the model lets it move beside the spot, as far as the choice of a pricer depends on it.
struct UnderlyingMoves {
  bool smile = false;          // vol level or skew
  bool forwards = false;       // basis
  bool premium = false;        // of the perpetual
  bool sticky_strike = false;  // each strike keeps its vol of today, before the factors move it
};

struct UnderlyingToday {
  std::string name;
  Timestamp as_of;
  double spot;      // USD
  double usd_rate;  // continuous, per year
  CarryCurve carry;
  VolSurface surface;
  FundingRate funding{};
  double premium = 0.0;  // perpetuals are marked at spot exp(premium)
  UnderlyingMoves moves{};
  bool coins_sold_at_receipt = false;  // coins received on the way; else they are held

  // The smile a contract is priced on: its own volatility if it has one, else the surface's.
  SmileToday smile(Timestamp expiry, double own_vol) const {
    if (own_vol > 0.0) {
      SmileToday smile;
      smile.fixed_vol = own_vol;
      smile.own = true;
      return smile;
    }
    return surface.smile(years_between(as_of, expiry));
  }
};

}  // namespace tailbit::market
