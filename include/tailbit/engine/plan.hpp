// The compiled job: everything the time loop needs, as flat arrays. Plan owns them on the host; PlanView is the same as
// spans, which read host or device memory alike. Nothing below this line allocates, throws or knows a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tailbit/core/platform.hpp"
#include "tailbit/core/precision.hpp"
#include "tailbit/engine/quantum.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit {

// Points are where a contract may look up a price: points 0..U-1 are the U underlyings now, the rest are fixings.
using PointId = std::uint32_t;

// Geometric Brownian motion of all underlyings over one step:
// log-return += drift[u] + sum_{j <= u} loading[u][j] z_j, u = 0..U-1.
struct Diffusion {
  std::vector<double> drift;    // [U]
  std::vector<double> loading;  // [U][U] lower triangle; vol sqrt(dt) times the correlation's Cholesky factor
};

// The spot of every underlying at a date inside a step, by a Brownian bridge between two dates whose spots are known
// already: the step's ends, or earlier fixings of the same step. Points first_point + u. See host/compile/schedule.hpp
// for which dates.
struct Fixing {
  static constexpr PointId kStepStart = ~PointId{0};  // as `left`: where the step began

  std::uint32_t step;
  std::uint32_t offset_seconds;  // into the step: the random counter
  double share;         // of the time between left and right that has passed, in (0, 1]; 1 = the step's end, no bridge
  double spread;        // bridge deviation relative to the step's
  PointId left, right;  // first points of the two dates; 0 as `right`: the step's end
  PointId first_point;
  bool looked_at;  // by contracts; other dates only carry the bridges between them

  HD bool at_step_end() const { return share == 1.0; }
};

// One contract at one revaluation date.
struct Row {
  PointId point;
  PointId point_now;           // of the underlying at the date; `point` unless that is a fixing
  std::uint32_t state;         // index among the states of its pricer, if that has any
  std::uint32_t first_weight;  // into weights
  std::uint32_t weight_count;
  std::uint32_t contract;  // index into the contracts' names, for messages
};

// A leaf group's holding of a contract.
struct Weight {
  std::uint32_t leaf;
  double quantity;  // times multiplier; payoff units
};

// Contracts that share a pricer, stored one after another.
struct Run {
  std::uint32_t pricer;     // index into Pricers
  std::uint32_t first_row;  // into rows
  std::uint32_t row_count;
  std::size_t constants_offset;  // bytes into constants: [row_count] Pricer::Constants
  std::size_t today_offset;      // bytes into constants: [row_count] value today, in the pricer's precision
  std::size_t states_offset;     // as in ObserverRun, for pricers with a state
};

// A date at which the book is revalued: at the end of `step`, or inside it (then from fixings alone).
struct RevaluationNode {
  std::uint32_t step;
  bool inside_step;
  std::int64_t seconds;  // from as_of
  std::uint32_t first_run, run_count;
};

// Contracts with a memory, all of one pricer.
struct ObserverRun {
  std::uint32_t pricer;
  std::uint32_t state_count;
  std::size_t observations_offset;  // bytes into constants: [state_count] Observation
  std::size_t initial_offset;       // bytes into constants: [state_count] State at as_of
  std::size_t points_offset;        // bytes into constants: [state_count] PointId
  std::size_t states_offset;        // bytes per lane taken by the runs before
};

struct Plan {
  std::uint64_t seed = 0;
  std::uint64_t scenarios = 0;
  Precision precision = Precision::double_;
  std::uint32_t underlyings = 0;  // U
  std::uint32_t points = 0;       // U + fixing points
  std::uint32_t leaves = 0;       // leaf groups
  std::uint32_t steps = 0;
  Quantum quantum;

  std::vector<double> spot_today;      // [points]
  Diffusion diffusion;                 // the same for every step: the grid is even
  std::vector<Fixing> fixings;         // ascending in step; see Fixing
  std::vector<RevaluationNode> nodes;  // ascending in date; the last is the horizon
  std::vector<Run> runs;
  std::vector<Row> rows;
  std::vector<Weight> weights;
  std::vector<std::uint64_t> initial_sums;  // [nodes][leaves] what a sum of raw bits starts from, see quantum.hpp
  std::vector<ObserverRun> observers;
  std::size_t state_bytes = 0;  // per lane, all contracts
  std::vector<std::byte> constants;
};

// The same for the loops: plain pointers, copied freely, in host or device memory.
struct PlanView {
  std::uint64_t seed;
  std::uint32_t underlyings, points, leaves, steps;
  std::uint32_t fixing_count, node_count, observer_count;
  Quantum quantum;
  std::size_t state_bytes;
  const double* spot_today;      // [points]
  const double* drift;           // [underlyings]
  const double* loading;         // [underlyings][underlyings]
  const Fixing* fixings;         // [fixing_count]
  const RevaluationNode* nodes;  // [node_count]
  const Run* runs;
  const Row* rows;
  const Weight* weights;
  const std::uint64_t* initial_sums;  // [nodes][leaves]
  const ObserverRun* observers;       // [observer_count]
  const std::byte* constants;
};

inline PlanView view(const Plan& plan) {
  return {plan.seed,
          plan.underlyings,
          plan.points,
          plan.leaves,
          plan.steps,
          static_cast<std::uint32_t>(plan.fixings.size()),
          static_cast<std::uint32_t>(plan.nodes.size()),
          static_cast<std::uint32_t>(plan.observers.size()),
          plan.quantum,
          plan.state_bytes,
          plan.spot_today.data(),
          plan.diffusion.drift.data(),
          plan.diffusion.loading.data(),
          plan.fixings.data(),
          plan.nodes.data(),
          plan.runs.data(),
          plan.rows.data(),
          plan.weights.data(),
          plan.initial_sums.data(),
          plan.observers.data(),
          plan.constants.data()};
}

}  // namespace tailbit
