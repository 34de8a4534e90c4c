// The loops over shocked slices for one instruction set, included as hot_loops_for_isa.inl is.

namespace tailbit::cpu::TAILBIT_ISA {
namespace {

TAILBIT_TARGET void draw(ShockTile& tile, const ShockLaw& law, std::uint64_t seed, std::uint32_t block) {
  const random::Key key = random::make_key(seed);
  const std::uint64_t surface = tile.first_surface;
  const ShockLaw l = law;
  const std::size_t lanes = tile.lanes;
  double* level = tile.level.data();
  double* skew = tile.skew.data();
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto z = random::two_normals<random::Philox4x32>(key, surface + lane, 0, block, random::kSurfaces);
    level[lane] = l.level_stdev * z.first;
    skew[lane] = l.skew_stdev * math::fma(l.correlation, z.first, l.correlation_rest * z.second);
  }
}

TAILBIT_TARGET void shock(ShockTile& tile, const ShockScale& scale, int slot) {
  const ShockScale s = scale;
  const std::size_t lanes = tile.lanes;
  const double* level = tile.level.data();
  const double* skew = tile.skew.data();
  double* factor = tile.shocks[slot].factor.data();
  double* tilt = tile.shocks[slot].tilt.data();
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto moved = market::smile_shock(level[lane], skew[lane], s.level_variance, s.level_scale, s.skew_scale);
    factor[lane] = moved.factor;
    tilt[lane] = moved.tilt;
  }
}

TAILBIT_TARGET void least_g(ShockTile& tile, int slot, const SliceAhead& slice, const std::vector<double>& grid) {
  const SliceAhead s = slice;
  const std::size_t lanes = tile.lanes;
  const double* factor = tile.shocks[slot].factor.data();
  const double* tilt = tile.shocks[slot].tilt.data();
  double* least_g = tile.least_g.data();
  double* least_vol = tile.least_vol.data();
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double place = grid[i] * s.deviation;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const market::SmileShock<double> moved{factor[lane], tilt[lane]};
      const double k = place * moved.factor;
      const market::VolAt<double> today = s.today.at(k);
      const double g = market::butterfly_g(market::shocked_vol(today, k, moved), k, s.years_left);
      least_g[lane] = math::min(g, least_g[lane]);
      least_vol[lane] = math::min(market::unfloored_vol(today.vol, k, moved), least_vol[lane]);
    }
  }
}

TAILBIT_TARGET void least_gap(ShockTile& tile, int slot, const SliceAhead& early, const SliceAhead& late,
                              const std::vector<double>& grid) {
  const SliceAhead e = early, l = late;
  const std::size_t lanes = tile.lanes;
  const double* early_factor = tile.shocks[slot].factor.data();
  const double* early_tilt = tile.shocks[slot].tilt.data();
  const double* late_factor = tile.shocks[1 - slot].factor.data();
  const double* late_tilt = tile.shocks[1 - slot].tilt.data();
  double* least_gap = tile.least_gap.data();
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double place = grid[i] * e.deviation;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const market::SmileShock<double> e_moved{early_factor[lane], early_tilt[lane]};
      const market::SmileShock<double> l_moved{late_factor[lane], late_tilt[lane]};
      const double k = place * e_moved.factor;
      const double e_vol = market::shocked_vol(e.today.vol(k), k, e_moved);
      const double l_vol = market::shocked_vol(l.today.vol(k), k, l_moved);
      const double gap = math::fma(l_vol * l_vol, l.years_left, -(e_vol * e_vol * e.years_left));
      least_gap[lane] = math::min(gap, least_gap[lane]);
    }
  }
}

}  // namespace

ShockLoops shock_loops() { return {draw, shock, least_g, least_gap}; }

}  // namespace tailbit::cpu::TAILBIT_ISA

#undef TAILBIT_ISA
#undef TAILBIT_TARGET
