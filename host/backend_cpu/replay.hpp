// One scenario again, alone, looked at on the way: by the loops that every run uses, so with the same bits.
#pragma once

#include <cstdint>
#include <vector>

#include "tailbit/engine/plan.hpp"
#include "tailbit/engine/pnl.hpp"

namespace tailbit::cpu {

// The factors at a date: the end of a step, or one inside it that contracts look at (an expiry, an exposure date).
struct DateSeen {
  double seconds = 0.0;  // from as_of; steps may end between whole seconds
  bool inside_step = false;
  std::vector<double> states;  // [factors] of a spot the log-return before max_move
  std::vector<double> spots;   // [underlyings] USD
};

// What one jump did to one underlying.
struct JumpSeen {
  double seconds;         // from as_of
  std::uint32_t process;  // into Paths::jumps
  std::uint32_t effect;   // into Paths::jump_effects
  double log_size;
};

// What a leaf group's holding of a contract made by the horizon, cash received on the way included.
struct TermSeen {
  std::uint32_t contract, leaf;
  double quantity;      // payoff units
  double change;        // USD per payoff unit
  std::int64_t quanta;  // their product, as it enters the sums
};

struct Replay {
  std::uint64_t scenario = 0;
  std::vector<double> period_variances;  // [periods] the mixing variable (models/student_t.hpp); none if Gaussian
  std::vector<std::uint32_t> regimes;    // [periods] none where the model has none
  std::vector<JumpSeen> jumps;           // ascending
  std::vector<DateSeen> dates;           // ascending
  std::vector<TermSeen> terms;           // by contract, then leaf
  Tally tally;
};

// Terms out of range are not checked: a run that meets one fails, so no finished run holds one.
Replay replay(const Plan& plan, std::uint64_t scenario);

}  // namespace tailbit::cpu
