// The bodies of the hot loops that add jumps to the factors (models/jumps.hpp), as path_loop_bodies.hpp.
#pragma once

#include "host/backend_cpu/tile.hpp"
#include "tailbit/math/table_row.hpp"
#include "tailbit/models/jumps.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::cpu::body {

// Where the arrays of a jump are in tile.jump.
enum JumpLane : std::size_t { kJumpCount, kJumpTime, kCommonNormal, kOwnNormal, kProbability, kCumulative };

// The mean counts of a step, and what is left at its end of the excess intensity that it began with.
HD void begin_jumps(Tile& tile, std::uint32_t process_index) {
  const PlanView& plan = tile.plan;
  const JumpProcess process = plan.jumps[process_index];
  const std::size_t lanes = tile.lanes;
  double* mean = tile.jump_means + process_index * tile.stride;
  double* excess = plan.any_self_exciting ? tile.jump_excess + process_index * tile.stride : nullptr;
  double* intensity = tile.jump;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) intensity[lane] = 1.0;
  if (plan.regime_count != 0) {
    const double* by_regime = plan.intensity_by_regime;
    const double* regime = tile.regime;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) intensity[lane] = by_regime[math::table_row(regime[lane], 1.0)];
  }
  const double* before = excess != nullptr ? excess : tile.zeros.data();
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) mean[lane] = mean_jump_count(process, intensity[lane], before[lane]);
  if (excess == nullptr) return;
  const double keep = left_of_jump(1.0, process.decay_rate, 1.0);
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) excess[lane] *= keep;
}

// How often a process jumps in a step, into tile.jump; returns the most of all lanes.
HD std::uint32_t count_jumps(Tile& tile, std::uint32_t step, std::uint32_t process) {
  const random::Key key = random::make_key(tile.plan.seed);
  const std::uint64_t scenario = tile.first_scenario;
  const std::size_t lanes = tile.lanes;
  const double* mean = tile.jump_means + process * tile.stride;
  const std::uint32_t stream = random::kJumps + process;
  double* count = tile.jump + kJumpCount * tile.stride;
  double* uniform = tile.jump + kJumpTime * tile.stride;
  double* probability = tile.jump + kProbability * tile.stride;
  double* cumulative = tile.jump + kCumulative * tile.stride;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    uniform[lane] = random::two_uniforms<random::Philox4x32>(key, scenario + lane, step, 0, stream).first;
    count[lane] = 0.0;
    const PoissonScan scan = poisson_start(mean[lane]);
    probability[lane] = scan.probability;
    cumulative[lane] = scan.cumulative;
  }
  for (std::uint32_t most = 0; most < kMostJumps; ++most) {
    double above = 0.0;
#pragma omp simd reduction(+ : above)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double exceeds = uniform[lane] > cumulative[lane] ? 1.0 : 0.0;
      const PoissonScan scan = poisson_next({probability[lane], cumulative[lane]}, mean[lane], most + 1);
      probability[lane] = scan.probability;
      cumulative[lane] = scan.cumulative;
      count[lane] += exceeds;
      above += exceeds;
    }
    if (above == 0.0) return most;
  }
  return kMostJumps;
}

// When a process jumps for the (jump + 1)th time, in parts of the step, and its common normal. Lanes that jump less
// often do so after the step.
HD void draw_jump(Tile& tile, std::uint32_t step, std::uint32_t process, std::uint32_t jump) {
  const random::Key key = random::make_key(tile.plan.seed);
  const std::uint64_t scenario = tile.first_scenario;
  const std::size_t lanes = tile.lanes;
  const std::uint32_t stream = random::kJumps + process;
  const std::uint32_t block = jump_block(jump, tile.plan.jumps[process].effect_count);
  const double* count = tile.jump + kJumpCount * tile.stride;
  double* time = tile.jump + kJumpTime * tile.stride;
  double* common = tile.jump + kCommonNormal * tile.stride;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto u = random::two_uniforms<random::Philox4x32>(key, scenario + lane, step, block, stream);
    time[lane] = jump < count[lane] ? u.first : 2.0;
    common[lane] = math::normal_from_uniform(u.second);
  }
}

// What the loops below are chosen by, so that they do not choose: as types, since lambdas are not always inlined.
struct FirstOfTwo {
  HD double operator()(const random::TwoUniforms& u) const { return u.first; }
};
struct SecondOfTwo {
  HD double operator()(const random::TwoUniforms& u) const { return u.second; }
};
struct NormalSize {
  HD double operator()(const JumpSize& size, double z) const { return normal_jump_size(size, z); }
};
struct KouSize {
  HD double operator()(const JumpSize& size, double z) const { return kou_jump_size(size, z); }
};

// The own normals of an effect's jumps: which of a block's two, `of_two` says.
template <class OfTwo>
HD void draw_own_jump(Tile& tile, std::uint32_t step, std::uint32_t process, std::uint32_t jump, std::uint32_t effect,
                      OfTwo of_two) {
  const random::Key key = random::make_key(tile.plan.seed);
  const std::uint64_t scenario = tile.first_scenario;
  const std::size_t lanes = tile.lanes;
  const std::uint32_t stream = random::kJumps + process;
  const std::uint32_t block = own_jump_block(jump, tile.plan.jumps[process].effect_count, effect);
  double* own = tile.jump + kOwnNormal * tile.stride;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto u = random::two_uniforms<random::Philox4x32>(key, scenario + lane, step, block, stream);
    own[lane] = math::normal_from_uniform(of_two(u));
  }
}
HD void draw_own_jump(Tile& tile, std::uint32_t step, std::uint32_t process, std::uint32_t jump, std::uint32_t effect) {
  if (effect % 2 == 0) {
    draw_own_jump(tile, step, process, jump, effect, FirstOfTwo{});
  } else {
    draw_own_jump(tile, step, process, jump, effect, SecondOfTwo{});
  }
}

// Adds a jump's random size, of the law that `size_of` is, to the spot, where it comes before `share` of the step has
// passed.
template <class SizeOf>
HD void add_size(const Tile& tile, const JumpEffect& effect, double share, double* x, SizeOf size_of) {
  const double* time = tile.jump + kJumpTime * tile.stride;
  const double* common = tile.jump + kCommonNormal * tile.stride;
  const double* own = effect.own_weight != 0.0 ? tile.jump + kOwnNormal * tile.stride : tile.zeros.data();
  const JumpEffect of = effect;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const double size = size_of(of.size, jump_normal(of, common[lane], own[lane]));
    x[lane] += time[lane] <= share ? size : 0.0;
  }
}

// Adds a fixed amount to another factor.
HD void add_amount(const Tile& tile, double amount, double rate, double share, double* x) {
  const double* time = tile.jump + kJumpTime * tile.stride;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const double left = left_of_jump(amount, rate, share - time[lane]);
    x[lane] += time[lane] <= share ? left : 0.0;
  }
}

// What jumps have added to the factors, at the step's end or a date inside it, and the factors with it.
HD void jump(Tile& tile, std::uint32_t step, const Fixing* fixing) {
  const PlanView& plan = tile.plan;
  const std::size_t lanes = tile.lanes;
  const DateId date = fixing != nullptr ? fixing->date : 0;
  const double share = fixing != nullptr ? fixing->share : 1.0;
  double* jumped = fixing != nullptr ? tile.factor(date, 0) : tile.jumped;
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    const double* before = tile.jumped_before + f * tile.stride;
    double* x = jumped + f * tile.stride;
    const double keep = left_of_jump(1.0, plan.reversion[f], share);
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = keep * before[lane];
  }
  for (std::uint32_t p = 0; p < plan.jump_count; ++p) {
    const JumpProcess process = plan.jumps[p];
    if (fixing == nullptr) begin_jumps(tile, p);
    const double* mean = tile.jump_means + p * tile.stride;
    for (std::uint32_t e = 0; e < process.effect_count; ++e) {
      const JumpEffect& effect = plan.jump_effects[process.first_effect + e];
      double* x = jumped + effect.spot * tile.stride;
      const double compensation = effect.compensation;
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] -= compensation * (mean[lane] * share);
    }
    const std::uint32_t most = count_jumps(tile, step, p);
    for (std::uint32_t j = 0; j < most; ++j) {
      draw_jump(tile, step, p, j);
      if (process.excitation != 0.0 && fixing == nullptr)
        add_amount(tile, process.excitation, process.decay_rate, 1.0, tile.jump_excess + p * tile.stride);
      for (std::uint32_t e = 0; e < process.effect_count; ++e) {
        const JumpEffect& effect = plan.jump_effects[process.first_effect + e];
        if (effect.own_weight != 0.0) draw_own_jump(tile, step, p, j, e);
        double* spot = jumped + effect.spot * tile.stride;
        if (effect.size.law == JumpLaw::normal) {
          add_size(tile, effect, share, spot, NormalSize{});
        } else {
          add_size(tile, effect, share, spot, KouSize{});
        }
        const auto add = [&](FactorId factor, double amount) {
          if (factor != kNoFactor)
            add_amount(tile, amount, plan.reversion[factor], share, jumped + factor * tile.stride);
        };
        add(effect.level, effect.level_jump);
        add(effect.skew, effect.skew_jump);
        add(effect.basis, effect.basis_jump);
      }
    }
  }
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    const double* diffused = tile.diffused_factor(date, f);
    const double* x = jumped + f * tile.stride;
    double* factor = tile.factor(date, f);
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) factor[lane] = diffused[lane] + x[lane];
  }
}

}  // namespace tailbit::cpu::body
