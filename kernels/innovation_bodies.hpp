// A scenario's random moves: normals of its factors, what innovations and regimes make of them, as bodies.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/thread_id.hpp"
#include "tailbit/engine/sampling.hpp"
#include "tailbit/math/table_row.hpp"
#include "tailbit/models/period_moves.hpp"
#include "tailbit/models/regimes.hpp"
#include "tailbit/models/spot_motion.hpp"
#include "tailbit/models/student_t.hpp"

namespace tailbit::cuda {

// Two normals by the generator.
template <class Generator>
HD random::TwoNormals generate(const PlanView& plan, std::uint64_t scenario, std::uint32_t step, std::uint32_t block,
                               std::uint32_t stream) {
  const random::Key key = random::make_key(plan.seed);
  const auto z = random::two_normals<Generator>(key, first_of_pair(plan, scenario), step, block, stream);
  if (plan.sampling != Sampling::antithetic) return z;
  return {mirrored(scenario, z.first), mirrored(scenario, z.second)};
}

// Standard normals of all factors by the generator, for a step (innovations) or a date inside it (bridge).
template <class Generator>
HD void generate_step(const Batch& batch, std::uint32_t lane, std::uint32_t step, const Fixing* fixing,
                      const Column& normals) {
  for (std::uint32_t pair = 0; 2 * pair < batch.plan.factors; ++pair) {
    const std::uint32_t block = fixing != nullptr ? fixing->offset_seconds : pair;
    const std::uint32_t stream = fixing != nullptr ? random::kBridge + pair : std::uint32_t{random::kInnovations};
    const auto z = generate<Generator>(batch.plan, batch.scenario(lane), step, block, stream);
    normals[2 * pair] = z.first;
    normals[2 * pair + 1] = z.second;
  }
}

// Those of a node, in the place of a step's.
template <class Generator>
HD void draw_node(const Batch& batch, std::uint32_t lane, std::uint32_t node, const Column& normals) {
  const PlanView& plan = batch.plan;
  if (!node_has_dimensions(plan, node)) return generate_step<Generator>(batch, lane, node, nullptr, normals);
  for (std::uint32_t f = 0; f < plan.factors; ++f)
    normals[f] = random::sobol_normal(plan.sobol, node_dimension(plan, node) + f, batch.scenario(lane));
}

// A step's normals from the nodes', as in host/backend_cpu/draw_loop_bodies.hpp.
template <class Generator>
HD void draw_path(const Batch& batch, std::uint32_t lane, std::uint32_t step, const Column& normals) {
  const PlanView& plan = batch.plan;
  const random::PathStep at = plan.path_steps[step];
  const Column sums = of_batch(batch.path_sums, batch, lane);
  if (step == 0) {
    draw_node<Generator>(batch, lane, 0, normals);
    const double root_of_steps = math::sqrt(static_cast<double>(plan.steps));
    for (std::uint32_t f = 0; f < plan.factors; ++f) sums[f] = root_of_steps * normals[f];
  }
  std::uint32_t top = at.top * plan.factors;
  for (std::uint32_t i = 0; i < at.split_count; ++i, top += plan.factors) {
    const random::PathSplit split = plan.path_splits[at.first_split + i];
    draw_node<Generator>(batch, lane, split.node, normals);
    for (std::uint32_t f = 0; f < plan.factors; ++f) {
      const double left = left_sum(split, sums[top + f], normals[f]);
      sums[top + plan.factors + f] = left;
      sums[top + f] -= left;
    }
  }
  for (std::uint32_t f = 0; f < plan.factors; ++f) normals[f] = sums[top + f];
}

// Of all factors, mixed where they are to be.
template <class Generator>
HD void draw(const Batch& batch, std::uint32_t lane, std::uint32_t step, const Fixing* fixing, double scale,
             const Column& normals) {
  if (bridges_path(batch.plan) && fixing == nullptr) {
    draw_path<Generator>(batch, lane, step, normals);
  } else {
    generate_step<Generator>(batch, lane, step, fixing, normals);
  }
  if (batch.plan.mixing == nullptr) return;
  for (std::uint32_t f = 0; f < batch.plan.factors; ++f) normals[f] *= scale;
}

// The variance of a step is its shares' mean of the periods' variances; the scale is its root.
template <class Generator>
HD double mixing_scale(const Batch& batch, std::uint32_t lane, const Step& step) {
  double variance = 0.0;
  for (std::uint32_t i = 0; i < step.share_count; ++i) {
    const PeriodShare part = batch.plan.shares[step.first_share + i];
    const double z = mixing_normal<Generator>(batch.plan, batch.scenario(lane), part.period);
    variance = math::fma(part.share, period_variance(batch.plan.mixing, z), variance);
  }
  return math::sqrt(variance);
}

// The regime of a period that begins, and the loadings of the factors in it.
template <class Generator>
HD void begin_regime(const Batch& batch, std::uint32_t lane, std::uint32_t period) {
  const PlanView& plan = batch.plan;
  const random::Key key = random::make_key(plan.seed);
  const double uniform = random::two_uniforms<Generator>(key, batch.scenario(lane), 0, period, random::kRegimes).first;
  const std::uint64_t row = math::table_row(batch.regime[lane], plan.regime_count);
  double next = 0.0;
  for (std::uint32_t k = 0; k + 1 < plan.regime_count; ++k)
    next += regime_step(plan.regime_probabilities, row, k, uniform);
  batch.regime[lane] = next;
}
HD const double* loadings(const Batch& batch, std::uint32_t lane) {
  const PlanView& plan = batch.plan;
  if (!plan.loading_by_regime) return plan.loading;
  return plan.loading + math::table_row(batch.regime[lane], static_cast<double>(plan.factors) * plan.factors);
}

// `loadings`: of all factors.
HD double diffuse_all(const Batch& batch, const double* loadings, const Column& normals, double x, std::uint32_t f,
                      double spread) {
  const double* loading = loadings + std::size_t{f} * batch.plan.factors;
  for (std::uint32_t j = 0; j <= f; ++j) x = diffuse(x, loading[j], spread * normals[j]);
  return x;
}

// The sums of the normals of a period that begins, times `root_of_steps`: from a history ...
template <class Generator>
HD void begin_bootstrap(const Batch& batch, std::uint32_t lane, std::uint32_t period, double root_of_steps) {
  const PlanView& plan = batch.plan;
  const Column left = of_batch(batch.period_left, batch, lane);
  const auto u = random::two_uniforms<Generator>(random::make_key(plan.seed), batch.scenario(lane), 0, period,
                                                 random::kPeriodMoves);
  const double where = period_has_dimension(plan, period)
                           ? random::sobol_uniform(plan.sobol, period_dimension(plan, period), batch.scenario(lane))
                           : u.second;
  double& row = batch.period_draw[lane];
  row = next_row(plan.bootstrap, row, u.first, where);
  const double* residuals = plan.residuals + math::table_row(row, plan.factors);
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    if (plan.is_bridged[f] != 0) left[f] = root_of_steps * residuals[f];
  }
}

// ... or from a grouped t: factors are correlated, mixed, and made independent again, each time in place, as in
// host/backend_cpu/period_loop_bodies.hpp.
template <class Generator>
HD void begin_grouped_t(const Batch& batch, std::uint32_t lane, std::uint32_t period, double root_of_steps) {
  const PlanView& plan = batch.plan;
  const std::uint64_t scenario = batch.scenario(lane);
  const Column x = of_batch(batch.period_left, batch, lane);
  if (period_has_dimension(plan, period)) {
    for (std::uint32_t f = 0; f < plan.factors; ++f)
      x[f] = random::sobol_normal(plan.sobol, period_dimension(plan, period) + 1 + f, scenario);
  } else {
    for (std::uint32_t pair = 0; 2 * pair < plan.factors; ++pair) {
      const auto z = generate<Generator>(plan, scenario, 0, period, random::kPeriodMoves + pair);
      x[2 * pair] = z.first;
      x[2 * pair + 1] = z.second;
    }
  }
  const double mixing = mixing_normal<Generator>(plan, scenario, period);
  for (std::uint32_t f = plan.factors; f-- > 0;) {
    const double* root = plan.correlation_root + std::size_t{f} * plan.factors;
    double move = x[f] * root[f];
    for (std::uint32_t j = 0; j < f; ++j) move = math::fma(root[j], x[j], move);
    if (plan.is_bridged[f] != 0) {
      const Marginal& marginal = plan.marginals[f];
      move *= math::sqrt(period_variance(plan.marginal_tables + marginal.mixing, mixing));
      if (marginal.segments_per_unit != 0.0) move = marginal_shock(marginal, plan.marginal_tables, move);
    }
    x[f] = move;
  }
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    const double* root = plan.correlation_root + std::size_t{f} * plan.factors;
    double z = x[f];
    for (std::uint32_t j = 0; j < f; ++j) z = math::fma(-root[j], x[j], z);
    x[f] = z * (1.0 / root[f]);
  }
  for (std::uint32_t f = 0; f < plan.factors; ++f) x[f] *= root_of_steps;
}

template <class Generator>
HD void begin_period_moves(const Batch& batch, std::uint32_t lane, const Step& step) {
  const std::uint32_t period = batch.plan.shares[step.first_share].period;
  const double root_of_steps = math::sqrt(static_cast<double>(step.left));
  if (batch.plan.period_moves == PeriodMoves::bootstrap) {
    begin_bootstrap<Generator>(batch, lane, period, root_of_steps);
  } else {
    begin_grouped_t<Generator>(batch, lane, period, root_of_steps);
  }
}

HD void bridge_normals(const Batch& batch, std::uint32_t lane, const Step& step, const Column& normals) {
  const BridgeStep place = bridge_step(step.left);
  const Column left = of_batch(batch.period_left, batch, lane);
  for (std::uint32_t f = 0; f < batch.plan.factors; ++f) {
    if (batch.plan.is_bridged[f] == 0) continue;
    const double z = bridged_normal(place, left[f], normals[f]);
    normals[f] = z;
    left[f] -= z;
  }
}

}  // namespace tailbit::cuda
