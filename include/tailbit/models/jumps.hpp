// Jumps: processes that strike an underlying, or several at the same moment, a Poisson number of times in a step, and
// add a random amount to the log-return and fixed amounts to other factors (Merton 1976; Kou 2002;
// docs/definitions, "Scenario at time t").
//
// What jumps have added to a factor is kept beside what diffuses, and decays as the factor reverts to its mean. It is
// compensated: the mean of the spot is as without jumps.
//
// A process may excite itself (Hawkes 1971): each jump adds to its intensity, and what was added decays. Over a step
// its count is Poisson with the mean that the intensity at the step's start implies, offspring within the step
// included.
#pragma once

#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/normal.hpp"
#include "tailbit/math/primitives.hpp"
#include "tailbit/models/factor.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit {

enum class JumpLaw : std::uint32_t {
  normal,  // of the log-size: N(mean, stdev)
  kou      // double exponential: up with up_probability, of mean size up_mean, else down, of down_mean
};

struct JumpSize {
  JumpLaw law;
  double mean, stdev;                         // normal
  double up_probability, up_mean, down_mean;  // kou; means of sizes, > 0
};

// The log-size at probability N(z), of either law.
HD double normal_jump_size(const JumpSize& size, double z) { return math::fma(size.stdev, z, size.mean); }
HD double kou_jump_size(const JumpSize& size, double z) {
  const double below = math::normal_cdf(z), above = math::normal_cdf(-z);
  const double down = 1.0 - size.up_probability;
  const bool falls = below <= down;
  const double log_tail = math::log((falls ? below : above) / (falls ? down : size.up_probability));
  return (falls ? size.down_mean : -size.up_mean) * log_tail;
}
HD double jump_size(const JumpSize& size, double z) {
  return size.law == JumpLaw::normal ? normal_jump_size(size, z) : kou_jump_size(size, z);
}

// A count is at most this; where the mean is at most kMostMeanCount, a uniform of 52 bits does not reach it.
inline constexpr std::uint32_t kMostJumps = 63;
inline constexpr double kMostMeanCount = 16.0;

// A process, and what it does to one underlying.
struct JumpProcess {
  std::uint32_t first_effect, effect_count;
  double mean_count;  // over a step, of the base intensity
  // Of a process that excites itself; else 0. An excess is what past jumps have added to the intensity, per year.
  double excitation;    // what a jump adds to the excess
  double decay_rate;    // of the excess, per step
  double excess_count;  // mean number of jumps over a step per 1 of excess at its start
  double excess_today;
};

// How many jumps a step has on average: `intensity` multiplies the base (models/regimes.hpp).
HD double mean_jump_count(const JumpProcess& process, double intensity, double excess) {
  return math::min(kMostMeanCount, math::fma(process.excess_count, excess, process.mean_count * intensity));
}
struct JumpEffect {
  FactorId spot, level, skew, basis;  // kNoFactor where nothing is added
  JumpSize size;
  double common_weight,
      own_weight;  // of the process's normal and of the effect's own: roots of the correlation and the rest
  double level_jump, skew_jump, basis_jump;
  double compensation;  // E[exp(size)] - 1
};

// The Poisson count at probability u, by inversion: how many cumulative probabilities u exceeds. Said as steps, so that
// a loop over lanes may stop where none of them goes on.
struct PoissonScan {
  double probability, cumulative;  // of `count`, and up to it
};
HD PoissonScan poisson_start(double mean) {
  const double none = math::exp(-mean);
  return {none, none};
}
HD PoissonScan poisson_next(const PoissonScan& at, double mean, std::uint32_t count) {
  const double probability = at.probability * mean / static_cast<double>(count);
  const double cumulative = at.cumulative + probability;
  // Where probabilities are lost in rounding, all that is left is below what a uniform can tell.
  return {probability, cumulative > at.cumulative ? cumulative : 1.0};
}

// Where the random numbers of a process are: block 0 of its stream has the count's, then each jump has its time and the
// common normal in one block, and the own normals of its effects, two a block.
HD std::uint32_t jump_block(std::uint32_t jump, std::uint32_t effects) { return 1 + jump * (1 + (effects + 1) / 2); }
HD std::uint32_t own_jump_block(std::uint32_t jump, std::uint32_t effects, std::uint32_t effect) {
  return jump_block(jump, effects) + 1 + effect / 2;
}

// The normal of an effect's size.
HD double jump_normal(const JumpEffect& effect, double common, double own) {
  return math::fma(effect.common_weight, common, effect.own_weight * own);
}

// Calls with every jump of a process in a step that comes before `share` of it has passed: its effect, its time in
// parts of the step, and its log-size. `effects` are the process's own, `mean_count` that of the step.
template <class Generator, class Callable>
HD void each_jump(const JumpProcess& process, const JumpEffect* effects, double mean_count, random::Key key,
                  std::uint64_t scenario, std::uint32_t step, std::uint32_t stream, double share, Callable&& callable) {
  const double u = random::two_uniforms<Generator>(key, scenario, step, 0, stream).first;
  PoissonScan scan = poisson_start(mean_count);
  std::uint32_t count = 0;
  while (count < kMostJumps && u > scan.cumulative) {
    ++count;
    scan = poisson_next(scan, mean_count, count);
  }
  for (std::uint32_t j = 0; j < count; ++j) {
    const auto shared =
        random::two_uniforms<Generator>(key, scenario, step, jump_block(j, process.effect_count), stream);
    const double common = math::normal_from_uniform(shared.second);
    if (!(shared.first <= share)) continue;
    for (std::uint32_t e = 0; e < process.effect_count; ++e) {
      double own = 0.0;
      if (effects[e].own_weight != 0.0) {
        const auto of_two =
            random::two_uniforms<Generator>(key, scenario, step, own_jump_block(j, process.effect_count, e), stream);
        own = math::normal_from_uniform(e % 2 == 0 ? of_two.first : of_two.second);
      }
      callable(effects[e], shared.first, jump_size(effects[e].size, jump_normal(effects[e], common, own)));
    }
  }
}

// What is left, `share` of a step later, of an amount in a factor that reverts at `rate` per step.
HD double left_of_jump(double amount, double rate, double share) {
  return rate == 0.0 ? amount : amount * math::exp(-rate * share);
}

}  // namespace tailbit
