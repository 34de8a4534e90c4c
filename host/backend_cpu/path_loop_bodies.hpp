// The bodies of the hot loops that move the factors and read the market from them, inlined into one function per
// instruction set (hot_loops_for_isa.inl). The scenario is the innermost loop; every array of a tile is contiguous in
// it.
#pragma once

#include "host/backend_cpu/draw_loop_bodies.hpp"
#include "host/backend_cpu/regime_loop_bodies.hpp"
#include "host/backend_cpu/tile.hpp"
#include "tailbit/models/spot_motion.hpp"

namespace tailbit::cpu::body {

// A mixture of normals: all normals of a step, and of the dates inside it, times one scale.
HD void scale_normals(Tile& tile) {
  const std::size_t lanes = tile.lanes;
  const double* scale = tile.scale;
  for (std::uint32_t f = 0; f < tile.plan.factors; ++f) {
    double* z = tile.normals + f * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) z[lane] *= scale[lane];
  }
}

// x += sum_j loading[j] spread z_j over the factors that factor f loads on.
HD void diffuse_all(Tile& tile, double* x, std::uint32_t f, double spread) {
  const double* loading = tile.plan.loading + std::size_t{f} * tile.plan.factors;
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t j = 0; j <= f; ++j) {
    const double* z = tile.normals + j * tile.stride;
    if (tile.plan.loading_by_regime) {
      diffuse_by_regime(tile, loading + j, z, spread, x);
      continue;
    }
    const double load = loading[j];
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = diffuse(x[lane], load, spread * z[lane]);
  }
}

// A period's start, and the move since then as far as it is shown: where moves are limited, `factor` is the log-return
// of an underlying before its moves are cut.
HD void limit_moves(const Tile& tile, std::uint32_t u, const double* factor, double* log_return) {
  const double* base = tile.period_base + u * tile.stride;
  const double* start = tile.period_factor + u * tile.stride;
  const double most = tile.plan.max_move;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane)
    log_return[lane] = limited_move(base[lane], factor[lane] - start[lane], most);
}

// The vol that a spot moves with over the step: of its level and log-return at the step's start ...
HD void vol_of_level(Tile& tile, std::uint32_t step, std::uint32_t u) {
  const SpotMotion motion = tile.plan.spots[u];
  const double* x = tile.before + u * tile.stride;
  if (tile.plan.max_move > 0.0) {
    limit_moves(tile, u, x, tile.change.data());
    x = tile.change.data();
  }
  const double* level = motion.factor == kNoFactor ? tile.zeros.data() : tile.before + motion.factor * tile.stride;
  const double variance = tile.plan.level_variance[std::size_t{step} * tile.plan.underlyings + u];
  double* vol = tile.spot_vols + u * tile.stride;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane)
    vol[lane] = spot_vol_of_level(motion, x[lane], level[lane], variance);
}

// ... of the period's variance ...
HD void vol_of_garch(Tile& tile, std::uint32_t u) {
  const double* variance = tile.garch + u * tile.stride;
  double* vol = tile.spot_vols + u * tile.stride;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) vol[lane] = math::sqrt(variance[lane]);
}

// ... or of Heston's variance, which moves first. Its normal is the one before innovations are mixed.
HD void vol_of_heston(Tile& tile, std::uint32_t u) {
  const HestonStep heston = tile.plan.spots[u].heston;
  const FactorId factor = tile.plan.spots[u].factor;
  const std::size_t lanes = tile.lanes;
  double* normal = tile.heston + u * tile.stride;
  double* shift = tile.heston + (tile.plan.underlyings + u) * tile.stride;
  double* vol = tile.spot_vols + u * tile.stride;
  double* x = tile.diffused_factor(0, factor);
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) normal[lane] = 0.0;
  diffuse_all(tile, normal, factor, 1.0);
  double* unmixed = tile.change.data();
  if (tile.scale != nullptr) {
    const double* scale = tile.scale;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) unmixed[lane] = normal[lane] / scale[lane];
  } else {
    unmixed = normal;
  }
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const double before = heston.v0 + x[lane];
    const HestonMove move = heston_move(heston, before, unmixed[lane]);
    vol[lane] = heston_vol(before, move.variance);
    shift[lane] = move.shift;
    x[lane] = move.variance - heston.v0;
  }
}

HD void vol_of_step(Tile& tile, std::uint32_t step, std::uint32_t u) {
  switch (tile.plan.spots[u].vol) {
    case SpotVol::constant: break;
    case SpotVol::level: vol_of_level(tile, step, u); break;
    case SpotVol::garch: vol_of_garch(tile, u); break;
    case SpotVol::heston: vol_of_heston(tile, u); break;
  }
  if (tile.plan.regime_count != 0 && tile.plan.has_vol_by_regime[u] != 0) scale_vol_by_regime(tile, u);
}

// `noise` becomes what diffuses of the log-return, after a step.
HD void move_spot(Tile& tile, std::uint32_t u, double* noise) {
  const SpotMotion& motion = tile.plan.spots[u];
  const double drift = motion.drift;
  const double* before = tile.diffused_before + u * tile.stride;
  const double* vol = tile.spot_vols + u * tile.stride;
  const std::size_t lanes = tile.lanes;
  if (motion.vol == SpotVol::heston) {
    const HestonStep heston = motion.heston;
    const double* normal = tile.heston + u * tile.stride;
    const double* shift = tile.heston + (tile.plan.underlyings + u) * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane)
      noise[lane] = heston_step_move(heston, before[lane], drift + shift[lane], vol[lane], noise[lane], normal[lane]);
    return;
  }
  if (motion.vol == SpotVol::garch) {
    double* since = tile.garch + (tile.plan.underlyings + u) * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) since[lane] += noise[lane];
  }
  const double convexity = tile.plan.simple_returns ? 0.0 : -0.5 * tile.plan.step_years;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane)
    noise[lane] = move_with_vol(before[lane], drift, convexity, vol[lane], noise[lane]);
}

HD void copy_factors(const Tile& tile, const double* from, double* to) {
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t f = 0; f < tile.plan.factors; ++f) {
    const double* x = from + f * tile.stride;
    double* y = to + f * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) y[lane] = x[lane];
  }
}

// What diffuses.
HD void advance(Tile& tile, std::uint32_t step) {
  const std::size_t lanes = tile.lanes;
  const PlanView& plan = tile.plan;
  copy_factors(tile, tile.factors, tile.before);
  if (plan.jump_count != 0) {
    copy_factors(tile, tile.diffused, tile.diffused_before);
    copy_factors(tile, tile.jumped, tile.jumped_before);
  }
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    if (plan.any_heston && plan.is_variance[f]) continue;  // moved with its spot
    double* x = tile.diffused_factor(0, f);
    const bool moving_vol = f < plan.underlyings && plan.spots[f].moves();
    if (moving_vol) {
      vol_of_step(tile, step, f);
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = 0.0;
    } else {
      const Transition over_step = plan.transitions[f];
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = transition(x[lane], over_step);
    }
    diffuse_all(tile, x, f, 1.0);
    if (moving_vol) move_spot(tile, f, x);
    if (plan.simple_returns && f < plan.underlyings) {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = log_of_simple_return(x[lane]);
    }
  }
}

HD void bridge(Tile& tile, std::uint32_t index) {
  const Fixing& fixing = tile.plan.fixings[index];
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t f = 0; f < tile.plan.factors; ++f) {
    const double* before = fixing.left == Fixing::kStepStart ? tile.diffused_before + f * tile.stride
                                                             : tile.diffused_factor(fixing.left, f);
    const double* after = tile.diffused_factor(fixing.right, f);
    double* x = tile.diffused_factor(fixing.date, f);
    if (fixing.at_step_end) {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = after[lane];
      continue;
    }
    const Bridge over_step = tile.plan.bridges[std::size_t{index} * tile.plan.factors + f];
    if (f < tile.plan.underlyings && tile.plan.spots[f].moves()) {
      double* noise = tile.change.data();
      const double* vol = tile.spot_vols + f * tile.stride;
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) noise[lane] = 0.0;
      diffuse_all(tile, noise, f, over_step.spread);
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane)
        x[lane] = math::fma(vol[lane], noise[lane], bridge_centre(before[lane], after[lane], over_step));
    } else {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = bridge_centre(before[lane], after[lane], over_step);
      diffuse_all(tile, x, f, over_step.spread);
    }
  }
}

// Log-returns and spots of a date, from its factors.
HD void spots(Tile& tile, DateId date) {
  const std::size_t lanes = tile.lanes;
  const bool single = tile.spots_single.size() != 0;
  for (std::uint32_t u = 0; u < tile.plan.underlyings; ++u) {
    const double* factor = tile.factor(date, u);
    const std::size_t at = (std::size_t{date} * tile.plan.underlyings + u) * tile.stride;
    double* x = tile.log_returns + at;
    double* s = tile.spots + at;
    const double today = tile.plan.spot_today[u];
    if (tile.plan.max_move > 0.0) {
      limit_moves(tile, u, factor, x);
    } else {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = factor[lane];
    }
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) s[lane] = spot_of(today, x[lane]);
    if (!single) continue;
    float* x_single = tile.log_returns_single.data() + at;
    float* s_single = tile.spots_single.data() + at;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      x_single[lane] = static_cast<float>(x[lane]);
      s_single[lane] = static_cast<float>(s[lane]);
    }
  }
}

// Where moves are limited: what the next period starts from.
HD void limit_period(Tile& tile) {
  const std::size_t lanes = tile.lanes;
  const double most = tile.plan.max_move;
  std::uint64_t limited = 0;
  for (std::uint32_t u = 0; u < tile.plan.underlyings; ++u) {
    const double* factor = tile.factor(0, u);
    double* base = tile.period_base + u * tile.stride;
    double* start = tile.period_factor + u * tile.stride;
#pragma omp simd reduction(+ : limited)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double moved = factor[lane] - start[lane];
      limited += math::abs(moved) > most ? 1u : 0u;
      base[lane] = limited_move(base[lane], moved, most);
      start[lane] = factor[lane];
    }
  }
  tile.tally.moves_limited += limited;
}

// Where spot vols are GARCH's: the next period's variances.
HD void begin_garch_period(Tile& tile) {
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t u = 0; u < tile.plan.underlyings; ++u) {
    if (tile.plan.spots[u].vol != SpotVol::garch) continue;
    const GarchStep garch = tile.plan.spots[u].garch;
    double* variance = tile.garch + u * tile.stride;
    double* since = tile.garch + (tile.plan.underlyings + u) * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      variance[lane] = garch_variance(garch, variance[lane], since[lane]);
      since[lane] = 0.0;
    }
  }
}

HD void end_period(Tile& tile) {
  if (tile.plan.max_move > 0.0) limit_period(tile);
  if (tile.plan.any_garch) begin_garch_period(tile);
}

// The forward points of a node's tenors.
HD void forwards(Tile& tile, const RevaluationNode& node) {
  const std::size_t lanes = tile.lanes;
  const bool single = tile.forwards_single.size() != 0;
  for (std::uint32_t i = 0; i < node.tenor_count; ++i) {
    const Tenor tenor = tile.plan.tenors[node.first_tenor + i];
    const PointId point = node.date * tile.plan.underlyings + tenor.underlying;
    const double* x = tile.log_return<double>(point);
    const double* s = tile.spot<double>(point);
    const double* level = tile.factor_or_zero(node.date, tenor.level);
    const double* skew = tile.factor_or_zero(node.date, tenor.skew);
    const double* shift = tile.factor_or_zero(node.date, tenor.shift);
    double* out = tile.forwards.data() + i * kForwardLanes * tile.stride;
    const std::size_t stride = tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const auto p = forward_point(tenor, Point<double>{x[lane], s[lane]}, level[lane], skew[lane], shift[lane]);
      out[kLogReturn * stride + lane] = p.log_return;
      out[kCoinLeg * stride + lane] = p.coin_leg;
      out[kDollarLeg * stride + lane] = p.dollar_leg;
      out[kVolFactor * stride + lane] = p.vol_factor;
      out[kVolTilt * stride + lane] = p.vol_tilt;
    }
    if (!single) continue;
    float* rounded_out = tile.forwards_single.data() + i * kForwardLanes * tile.stride;
    for (std::size_t array = 0; array < kForwardLanes; ++array) {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane)
        rounded_out[array * stride + lane] = static_cast<float>(out[array * stride + lane]);
    }
  }
}

}  // namespace tailbit::cpu::body
