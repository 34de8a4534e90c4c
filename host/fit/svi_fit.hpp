// A volatility surface without static arbitrage from option quotes: one raw SVI slice per expiry.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tailbit/market/vol_surface.hpp"

namespace tailbit {

// What one strike of an expiry is fitted to.
struct VolQuote {
  double k;             // ln(K/F)
  double vol;           // mid vol, > 0
  double half_width;    // (ask vol - bid vol) / 2, > 0
  double weight = 1.0;  // > 0; lower for marks that stand in for missing quotes
};

struct ExpiryQuotes {
  double years;  // > 0
  std::vector<VolQuote> quotes;
};

struct SliceFit {
  market::SviSlice slice;
  double rms;            // weighted root mean square of fitted vol - mid vol; 0 without quotes
  double worst;          // largest |fitted vol - mid vol|; 0 without quotes
  std::size_t outside;   // quotes whose fitted vol is more than kQuoteTolerance beyond bid or ask
  bool from_neighbours;  // fewer than kLeastQuotes quotes: the shape is the neighbours'
};

// Half a vol point: how far from bid and ask a fitted vol still counts as at the market.
inline constexpr double kQuoteTolerance = 0.005;
// The parameters of a slice.
inline constexpr std::size_t kLeastQuotes = 5;

// No fitted vol is below this: ten times what market.json asks for.
inline constexpr double kLeastFittedVol = 0.01;

// One slice per expiry, in the order given, every expiry fitted. `expiries` ascend strictly in years; some may hold few
// quotes or none. Throws std::invalid_argument where they do not ascend, or a number is out of its range, or there is
// no quote at all: without one there is nothing to say.
//
// The slices are free of butterfly arbitrage (least_butterfly_g >= 0, wings b (1 + |rho|) < 2) and of calendar
// arbitrage (least_calendar_gap >= 0 from each to the next), and pass the checks of market.json: |rho| < 1, b > 0,
// sigma > 0, vols of at least kLeastFittedVol everywhere.
//
// All slices are fitted at once (svi_problem.hpp): least squares of (fitted vol - mid vol) / (half_width +
// kQuoteTolerance), linear beyond 1 so that a wild quote pulls no harder than a doubtful one; a small ridge towards the
// neighbours' shape and a usual one, which decides where quotes do not; and walls around arbitrage, so that a
// correction is spread over the neighbours. What is left of arbitrage is removed exactly (svi_repair.hpp). With s the
// total standard deviation at the money, roughly: sigma lies between 0.1 s and 6 s, |m| below 3 s; after a repair they
// may be a neighbour's. No randomness. A surface of 12 expiries and 850 quotes takes some 10 ms.
std::vector<SliceFit> fit_svi_surface(std::span<const ExpiryQuotes> expiries);

}  // namespace tailbit
