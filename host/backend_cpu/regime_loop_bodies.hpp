// The bodies of the hot loops that move regimes and read what depends on them (models/regimes.hpp), as
// path_loop_bodies.hpp.
#pragma once

#include "host/backend_cpu/tile.hpp"
#include "tailbit/math/table_row.hpp"
#include "tailbit/models/regimes.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::cpu::body {

// The regime of the period that the step begins.
HD void begin_regime(Tile& tile, const Step& step) {
  const std::uint32_t period = tile.plan.shares[step.first_share].period;
  const random::Key key = random::make_key(tile.plan.seed);
  const std::uint64_t scenario = tile.first_scenario;
  const std::size_t lanes = tile.lanes;
  const double* cumulative = tile.plan.regime_probabilities;
  const std::uint32_t count = tile.plan.regime_count;
  double* regime = tile.regime;
  double* next = tile.regime + tile.stride;
  double* uniform = tile.change.data();
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    uniform[lane] = random::two_uniforms<random::Philox4x32>(key, scenario + lane, 0, period, random::kRegimes).first;
    next[lane] = 0.0;
  }
  for (std::uint32_t k = 0; k + 1 < count; ++k) {
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane)
      next[lane] += regime_step(cumulative, math::table_row(regime[lane], count), k, uniform[lane]);
  }
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) regime[lane] = next[lane];
}

// Spot vols of the step times what the regime makes of them.
HD void scale_vol_by_regime(Tile& tile, std::uint32_t u) {
  const double* regime = tile.regime;
  const double* by_regime = tile.plan.vol_by_regime + u;
  const double underlyings = tile.plan.underlyings;
  double* vol = tile.spot_vols + u * tile.stride;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) vol[lane] *= by_regime[math::table_row(regime[lane], underlyings)];
}

// x += loading spread z, the loading that of the regime: `loadings` are those of the first.
HD void diffuse_by_regime(const Tile& tile, const double* loadings, const double* z, double spread, double* x) {
  const double* regime = tile.regime;
  const double size = static_cast<double>(tile.plan.factors) * tile.plan.factors;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane)
    x[lane] = diffuse(x[lane], loadings[math::table_row(regime[lane], size)], spread * z[lane]);
}

}  // namespace tailbit::cpu::body
