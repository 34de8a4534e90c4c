// What each CUDA kernel does, as functions of (block, thread, shared memory), split at the barriers. The kernels in
// kernels.cuh only call these; tests call the same functions on the host, over all blocks and threads, under
// sanitizers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/batch.hpp"
#include "tailbit/engine/families.hpp"
#include "tailbit/models/spot_motion.hpp"
#include "tailbit/models/student_t.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::cuda {

inline constexpr std::uint32_t kThreads = 128;
inline constexpr std::uint32_t kChunk = 64;  // contracts staged in shared memory at a time

struct ThreadId {
  std::uint32_t block;   // of scenarios
  std::uint32_t thread;  // 0 .. kThreads - 1
  HD std::uint32_t lane() const { return block * kThreads + thread; }
};

// Integer addition commutes, so atomics cost no determinism.
HD void atomic_add(std::uint64_t* target, std::uint64_t value) {
#if defined(__CUDA_ARCH__)
  atomicAdd(reinterpret_cast<unsigned long long*>(target), static_cast<unsigned long long>(value));
#else
  *target += value;
#endif
}
HD void atomic_min(unsigned long long* target, unsigned long long value) {
#if defined(__CUDA_ARCH__)
  atomicMin(target, value);
#else
  if (value < *target) *target = value;
#endif
}

// Paths at today's market.
HD void begin(const Batch& batch, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  for (std::uint32_t f = 0; f < batch.plan.factors; ++f) batch.factor(0, f, lane) = 0.0;
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

// Standard normals of all factors, for a step (innovations) or a date inside it (bridge), mixed where they are to be.
template <class Generator>
HD void draw(const Batch& batch, std::uint32_t lane, std::uint32_t step, const Fixing* fixing) {
  const random::Key key = random::make_key(batch.plan.seed);
  const double scale = batch.plan.mixing != nullptr ? batch.scale[lane] : 1.0;
  for (std::uint32_t pair = 0; 2 * pair < batch.plan.factors; ++pair) {
    const std::uint32_t block = fixing != nullptr ? fixing->offset_seconds : pair;
    const std::uint32_t stream = fixing != nullptr ? random::kBridge + pair : std::uint32_t{random::kInnovations};
    const auto z = random::two_normals<Generator>(key, batch.scenario(lane), step, block, stream);
    batch.normals[2 * pair * batch.stride + lane] = z.first * scale;
    batch.normals[(2 * pair + 1) * batch.stride + lane] = z.second * scale;
  }
}

// The variance of a step is its shares' mean of the periods' variances; the scale is its root.
template <class Generator>
HD double mixing_scale(const Batch& batch, std::uint32_t lane, const Step& step) {
  const random::Key key = random::make_key(batch.plan.seed);
  double variance = 0.0;
  for (std::uint32_t i = 0; i < step.share_count; ++i) {
    const PeriodShare part = batch.plan.shares[step.first_share + i];
    const double z = random::two_normals<Generator>(key, batch.scenario(lane), 0, part.period, random::kMixing).first;
    variance = math::fma(part.share, period_variance(batch.plan.mixing, z), variance);
  }
  return math::sqrt(variance);
}

HD double diffuse_all(const Batch& batch, std::uint32_t lane, double x, std::uint32_t f, double spread) {
  const double* loading = batch.plan.loading + std::size_t{f} * batch.plan.factors;
  for (std::uint32_t j = 0; j <= f; ++j) x = diffuse(x, loading[j], spread * batch.normals[j * batch.stride + lane]);
  return x;
}

// A spot whose vol is implied, over the step.
HD double advance_implied(const Batch& batch, std::uint32_t step, std::uint32_t u, std::uint32_t lane) {
  const PlanView& plan = batch.plan;
  const SpotMotion& motion = plan.spots[u];
  const double before = batch.before[u * batch.stride + lane];
  const double level = motion.level == kNoFactor ? 0.0 : batch.before[motion.level * batch.stride + lane];
  const std::size_t period = u * batch.stride + lane;
  const double shown =
      plan.max_move > 0.0 ? limited_move(batch.period_base[period], before - batch.period_factor[period], plan.max_move)
                          : before;
  const double vol =
      implied_spot_vol(motion, shown, level, plan.level_variance[std::size_t{step} * plan.underlyings + u]);
  batch.spot_vols[u * batch.stride + lane] = vol;
  const double convexity = plan.simple_returns ? 0.0 : -0.5 * plan.step_years;
  return implied_move(before, motion.drift, convexity, vol, diffuse_all(batch, lane, 0.0, u, 1.0));
}

template <class Generator>
HD void advance(const Batch& batch, std::uint32_t step, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  const PlanView& plan = batch.plan;
  if (plan.mixing != nullptr && plan.step[step].new_shares)
    batch.scale[lane] = mixing_scale<Generator>(batch, lane, plan.step[step]);
  draw<Generator>(batch, lane, step, nullptr);
  for (std::uint32_t f = 0; f < plan.factors; ++f) batch.before[f * batch.stride + lane] = batch.factor(0, f, lane);
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    const bool spot = f < plan.underlyings;
    double x = spot && plan.spots[f].implied
                   ? advance_implied(batch, step, f, lane)
                   : diffuse_all(batch, lane, transition(batch.factor(0, f, lane), plan.transitions[f]), f, 1.0);
    if (plan.simple_returns && spot) x = log_of_simple_return(x);
    batch.factor(0, f, lane) = x;
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

template <class Generator>
HD void fix(const Batch& batch, std::uint32_t index, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  const PlanView& plan = batch.plan;
  const Fixing& fixing = plan.fixings[index];
  if (!fixing.at_step_end) draw<Generator>(batch, lane, fixing.step, &fixing);
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    double x = batch.factor(fixing.right, f, lane);
    if (!fixing.at_step_end) {
      const Bridge& bridge = plan.bridges[std::size_t{index} * plan.factors + f];
      const double before = fixing.left == Fixing::kStepStart ? batch.before[f * batch.stride + lane]
                                                              : batch.factor(fixing.left, f, lane);
      const double centre = bridge_centre(before, x, bridge);
      const bool implied = f < plan.underlyings && plan.spots[f].implied;
      x = implied ? math::fma(batch.spot_vols[f * batch.stride + lane], diffuse_all(batch, lane, 0.0, f, bridge.spread),
                              centre)
                  : diffuse_all(batch, lane, centre, f, bridge.spread);
    }
    batch.factor(fixing.date, f, lane) = x;
  }
  if (!fixing.looked_at) return;
  for (std::uint32_t u = 0; u < plan.underlyings; ++u) set_spot(batch, fixing.date, u, lane);
}

// Where moves are limited: what the next period starts from.
HD void end_period(const Batch& batch, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
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

// One block of the revaluation grid: kThreads threads with kPerThread scenarios each, one chunk of a run's contracts.
template <class Precise, class P>
class Revaluation {
 public:
  using R = typename P::template Real<Precise>;
  using Constants = typename P::template Constants<Precise>;
  using At = typename P::template At<R>;
  // Contracts' constants are read from shared memory once for all of a thread's scenarios.
  static constexpr std::uint32_t kPerThread = sizeof(R) == 8 ? 2 : 4;

  struct Shared {
    Constants constants[kChunk];
    Row rows[kChunk];
  };

  static HD std::uint32_t scenario_blocks(std::uint32_t lanes) {
    return (lanes + kThreads * kPerThread - 1) / (kThreads * kPerThread);
  }
  static HD std::uint32_t chunks(const Run& run) { return (run.row_count + kChunk - 1) / kChunk; }

  HD Revaluation(const Batch& batch, const Run& run, std::uint32_t node, std::uint32_t block, std::uint32_t chunk)
      : batch_(batch), run_(run), node_(node), block_(block), first_(chunk * kChunk) {
    count_ = run.row_count - first_ < kChunk ? run.row_count - first_ : kChunk;
  }

  // Before the barrier: the block's threads copy the chunk.
  HD void load(std::uint32_t thread, Shared& shared) const {
    const auto* constants = reinterpret_cast<const Constants*>(batch_.plan.constants + run_.constants_offset);
    for (std::uint32_t i = thread; i < count_; i += kThreads) {
      shared.constants[i] = constants[first_ + i];
      shared.rows[i] = batch_.plan.rows[run_.first_row + first_ + i];
    }
  }

  // After it: every thread prices the chunk in its own scenarios, and adds to a leaf's sums whenever the leaf changes.
  HD void price(std::uint32_t thread, const Shared& shared) const {
    const double shifter = batch_.plan.quantum.shifter();
    const std::uint64_t shifter_bits = math::to_bits(shifter);
    std::uint32_t leaf = 0;
    At points[kPerThread] = {};
    std::uint32_t current = ~0u;
    std::uint64_t floors = 0;
    std::uint64_t sums[kPerThread] = {};
    std::uint64_t deviation[kPerThread] = {};
    for (std::uint32_t i = 0; i < count_; ++i) {
      const Row& row = shared.rows[i];
      if (row.at != current) {
        current = row.at;
        load_points(thread, current, points);
      }
      double change[kPerThread];
      TB_UNROLL
      for (std::uint32_t k = 0; k < kPerThread; ++k) {
        change[k] = static_cast<double>(value(shared.constants[i], points[k], row, lane(thread, k))) - row.counted_from;
        if constexpr (P::template has_vol_floor<R>) {
          const bool counts = lane(thread, k) < batch_.lanes && P::Family::at_vol_floor(shared.constants[i], points[k]);
          floors += counts ? 1u : 0u;
        }
      }
      for (std::uint32_t w = row.first_weight; w < row.first_weight + row.weight_count; ++w) {
        const Weight weight = batch_.plan.weights[w];
        if (weight.leaf != leaf) {
          flush(thread, leaf, sums);
          leaf = weight.leaf;
        }
        TB_UNROLL
        for (std::uint32_t k = 0; k < kPerThread; ++k) {
          const std::uint64_t raw = quantise(weight.quantity, change[k], shifter);
          sums[k] += raw;
          deviation[k] |= raw ^ shifter_bits;
        }
      }
    }
    flush(thread, leaf, sums);
    if (floors != 0) atomic_add(&batch_.head->tally.vols_at_floor, floors);
    TB_UNROLL
    for (std::uint32_t k = 0; k < kPerThread; ++k) {
      if ((deviation[k] >> 52) != 0 && lane(thread, k) < batch_.lanes) {
        atomic_min(&batch_.head->first_bad, batch_.scenario(lane(thread, k)));
      }
    }
  }

 private:
  HD std::uint32_t lane(std::uint32_t thread, std::uint32_t k) const {
    return (block_ * kPerThread + k) * kThreads + thread;
  }

  // Lanes beyond the batch price today's market, and their sums are dropped.
  HD void load_points(std::uint32_t thread, std::uint32_t at, Point<R>* points) const {
    const R* x = batch_.log_return<R>(at);
    const R* s = batch_.spot<R>(at);
    TB_UNROLL
    for (std::uint32_t k = 0; k < kPerThread; ++k) {
      const std::uint32_t l = lane(thread, k);
      points[k] = l < batch_.lanes ? Point<R>{x[l], s[l]} : Point<R>{R(0), R(1)};
    }
  }
  // From the factors, once for all contracts of a tenor in the chunk.
  HD void load_points(std::uint32_t thread, std::uint32_t at, ForwardPoint<R>* points) const {
    const RevaluationNode& node = batch_.plan.nodes[node_];
    const Tenor& tenor = batch_.plan.tenors[node.first_tenor + at];
    const PointId spot = node.date * batch_.plan.underlyings + tenor.underlying;
    TB_UNROLL
    for (std::uint32_t k = 0; k < kPerThread; ++k) {
      const std::uint32_t l = lane(thread, k);
      points[k] = {R(0), R(1), R(1), R(1), R(0)};
      if (l >= batch_.lanes) continue;
      const Point<double> point{batch_.log_return<double>(spot)[l], batch_.spot<double>(spot)[l]};
      points[k] = rounded<R>(forward_point(tenor, point, batch_.factor_or_zero(node.date, tenor.level, l),
                                           batch_.factor_or_zero(node.date, tenor.skew, l),
                                           batch_.factor_or_zero(node.date, tenor.shift, l)));
    }
  }

  HD R value(const Constants& constants, const At& point, const Row& row, std::uint32_t at) const {
    const std::uint32_t within = at < batch_.lanes ? at : 0;
    if constexpr (P::holds_coins) {
      return P::Family::value(constants, point, CoinsHeld<R>{batch_.spot<R>(row.point_now)[within]});
    } else if constexpr (P::has_state) {
      return P::Family::value(constants, point, batch_.state<typename P::State>(run_.states_offset, row.state)[within]);
    } else {
      return P::Family::value(constants, point, NoState{});
    }
  }

  HD void flush(std::uint32_t thread, std::uint32_t leaf, std::uint64_t* sums) const {
    std::uint64_t* target = batch_.sums_of(node_, leaf);
    TB_UNROLL
    for (std::uint32_t k = 0; k < kPerThread; ++k) {
      if (sums[k] != 0 && lane(thread, k) < batch_.lanes) atomic_add(target + lane(thread, k), sums[k]);
      sums[k] = 0;
    }
  }

  const Batch& batch_;
  const Run& run_;
  std::uint32_t node_, block_, first_, count_;
};

}  // namespace tailbit::cuda
