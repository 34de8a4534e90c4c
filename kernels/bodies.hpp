// What each CUDA kernel does, as functions of (block, thread, shared memory), split at the barriers. The kernels in
// kernels.cuh only call these; tests call the same functions on the host, over all blocks and threads, under
// sanitizers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/batch.hpp"
#include "tailbit/engine/families.hpp"
#include "tailbit/models/geometric_brownian.hpp"

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
  for (std::uint32_t u = 0; u < batch.plan.underlyings; ++u) batch.log_returns[u * batch.stride + lane] = 0.0;
}

template <class P>
HD void begin_states(const Batch& batch, const ObserverRun& run, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  const auto* initial = reinterpret_cast<const typename P::State*>(batch.plan.constants + run.initial_offset);
  for (std::uint32_t i = 0; i < run.state_count; ++i)
    batch.state<typename P::State>(run.states_offset, i)[lane] = initial[i];
}

// Normals of all underlyings, for a step (innovations) or a date inside it (bridge).
template <class Generator>
HD void draw(const Batch& batch, std::uint32_t lane, std::uint32_t step, const Fixing* fixing) {
  const random::Key key = random::make_key(batch.plan.seed);
  for (std::uint32_t pair = 0; 2 * pair < batch.plan.underlyings; ++pair) {
    const std::uint32_t block = fixing != nullptr ? fixing->offset_seconds : pair;
    const std::uint32_t stream = fixing != nullptr ? random::kBridge + pair : random::kInnovations;
    const auto z = random::two_normals<Generator>(key, batch.first_scenario + lane, step, block, stream);
    batch.normals[2 * pair * batch.stride + lane] = z.first;
    batch.normals[(2 * pair + 1) * batch.stride + lane] = z.second;
  }
}

HD double diffuse_all(const Batch& batch, std::uint32_t lane, double x, std::uint32_t u, double scale) {
  const double* loading = batch.plan.loading + std::size_t{u} * batch.plan.underlyings;
  for (std::uint32_t j = 0; j <= u; ++j) x = diffuse(x, loading[j], scale * batch.normals[j * batch.stride + lane]);
  return x;
}

template <class Generator>
HD void advance(const Batch& batch, std::uint32_t step, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  draw<Generator>(batch, lane, step, nullptr);
  for (std::uint32_t u = 0; u < batch.plan.underlyings; ++u) {
    const std::size_t at = u * batch.stride + lane;
    const double x = batch.log_returns[at];
    batch.before[at] = x;
    batch.log_returns[at] = diffuse_all(batch, lane, drift_move(x, batch.plan.drift[u]), u, 1.0);
  }
}

HD void set_spot(const Batch& batch, PointId point, std::uint32_t lane) {
  const std::size_t at = point * batch.stride + lane;
  const double spot = spot_of(batch.plan.spot_today[point], batch.log_returns[at]);
  batch.spots[at] = spot;
  if (batch.spots_single != nullptr) {
    batch.log_returns_single[at] = static_cast<float>(batch.log_returns[at]);
    batch.spots_single[at] = static_cast<float>(spot);
  }
}

HD void spots(const Batch& batch, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  for (std::uint32_t u = 0; u < batch.plan.underlyings; ++u) set_spot(batch, u, lane);
}

template <class Generator>
HD void fix(const Batch& batch, const Fixing& fixing, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  if (!fixing.at_step_end()) draw<Generator>(batch, lane, fixing.step, &fixing);
  for (std::uint32_t u = 0; u < batch.plan.underlyings; ++u) {
    double x = batch.log_return<double>(fixing.right + u)[lane];
    if (!fixing.at_step_end()) {
      const double before = fixing.left == Fixing::kStepStart ? batch.before[u * batch.stride + lane]
                                                              : batch.log_return<double>(fixing.left + u)[lane];
      x = diffuse_all(batch, lane, bridge_centre(before, x, fixing.share), u, fixing.spread);
    }
    const PointId point = fixing.first_point + u;
    batch.log_returns[point * batch.stride + lane] = x;
    if (fixing.looked_at) set_spot(batch, point, lane);
  }
}

template <class P>
HD void observe(const Batch& batch, const ObserverRun& run, ThreadId id) {
  const std::uint32_t lane = id.lane();
  if (lane >= batch.lanes) return;
  const auto* observations =
      reinterpret_cast<const typename P::Family::Observation*>(batch.plan.constants + run.observations_offset);
  const auto* points = reinterpret_cast<const PointId*>(batch.plan.constants + run.points_offset);
  for (std::uint32_t i = 0; i < run.state_count; ++i) {
    const Point<double> point{batch.log_return<double>(points[i])[lane], batch.spot<double>(points[i])[lane]};
    P::Family::observe(observations[i], point, batch.state<typename P::State>(run.states_offset, i)[lane]);
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
  // Contracts' constants are read from shared memory once for all of a thread's scenarios.
  static constexpr std::uint32_t kPerThread = sizeof(R) == 8 ? 2 : 4;

  struct Shared {
    Constants constants[kChunk];
    R today[kChunk];
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
    const auto* today = reinterpret_cast<const R*>(batch_.plan.constants + run_.today_offset);
    for (std::uint32_t i = thread; i < count_; i += kThreads) {
      shared.constants[i] = constants[first_ + i];
      shared.today[i] = today[first_ + i];
      shared.rows[i] = batch_.plan.rows[run_.first_row + first_ + i];
    }
  }

  // After it: every thread prices the chunk in its own scenarios, and adds to a leaf's sums whenever the leaf changes.
  HD void price(std::uint32_t thread, const Shared& shared) const {
    const double shifter = batch_.plan.quantum.shifter();
    const std::uint64_t shifter_bits = math::to_bits(shifter);
    std::uint32_t leaf = 0;
    Point<R> points[kPerThread] = {};
    PointId current = ~PointId{0};
    std::uint64_t sums[kPerThread] = {};
    std::uint64_t deviation[kPerThread] = {};
    for (std::uint32_t i = 0; i < count_; ++i) {
      const Row& row = shared.rows[i];
      if (row.point != current) {
        current = row.point;
        load_points(thread, current, points);
      }
      double change[kPerThread];
      TB_UNROLL
      for (std::uint32_t k = 0; k < kPerThread; ++k) {
        change[k] = static_cast<double>(value(shared.constants[i], points[k], row, lane(thread, k)) - shared.today[i]);
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
    TB_UNROLL
    for (std::uint32_t k = 0; k < kPerThread; ++k) {
      if ((deviation[k] >> 52) != 0 && lane(thread, k) < batch_.lanes) {
        atomic_min(batch_.first_bad, batch_.first_scenario + lane(thread, k));
      }
    }
  }

 private:
  HD std::uint32_t lane(std::uint32_t thread, std::uint32_t k) const {
    return (block_ * kPerThread + k) * kThreads + thread;
  }

  // Lanes beyond the batch price today's market, and their sums are dropped.
  HD void load_points(std::uint32_t thread, PointId point, Point<R>* points) const {
    const R* x = batch_.log_return<R>(point);
    const R* s = batch_.spot<R>(point);
    TB_UNROLL
    for (std::uint32_t k = 0; k < kPerThread; ++k) {
      const std::uint32_t l = lane(thread, k);
      points[k] = l < batch_.lanes ? Point<R>{x[l], s[l]} : Point<R>{R(0), R(1)};
    }
  }

  HD R value(const Constants& constants, const Point<R>& point, const Row& row, std::uint32_t at) const {
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
