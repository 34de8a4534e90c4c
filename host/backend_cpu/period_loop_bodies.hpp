// The bodies of the hot loops that draw a whole period's moves and bridge its steps' normals to them
// (models/period_moves.hpp), as path_loop_bodies.hpp.
#pragma once

#include "host/backend_cpu/draw_loop_bodies.hpp"
#include "host/backend_cpu/tile.hpp"
#include "tailbit/math/table_row.hpp"
#include "tailbit/models/period_moves.hpp"
#include "tailbit/models/student_t.hpp"

namespace tailbit::cpu::body {

// The row of residuals of a period that begins.
HD void draw_row(Tile& tile, std::uint32_t period) {
  const random::Key key = random::make_key(tile.plan.seed);
  const std::uint64_t scenario = tile.first_scenario;
  const std::size_t lanes = tile.lanes;
  const Bootstrap bootstrap = tile.plan.bootstrap;
  double* row = tile.period_draw;
  const bool has_dimension = period_has_dimension(tile.plan, period);
  double* where = tile.change.data();
  if (has_dimension) each_sobol_uniform(tile, period_dimension(tile.plan, period), where, [](double u) { return u; });
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto u = random::two_uniforms<random::Philox4x32>(key, scenario + lane, 0, period, random::kPeriodMoves);
    row[lane] = next_row(bootstrap, row[lane], u.first, has_dimension ? where[lane] : u.second);
  }
}

HD void begin_bootstrap(Tile& tile, std::uint32_t period, double root_of_steps) {
  draw_row(tile, period);
  const double factors = tile.plan.factors;
  const double* row = tile.period_draw;
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t f = 0; f < tile.plan.factors; ++f) {
    if (tile.plan.is_bridged[f] == 0) continue;
    const double* residual = tile.plan.residuals + f;
    double* left = tile.period_left + f * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane)
      left[lane] = root_of_steps * residual[math::table_row(row[lane], factors)];
  }
}

// Independent normals of all factors for the period, and that of the mixing variables.
HD void draw_period(Tile& tile, std::uint32_t period) {
  if (period_has_dimension(tile.plan, period)) {
    for (std::uint32_t f = 0; f < tile.plan.factors; ++f)
      sobol_normals(tile, period_dimension(tile.plan, period) + 1 + f, tile.period_left + f * tile.stride);
  } else {
    for (std::uint32_t pair = 0; 2 * pair < tile.plan.factors; ++pair) {
      double* first = tile.period_left + 2 * pair * tile.stride;
      generate(tile, 0, period, random::kPeriodMoves + pair, first, first + tile.stride);
    }
  }
  draw_mixing(tile, period, tile.period_draw);
}

// x, a standard normal, becomes the factor's move.
HD void mix_period(Tile& tile, const Marginal& of_factor, double* x) {
  const Marginal marginal = of_factor;
  const double* tables = tile.plan.marginal_tables;
  const double* mixing = tile.period_draw;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane)
    x[lane] *= math::sqrt(period_variance(tables + marginal.mixing, mixing[lane]));
  if (marginal.segments_per_unit == 0.0) return;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = marginal_shock(marginal, tables, x[lane]);
}

// Factors are correlated, mixed, and made independent again, each time in place: from the last one on while a factor
// still needs those before it, and from the first one on while it needs what became of them.
HD void begin_grouped_t(Tile& tile, std::uint32_t period, double root_of_steps) {
  draw_period(tile, period);
  const std::uint32_t factors = tile.plan.factors;
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t f = factors; f-- > 0;) {
    const double* root = tile.plan.correlation_root + std::size_t{f} * factors;
    double* x = tile.period_left + f * tile.stride;
    const double own = root[f];
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] *= own;
    for (std::uint32_t j = 0; j < f; ++j) {
      const double* z = tile.period_left + j * tile.stride;
      const double load = root[j];
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = math::fma(load, z[lane], x[lane]);
    }
    if (tile.plan.is_bridged[f] != 0) mix_period(tile, tile.plan.marginals[f], x);
  }
  for (std::uint32_t f = 0; f < factors; ++f) {
    const double* root = tile.plan.correlation_root + std::size_t{f} * factors;
    double* x = tile.period_left + f * tile.stride;
    for (std::uint32_t j = 0; j < f; ++j) {
      const double* z = tile.period_left + j * tile.stride;
      const double load = -root[j];
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = math::fma(load, z[lane], x[lane]);
    }
    const double scale = 1.0 / root[f];
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] *= scale;
  }
  for (std::uint32_t f = 0; f < factors; ++f) {
    double* x = tile.period_left + f * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] *= root_of_steps;
  }
}

// The sums of the normals of the period that the step begins.
HD void begin_period_moves(Tile& tile, const Step& step) {
  const std::uint32_t period = tile.plan.shares[step.first_share].period;
  const double root_of_steps = math::sqrt(static_cast<double>(step.left));
  if (tile.plan.period_moves == PeriodMoves::bootstrap) {
    begin_bootstrap(tile, period, root_of_steps);
  } else {
    begin_grouped_t(tile, period, root_of_steps);
  }
}

HD void bridge_normals(Tile& tile, const Step& step) {
  const BridgeStep place = bridge_step(step.left);
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t f = 0; f < tile.plan.factors; ++f) {
    if (tile.plan.is_bridged[f] == 0) continue;
    double* z = tile.normals + f * tile.stride;
    double* left = tile.period_left + f * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      z[lane] = bridged_normal(place, left[lane], z[lane]);
      left[lane] -= z[lane];
    }
  }
}

}  // namespace tailbit::cpu::body
