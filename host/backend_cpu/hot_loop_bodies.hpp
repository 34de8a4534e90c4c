// The bodies of the hot loops, inlined into one function per instruction set (hot_loops_for_isa.inl). The scenario is
// the innermost loop; every array of a tile is contiguous in it.
#pragma once

#include "host/backend_cpu/hot_loops.hpp"
#include "tailbit/models/geometric_brownian.hpp"

namespace tailbit::cpu::body {

HD void draw(Tile& tile, std::uint32_t step, std::uint32_t block, std::uint32_t stream, bool date_inside_step) {
  const random::Key key = random::make_key(tile.plan.seed);
  const std::uint64_t scenario = tile.first_scenario;
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t pair = 0; 2 * pair < tile.plan.underlyings; ++pair) {
    double* first = tile.normals.data() + 2 * pair * tile.stride;
    double* second = first + tile.stride;
    const std::uint32_t counter_block = date_inside_step ? block : pair;
    const std::uint32_t counter_stream = date_inside_step ? stream + pair : stream;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const auto z = random::two_normals<random::Philox4x32>(key, scenario + lane, step, counter_block, counter_stream);
      first[lane] = z.first;
      second[lane] = z.second;
    }
  }
}

// x += sum_j loading[j] scale z_j over the factors that underlying u loads on.
HD void diffuse_all(Tile& tile, double* x, std::uint32_t u, double scale) {
  const double* loading = tile.plan.loading + std::size_t{u} * tile.plan.underlyings;
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t j = 0; j <= u; ++j) {
    const double* z = tile.normals.data() + j * tile.stride;
    const double load = loading[j];
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = diffuse(x[lane], load, scale * z[lane]);
  }
}

HD void advance(Tile& tile) {
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t u = 0; u < tile.plan.underlyings; ++u) {
    double* x = tile.log_returns.data() + u * tile.stride;
    double* before = tile.before.data() + u * tile.stride;
    const double drift = tile.plan.drift[u];
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      before[lane] = x[lane];
      x[lane] = drift_move(x[lane], drift);
    }
    diffuse_all(tile, x, u, 1.0);
  }
}

HD void bridge(Tile& tile, const Fixing& fixing) {
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t u = 0; u < tile.plan.underlyings; ++u) {
    const double* before = fixing.left == Fixing::kStepStart ? tile.before.data() + u * tile.stride
                                                             : tile.log_return<double>(fixing.left + u);
    const double* after = tile.log_return<double>(fixing.right + u);
    double* x = tile.log_returns.data() + (fixing.first_point + u) * tile.stride;
    if (fixing.at_step_end()) {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = after[lane];
    } else {
      const double share = fixing.share;
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = bridge_centre(before[lane], after[lane], share);
      diffuse_all(tile, x, u, fixing.spread);
    }
  }
}

HD void spots(Tile& tile, PointId first, std::uint32_t count) {
  const std::size_t lanes = tile.lanes;
  const bool single = tile.spots_single.size() != 0;
  for (PointId point = first; point < first + count; ++point) {
    const double* x = tile.log_returns.data() + point * tile.stride;
    double* s = tile.spots.data() + point * tile.stride;
    const double today = tile.plan.spot_today[point];
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) s[lane] = spot_of(today, x[lane]);
    if (!single) continue;
    float* x_single = tile.log_returns_single.data() + point * tile.stride;
    float* s_single = tile.spots_single.data() + point * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      x_single[lane] = static_cast<float>(x[lane]);
      s_single[lane] = static_cast<float>(s[lane]);
    }
  }
}

template <class P>
HD void observe(Tile& tile, const ObserverRun& run) {
  using State = typename P::State;
  using Observation = typename P::Family::Observation;
  const auto* observations = reinterpret_cast<const Observation*>(tile.plan.constants + run.observations_offset);
  const auto* points = reinterpret_cast<const PointId*>(tile.plan.constants + run.points_offset);
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t i = 0; i < run.state_count; ++i) {
    const Observation observation = observations[i];
    const double* x = tile.log_return<double>(points[i]);
    const double* s = tile.spot<double>(points[i]);
    State* state = tile.state<State>(run.states_offset, i);
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      P::Family::observe(observation, Point<double>{x[lane], s[lane]}, state[lane]);
    }
  }
}

// Adds quantity times change to a leaf's sums; returns the or of the terms' deviations from the shifter's bits.
HD std::uint64_t accumulate(const double* change, std::uint64_t* sums, double quantity, double shifter,
                            std::size_t lanes) {
  const std::uint64_t shifter_bits = math::to_bits(shifter);
  std::uint64_t deviation = 0;
#pragma omp simd reduction(| : deviation)
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const std::uint64_t raw = quantise(quantity, change[lane], shifter);
    sums[lane] += raw;
    deviation |= raw ^ shifter_bits;
  }
  return deviation;
}

// P prices in arithmetic R.
template <class Precise, class P>
HD std::uint64_t revalue(Tile& tile, const Run& run, std::uint64_t* sums, std::size_t sums_stride) {
  using R = typename P::template Real<Precise>;
  using Constants = typename P::template Constants<Precise>;
  const PlanView& plan = tile.plan;
  const Row* rows = plan.rows + run.first_row;
  const auto* constants = reinterpret_cast<const Constants*>(plan.constants + run.constants_offset);
  const auto* values_today = reinterpret_cast<const R*>(plan.constants + run.today_offset);
  const double shifter = plan.quantum.shifter();
  const std::size_t lanes = tile.lanes;
  double* change = tile.change.data();
  std::uint64_t deviation = 0;
  for (std::uint32_t i = 0; i < run.row_count; ++i) {
    const Row row = rows[i];
    const Constants c = constants[i];
    const R today = values_today[i];
    const R* x = tile.log_return<R>(row.point);
    const R* s = tile.spot<R>(row.point);
    if constexpr (P::holds_coins) {
      const R* now = tile.spot<R>(row.point_now);
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const Point<R> fixing{x[lane], s[lane]};
        change[lane] = static_cast<double>(P::Family::value(c, fixing, CoinsHeld<R>{now[lane]}) - today);
      }
    } else if constexpr (P::has_state) {
      const auto* state = tile.state<typename P::State>(run.states_offset, row.state);
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        change[lane] = static_cast<double>(P::Family::value(c, Point<R>{x[lane], s[lane]}, state[lane]) - today);
      }
    } else {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        change[lane] = static_cast<double>(P::Family::value(c, Point<R>{x[lane], s[lane]}, NoState{}) - today);
      }
    }
    for (std::uint32_t w = row.first_weight; w < row.first_weight + row.weight_count; ++w) {
      const Weight weight = plan.weights[w];
      deviation |= accumulate(change, sums + weight.leaf * sums_stride, weight.quantity, shifter, lanes);
    }
  }
  return deviation >> 52;
}

}  // namespace tailbit::cpu::body
