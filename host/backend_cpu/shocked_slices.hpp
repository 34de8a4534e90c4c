// The loops that simulated surfaces are checked with: surfaces in the vector lanes, once per instruction set, the same
// bits from each (see hot_loops.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/backend_cpu/hot_loops.hpp"
#include "tailbit/core/aligned.hpp"
#include "tailbit/market/shocked_smile.hpp"

namespace tailbit::cpu {

// The joint law of level and skew at one time.
struct ShockLaw {
  double level_stdev, skew_stdev;
  double correlation, correlation_rest;  // rest = sqrt(1 - correlation^2)
};

// What the two are at one expiry (market::smile_shock).
struct ShockScale {
  double level_variance;  // at 30 days
  double level_scale, skew_scale;
};

// One expiry of today's surface, at the horizon.
struct SliceAhead {
  market::SviSmile<double> today;
  double years_left;
  double deviation;  // total, at the money, before any shock: vol(0) sqrt(years_left)
  ShockScale scale;
};

// The surfaces that are looked at together. Arrays are [capacity].
struct ShockTile {
  explicit ShockTile(std::size_t capacity);

  std::uint64_t first_surface = 0;
  std::size_t lanes = 0;  // surfaces in use

  AlignedArray<double> level, skew;
  struct Shocks {
    AlignedArray<double> factor, tilt;
  };
  Shocks shocks[2];  // of an expiry and of the one after it
  AlignedArray<double> least_g, least_vol, least_gap;
};

// A grid holds places in units of a slice's total standard deviation at the money, as shocked: a place u is
// k = u factor deviation.
struct ShockLoops {
  // Level and skew of the tile's surfaces, from counter (surface, 0, block) of stream kSurfaces.
  void (*draw)(ShockTile&, const ShockLaw&, std::uint64_t seed, std::uint32_t block);
  void (*shock)(ShockTile&, const ShockScale&, int slot);  // fills shocks[slot]
  // Lowers least_g to the least g of the slice under shocks[slot] over the grid, and least_vol to the least vol before
  // the floor.
  void (*least_g)(ShockTile&, int slot, const SliceAhead&, const std::vector<double>& grid);
  // Lowers least_gap to the least of the later slice's total variance, under shocks[1 - slot], less the earlier's,
  // under shocks[slot], at the same k, over the grid of the earlier one.
  void (*least_gap)(ShockTile&, int slot, const SliceAhead& early, const SliceAhead& late,
                    const std::vector<double>& grid);
};

const ShockLoops& shock_loops(Isa isa);

}  // namespace tailbit::cpu
