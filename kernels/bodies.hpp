// What each CUDA kernel does, as functions of (block, thread, shared memory), split at the barriers; revaluation is in
// revaluation.hpp. The kernels in kernels.cuh only call these; tests call the same functions on the host, over all
// blocks and threads, under sanitizers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/batch.hpp"
#include "kernels/innovation_bodies.hpp"
#include "kernels/jump_bodies.hpp"
#include "kernels/thread_id.hpp"
#include "tailbit/engine/families.hpp"
#include "tailbit/models/spot_motion.hpp"

namespace tailbit::cuda {

// Paths at today's market.
HD void begin(const Batch& batch, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  for (std::uint32_t f = 0; f < batch.plan.factors; ++f) {
    batch.factor(0, f, lane) = 0.0;
    batch.diffused_factor(0, f, lane) = 0.0;
    if (batch.plan.jump_count != 0) batch.jumped[f * batch.stride + lane] = 0.0;
  }
  if (batch.plan.period_moves != PeriodMoves::none)
    batch.period_draw[lane] = batch.plan.bootstrap.rows;                           // of no row yet
  if (batch.plan.regime_count != 0) batch.regime[lane] = batch.plan.regime_count;  // none yet
  for (std::uint32_t p = 0; batch.plan.any_self_exciting && p < batch.plan.jump_count; ++p)
    batch.jump_excess[p * batch.stride + lane] = batch.plan.jumps[p].excess_today;
  for (std::uint32_t u = 0; batch.plan.any_garch && u < batch.plan.underlyings; ++u) {
    batch.garch[u * batch.stride + lane] = batch.plan.spots[u].garch.start;
    batch.garch[(batch.plan.underlyings + u) * batch.stride + lane] = 0.0;
  }
  if (!(batch.plan.max_move > 0.0)) return;
  for (std::uint32_t u = 0; u < batch.plan.underlyings; ++u) {
    batch.period_base[u * batch.stride + lane] = 0.0;
    batch.period_factor[u * batch.stride + lane] = 0.0;
  }
}

template <class P>
HD void begin_states(const Batch& batch, const ObserverRun& run, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  const auto* initial = reinterpret_cast<const typename P::State*>(batch.plan.constants + run.initial_offset);
  for (std::uint32_t i = 0; i < run.state_count; ++i)
    batch.state<typename P::State>(run.states_offset, i)[lane] = initial[i];
}

// The factors of a scenario while it advances, see PathArrays.
struct Factors {
  Column now, before, normals, diffused, diffused_before, jumped, jumped_before;

  static HD std::uint32_t columns(const PlanView& plan) { return (plan.jump_count != 0 ? 7 : 3) * plan.factors + 1; }

  static HD Factors of_batch(const Batch& batch, std::uint32_t lane) {
    const auto column = [&](double* array) { return cuda::of_batch(array, batch, lane); };
    return {column(batch.factors),         column(batch.before), column(batch.normals),      column(batch.diffused),
            column(batch.diffused_before), column(batch.jumped), column(batch.jumped_before)};
  }
  static HD Factors of_block(double* shared, const PlanView& plan, ThreadId id) {
    const auto column = [&](std::uint32_t array) { return cuda::of_block(shared, array * plan.factors, id); };
    if (plan.jump_count == 0) return {column(0), column(1), column(2), column(0), column(1), {}, {}};
    return {column(0), column(1), column(6), column(2), column(3), column(4), column(5)};
  }
};

// The vol that a spot moves with over the step, of its level and log-return at the step's start.
HD double vol_of_level(const Batch& batch, const Factors& factors, std::uint32_t step, std::uint32_t u,
                       std::uint32_t lane) {
  const PlanView& plan = batch.plan;
  const SpotMotion& motion = plan.spots[u];
  const double before = factors.before[u];  // with its jumps
  const double level = motion.factor == kNoFactor ? 0.0 : factors.before[motion.factor];
  const std::size_t period = u * batch.stride + lane;
  const double shown =
      plan.max_move > 0.0 ? limited_move(batch.period_base[period], before - batch.period_factor[period], plan.max_move)
                          : before;
  return spot_vol_of_level(motion, shown, level, plan.level_variance[std::size_t{step} * plan.underlyings + u]);
}

// A spot whose vol is Heston's, and its variance. Its normal is the one before innovations are mixed.
HD double advance_heston(const Batch& batch, const Factors& factors, const double* loadings, std::uint32_t u,
                         double scale, std::uint32_t lane) {
  const PlanView& plan = batch.plan;
  const SpotMotion& motion = plan.spots[u];
  const double normal = diffuse_all(batch, loadings, factors.normals, 0.0, motion.factor, 1.0);
  const double unmixed = plan.mixing != nullptr ? normal / scale : normal;
  const double before = motion.heston.v0 + factors.diffused[motion.factor];
  const HestonMove move = heston_move(motion.heston, before, unmixed);
  const double vol = heston_vol(before, move.variance);
  batch.spot_vols[u * batch.stride + lane] = vol;
  factors.diffused[motion.factor] = move.variance - motion.heston.v0;
  return heston_step_move(motion.heston, factors.diffused_before[u], motion.drift + move.shift, vol,
                          diffuse_all(batch, loadings, factors.normals, 0.0, u, 1.0), normal);
}

// A spot whose vol is not constant, over the step.
HD double advance_spot(const Batch& batch, const Factors& factors, const double* loadings, std::uint32_t step,
                       std::uint32_t u, double scale, std::uint32_t lane) {
  const PlanView& plan = batch.plan;
  const SpotMotion& motion = plan.spots[u];
  if (motion.vol == SpotVol::heston) return advance_heston(batch, factors, loadings, u, scale, lane);
  const double noise = diffuse_all(batch, loadings, factors.normals, 0.0, u, 1.0);
  double vol = 0.0;
  if (motion.vol == SpotVol::garch) {
    vol = math::sqrt(batch.garch[u * batch.stride + lane]);
    batch.garch[(plan.underlyings + u) * batch.stride + lane] += noise;
  } else {
    vol = vol_of_level(batch, factors, step, u, lane);
  }
  if (plan.regime_count != 0 && plan.has_vol_by_regime[u] != 0)
    vol *= plan.vol_by_regime[math::table_row(batch.regime[lane], plan.underlyings) + u];
  batch.spot_vols[u * batch.stride + lane] = vol;
  const double convexity = plan.simple_returns ? 0.0 : -0.5 * plan.step_years;
  return move_with_vol(factors.diffused_before[u], motion.drift, convexity, vol, noise);
}

template <class Generator>
HD void advance_factors(const Batch& batch, const Factors& factors, std::uint32_t step, double scale,
                        std::uint32_t lane) {
  const PlanView& plan = batch.plan;
  const bool jumps = plan.jump_count != 0;
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    factors.before[f] = factors.now[f];
    if (!jumps) continue;
    factors.diffused_before[f] = factors.diffused[f];
    factors.jumped_before[f] = factors.jumped[f];
  }
  const double* loading = loadings(batch, lane);
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    if (plan.any_heston && plan.is_variance[f]) continue;  // moved with its spot
    const bool spot = f < plan.underlyings;
    double x = spot && plan.spots[f].moves()
                   ? advance_spot(batch, factors, loading, step, f, scale, lane)
                   : diffuse_all(batch, loading, factors.normals, transition(factors.diffused[f], plan.transitions[f]),
                                 f, 1.0);
    if (plan.simple_returns && spot) x = log_of_simple_return(x);
    factors.diffused[f] = x;
  }
  if (!jumps) return;
  begin_jumps(batch, lane);
  jump<Generator>(batch, factors.jumped_before, factors.jumped, step, 1.0, true, lane);
  for (std::uint32_t f = 0; f < plan.factors; ++f) factors.now[f] = factors.diffused[f] + factors.jumped[f];
}

// Steps [first, first + count), between which nobody looks at the factors. `shared` holds Factors::columns, so that
// they leave for the batch's arrays once; with_shared is false where they do not fit.
template <class Generator, bool with_shared>
HD void advance(const Batch& batch, std::uint32_t first, std::uint32_t count, ThreadId id, double* shared) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  const PlanView& plan = batch.plan;
  const bool jumps = plan.jump_count != 0;
  const Factors kept = Factors::of_batch(batch, lane);
  Factors factors = kept;
  if constexpr (with_shared) {
    factors = Factors::of_block(shared, plan, id);
    for (std::uint32_t f = 0; f < plan.factors; ++f) {
      factors.now[f] = kept.now[f];
      if (!jumps) continue;
      factors.diffused[f] = kept.diffused[f];
      factors.jumped[f] = kept.jumped[f];
    }
  }
  double scale = plan.mixing != nullptr ? batch.scale[lane] : 1.0;
  for (std::uint32_t step = first; step < first + count; ++step) {
    if (plan.mixing != nullptr && plan.step[step].new_shares)
      scale = batch.scale[lane] = mixing_scale<Generator>(batch, lane, plan.step[step]);
    if (plan.regime_count != 0 && plan.step[step].new_shares)
      begin_regime<Generator>(batch, lane, plan.shares[plan.step[step].first_share].period);
    draw<Generator>(batch, lane, step, nullptr, scale, factors.normals);
    if (plan.period_moves != PeriodMoves::none) {
      if (plan.step[step].new_shares) begin_period_moves<Generator>(batch, lane, plan.step[step]);
      bridge_normals(batch, lane, plan.step[step], factors.normals);
    }
    advance_factors<Generator>(batch, factors, step, scale, lane);
  }
  if constexpr (with_shared) {
    for (std::uint32_t f = 0; f < plan.factors; ++f) {
      kept.now[f] = factors.now[f];
      kept.before[f] = factors.before[f];
      if (!jumps) continue;
      kept.diffused[f] = factors.diffused[f];
      kept.diffused_before[f] = factors.diffused_before[f];
      kept.jumped[f] = factors.jumped[f];
      kept.jumped_before[f] = factors.jumped_before[f];
    }
  }
}

HD void set_spot(const Batch& batch, DateId date, std::uint32_t u, std::uint32_t lane) {
  const std::size_t at = (std::size_t{date} * batch.plan.underlyings + u) * batch.stride + lane;
  double x = batch.factor(date, u, lane);
  if (batch.plan.max_move > 0.0) {
    const std::size_t of_underlying = u * batch.stride + lane;
    x = limited_move(batch.period_base[of_underlying], x - batch.period_factor[of_underlying], batch.plan.max_move);
  }
  const double spot = spot_of(batch.plan.spot_today[u], x);
  batch.log_returns[at] = x;
  batch.spots[at] = spot;
  if (batch.spots_single != nullptr) {
    batch.log_returns_single[at] = static_cast<float>(x);
    batch.spots_single[at] = static_cast<float>(spot);
  }
}

HD void spots(const Batch& batch, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  for (std::uint32_t u = 0; u < batch.plan.underlyings; ++u) set_spot(batch, 0, u, lane);
}

// `shared` holds the normals.
template <class Generator, bool with_shared>
HD void fix(const Batch& batch, std::uint32_t index, ThreadId id, double* shared) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  const PlanView& plan = batch.plan;
  const Fixing& fixing = plan.fixings[index];
  const Column normals = with_shared ? of_block(shared, 0, id) : of_batch(batch.normals, batch, lane);
  const double* loading = loadings(batch, lane);
  if (!fixing.at_step_end) {
    const double scale = plan.mixing != nullptr ? batch.scale[lane] : 1.0;
    draw<Generator>(batch, lane, fixing.step, &fixing, scale, normals);
  }
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    double x = batch.diffused_factor(fixing.right, f, lane);
    if (!fixing.at_step_end) {
      const Bridge& bridge = plan.bridges[std::size_t{index} * plan.factors + f];
      const double before = fixing.left == Fixing::kStepStart ? batch.diffused_before[f * batch.stride + lane]
                                                              : batch.diffused_factor(fixing.left, f, lane);
      const double centre = bridge_centre(before, x, bridge);
      const bool moving_vol = f < plan.underlyings && plan.spots[f].moves();
      x = moving_vol ? math::fma(batch.spot_vols[f * batch.stride + lane],
                                 diffuse_all(batch, loading, normals, 0.0, f, bridge.spread), centre)
                     : diffuse_all(batch, loading, normals, centre, f, bridge.spread);
    }
    batch.diffused_factor(fixing.date, f, lane) = x;
  }
  if (plan.jump_count != 0) {
    const Column now = of_batch(&batch.factor(fixing.date, 0, 0), batch, lane);
    jump<Generator>(batch, of_batch(batch.jumped_before, batch, lane), now, fixing.step, fixing.share, false, lane);
    for (std::uint32_t f = 0; f < plan.factors; ++f) now[f] = batch.diffused_factor(fixing.date, f, lane) + now[f];
  }
  if (!fixing.looked_at) return;
  for (std::uint32_t u = 0; u < plan.underlyings; ++u) set_spot(batch, fixing.date, u, lane);
}

// Where moves are limited: what the next period starts from.
HD void limit_period(const Batch& batch, std::uint32_t lane) {
  const double most = batch.plan.max_move;
  std::uint64_t limited = 0;
  for (std::uint32_t u = 0; u < batch.plan.underlyings; ++u) {
    const std::size_t at = u * batch.stride + lane;
    const double factor = batch.factor(0, u, lane);
    const double moved = factor - batch.period_factor[at];
    limited += math::abs(moved) > most ? 1u : 0u;
    batch.period_base[at] = limited_move(batch.period_base[at], moved, most);
    batch.period_factor[at] = factor;
  }
  if (limited != 0) atomic_add(&batch.head->tally.moves_limited, limited);
}

// What the next period starts from.
HD void end_period(const Batch& batch, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  if (batch.plan.max_move > 0.0) limit_period(batch, lane);
  for (std::uint32_t u = 0; batch.plan.any_garch && u < batch.plan.underlyings; ++u) {
    if (batch.plan.spots[u].vol != SpotVol::garch) continue;
    double& variance = batch.garch[u * batch.stride + lane];
    double& since = batch.garch[(batch.plan.underlyings + u) * batch.stride + lane];
    variance = garch_variance(batch.plan.spots[u].garch, variance, since);
    since = 0.0;
  }
}

template <class P>
HD void observe(const Batch& batch, const ObserverRun& run, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  const auto* observations =
      reinterpret_cast<const typename P::Family::Observation*>(batch.plan.constants + run.observations_offset);
  const auto* places = reinterpret_cast<const ObservedPlace*>(batch.plan.constants + run.places_offset);
  for (std::uint32_t i = 0; i < run.state_count; ++i) {
    const ObservedPlace place = places[i];
    const Observed now{batch.log_return<double>(place.underlying)[lane], batch.spot<double>(place.underlying)[lane],
                       batch.factor_or_zero(0, place.premium, lane)};
    P::Family::observe(observations[i], now, batch.state<typename P::State>(run.states_offset, i)[lane]);
  }
}

HD void begin_sums(const Batch& batch, std::uint32_t node, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  for (std::uint32_t leaf = 0; leaf < batch.plan.leaves; ++leaf) {
    batch.sums_of(node, leaf)[lane] = batch.plan.initial_sums[node * batch.plan.leaves + leaf];
  }
}

}  // namespace tailbit::cuda
