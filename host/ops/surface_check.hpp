// How often simulated surfaces admit static arbitrage. A model that moves a smile by factors keeps no promise that the
// moved smile has a density; this counts how often it has none.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/inputs.hpp"

namespace tailbit {

// The factors that move a surface (docs/definitions, "The scenario at time t": level, skew), each a Gaussian
// Ornstein-Uhlenbeck process from 0. Vols are those of an expiry in 30 days: of the log of its at-the-money vol, and of
// its slope d(vol)/dk, per square-root year.
//
// The defaults are what Deribit's surfaces did from 30 December 2025 to 31 May 2026, a crash included: standard
// deviations of a day's move at 30 days (scripts/fit/surface_shocks.py over four snapshots a day) are, per square-root
// year, 0.87 (BTC) and 0.62 (ETH) in log vol and 1.09 and 0.73 in slope; their correlation is -0.28 and -0.17. At 7, 90
// and 180 days log vol has 1.66, 0.49 and 0.31 (BTC): a decay of 1/2 gives 1.86, 0.52 and 0.37. The DVOL index, March
// 2021 to April 2026, has 0.91 (BTC) and 0.85 (ETH). A day is short against the half-life of vols (49 days), so none
// returns to its mean.
struct SurfaceShocks {
  double vol_of_vol = 0.9;
  double level_kappa = 0.0;  // mean reversion, per year
  double term_decay = 0.5;
  double skew_vol = 1.1;
  double skew_kappa = 0.0;
  double correlation = -0.2;  // of the two factors
};

// The same over the fortnight around the crash of 5 February 2026, 29 January to 13 February: BTC 2.11 and 1.54 (ETH
// 1.43 and 1.11).
inline constexpr SurfaceShocks kStressedShocks{.vol_of_vol = 2.1, .skew_vol = 1.5};

// Within a range of strikes. g is Gatheral and Jacquier's (market/shocked_smile.hpp).
struct RangeCheck {
  std::uint64_t butterflies = 0;  // surfaces whose slice has g < 0 somewhere
  double least_g = std::numeric_limits<double>::infinity();
  double least_g_unshocked = std::numeric_limits<double>::infinity();  // of today's slice at the horizon
  std::uint64_t crossings = 0;  // surfaces where the slice has more total variance than the next one at some k
};

struct SliceCheck {
  Timestamp expiry;
  double atm_vol = 0.0;           // today's
  RangeCheck within_3, within_5;  // total standard deviations
  std::uint64_t floored = 0;      // surfaces whose vol is at the floor somewhere within 5
  bool has_next = false;          // the last slice has none to cross
};

struct UnderlyingCheck {
  std::string name;
  std::vector<SliceCheck> slices;      // ascending expiry, all after the horizon
  std::size_t expired = 0;             // slices that are left out, their expiry not being after it
  std::uint64_t with_butterfly_3 = 0;  // surfaces with g < 0 in any slice
  std::uint64_t with_butterfly_5 = 0;
};

struct SurfaceCheck {
  Timestamp as_of;
  std::int64_t horizon_seconds = 0;
  std::uint64_t surfaces = 0;  // per underlying
  std::uint64_t seed = 0;
  int points_per_deviation = 0;
  SurfaceShocks shocks;
  std::vector<UnderlyingCheck> underlyings;
};

// Simulates `count` surfaces of every underlying `horizon_seconds` > 0 ahead (surface i is scenario i of the seed) and
// looks at every slice that has not expired by then, on a grid of k = ln(K/F) that reaches 3 and 5 total standard
// deviations to each side: the simulated slice's own, vol at the money times sqrt(time left). The range is part of the
// statement: a skew that is linear in k must break Lee's bound far enough out. A flat surface has a slice per listed
// forward. `market` has no surface that is still to be fitted (fit_quoted_surfaces). `threads` 0 takes all; the result
// does not depend on it. Throws std::invalid_argument for arguments out of range.
SurfaceCheck check_shocked_surfaces(const Market& market, const SurfaceShocks& shocks, std::int64_t horizon_seconds,
                                    std::uint64_t count, std::uint64_t seed, unsigned threads,
                                    int points_per_deviation = 8);

nlohmann::ordered_json to_json(const SurfaceCheck& check);

}  // namespace tailbit
