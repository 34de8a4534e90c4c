// The compiled job: everything the time loop needs, as flat arrays. Plan owns them on the host; PlanView is the same as
// spans, which read host or device memory alike. Nothing below this line allocates, throws or knows a name.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tailbit/core/platform.hpp"
#include "tailbit/core/precision.hpp"
#include "tailbit/engine/quantum.hpp"
#include "tailbit/models/jumps.hpp"
#include "tailbit/models/ornstein_uhlenbeck.hpp"
#include "tailbit/models/period_moves.hpp"
#include "tailbit/models/regimes.hpp"
#include "tailbit/models/spot_motion.hpp"
#include "tailbit/models/tenor.hpp"
#include "tailbit/random/draws.hpp"
#include "tailbit/random/path_bridge.hpp"
#include "tailbit/random/sampling.hpp"
#include "tailbit/random/sobol.hpp"

namespace tailbit {

// Dates at which the factors are known: 0 is the present of the path, the others are fixings.
using DateId = std::uint32_t;
// Points are where a contract may look up a price: point date * U + u is underlying u at a date.
using PointId = std::uint32_t;

// A step of the grid.
struct Step {
  std::uint32_t first_share, share_count;  // the periods it lies in, into `shares`
  bool new_shares;                         // unlike those of the step before
  std::uint32_t left;                      // steps of its first period from it on, itself included
  bool ends_period;                        // or the run
};
// Part of a step that lies in one period of the mixing variable.
struct PeriodShare {
  std::uint32_t period;
  double share;  // of the step
};

// The factors at a date inside a step, by bridges between two dates at which they are known already: the step's ends,
// or earlier fixings of the same step. See host/compile/schedule.hpp for which dates.
struct Fixing {
  static constexpr DateId kStepStart = ~DateId{0};  // as `left`: where the step began

  std::uint32_t step;
  std::uint32_t offset_seconds;  // into the step: the random counter
  bool at_step_end;              // no bridge: a copy
  bool looked_at;                // by contracts; other dates only carry the bridges between them
  DateId left, right;            // 0 as `right`: the step's end
  DateId date;
  double share;  // of the step that has passed
};

// What the dimensions of Sobol points are for, see engine/sampling.hpp.
struct SobolUse {
  std::uint32_t periods;    // how many have dimensions
  std::uint32_t of_period;  // dimensions of each
  std::uint32_t nodes;      // how many have dimensions, one for each factor
};

// The law of the factors and the grid they are simulated on. F factors, U underlyings, R regimes; factors 0..U-1 are
// the log-returns of the spots.
struct Paths {
  std::vector<Transition> transitions;    // [F] over a step: the grid is even
  std::vector<double> loading;            // [1 or R][F][F] lower: factor f moves by sum_j loading[f][j] z_j
  std::vector<SpotMotion> spots;          // [U]
  std::vector<std::uint8_t> is_variance;  // [F] whether the factor is a spot's variance, and moved with that spot
  std::vector<double> level_variance;     // [steps][U] of the levels at the step's start, where a spot vol moves
  double step_years = 0.0;
  bool simple_returns = false;
  bool any_vol_moves = false;  // of a spot
  bool any_garch = false, any_heston = false;
  double max_move = 0.0;       // |log-return| over a period, 0: no limit
  std::vector<double> mixing;  // table of the mixing variable (models/student_t.hpp); empty: Gaussian
  std::vector<Step> steps;
  std::vector<PeriodShare> shares;
  std::vector<Fixing> fixings;  // ascending in step; see Fixing
  std::vector<Bridge> bridges;  // [fixings][F]
  PeriodMoves period_moves = PeriodMoves::none;
  std::vector<std::uint8_t> is_bridged;  // [F] whether a factor's normals are bridged to a period's sum
  Bootstrap bootstrap{};
  std::vector<double> residuals;                // [rows][F] of a bootstrap: sums of normals, of unit variance
  std::vector<double> correlation_root;         // [F][F] lower, of a grouped t
  std::vector<Marginal> marginals;              // [F] of a grouped t
  std::vector<double> marginal_tables;          // of mixing variables and marginals
  std::uint32_t regime_count = 0;               // R; 0: there are none
  std::vector<double> regime_probabilities;     // [R + 1][R] added up, see models/regimes.hpp
  std::vector<double> vol_by_regime;            // [R][U] what the vols of spots are multiplied with
  std::vector<std::uint8_t> has_vol_by_regime;  // [U] whether that is not always 1
  std::vector<double> intensity_by_regime;      // [R] what base intensities of jumps are multiplied with
  std::vector<JumpProcess> jumps;
  std::vector<JumpEffect> jump_effects;
  bool any_self_exciting = false;  // jump process
  std::vector<double> reversion;   // [F] kappa times the step's years, where there are jumps
  Sampling sampling = Sampling::independent;
  random::SobolPoints sobol{};
  SobolUse sobol_use{};
  std::vector<std::uint32_t> directions, scrambles;  // of `sobol`
  std::vector<random::PathStep> path_steps;          // [steps] where nodes make steps
  std::vector<random::PathSplit> path_splits;
  std::uint32_t path_stack = 0;  // how many sums wait at most
};

// One contract at one revaluation date.
struct Row {
  std::uint32_t at;            // PointId, or index of a tenor for pricers that look at one
  PointId point_now;           // of the underlying at the date of the revaluation
  std::uint32_t state;         // index among the states of its pricer, if that has any
  std::uint32_t first_weight;  // into weights
  std::uint32_t weight_count;
  std::uint32_t contract;  // index into the contracts' names, for messages
  double counted_from;     // USD per payoff unit: the value today, but see counted_from in host/compile/compile.cpp
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
  std::size_t states_offset;     // as in ObserverRun, for pricers with a state
};

// A date at which the book is revalued: at the end of `step`, or inside it (then from fixings alone).
struct RevaluationNode {
  std::uint32_t step;
  bool inside_step;
  std::int64_t seconds;  // from as_of
  DateId date;
  std::uint32_t first_run, run_count;
  std::uint32_t first_tenor, tenor_count;
};

// Where a contract with a memory looks.
struct ObservedPlace {
  std::uint32_t underlying;
  FactorId premium;
};

// Contracts with a memory, all of one pricer.
struct ObserverRun {
  std::uint32_t pricer;
  std::uint32_t state_count;
  std::size_t observations_offset;  // bytes into constants: [state_count] Observation
  std::size_t initial_offset;       // bytes into constants: [state_count] State at as_of
  std::size_t places_offset;        // bytes into constants: [state_count] ObservedPlace
  std::size_t states_offset;        // bytes per lane taken by the runs before
};

struct Plan {
  std::uint64_t seed = 0;
  std::uint64_t scenarios = 0;
  Precision precision = Precision::double_;
  std::uint32_t underlyings = 0;  // U
  std::uint32_t factors = 0;      // F
  std::uint32_t dates = 1;        // the present and the fixings
  std::uint32_t leaves = 0;       // leaf groups
  Quantum quantum;

  std::vector<double> spot_today;  // [U]
  Paths paths;
  std::vector<RevaluationNode> nodes;  // ascending in date; the last is the horizon
  std::vector<Tenor> tenors;
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
  std::uint32_t underlyings, factors, dates, leaves, steps;
  std::uint32_t fixing_count, node_count, observer_count, max_tenors, jump_count, regime_count;
  bool simple_returns, any_vol_moves, any_garch, any_heston, any_self_exciting;
  bool loading_by_regime;  // else one for all
  PeriodMoves period_moves;
  Bootstrap bootstrap;
  Sampling sampling;
  SobolUse sobol_use;
  random::SobolPoints sobol;
  std::uint32_t path_stack;
  const random::PathStep* path_steps;  // [steps] where nodes make steps
  const random::PathSplit* path_splits;
  double step_years, max_move;
  Quantum quantum;
  std::size_t state_bytes;
  const double* spot_today;         // [underlyings]
  const Transition* transitions;    // [factors]
  const double* loading;            // [regimes, or 1][factors][factors]
  const SpotMotion* spots;          // [underlyings]
  const std::uint8_t* is_variance;  // [factors]
  const double* level_variance;     // [steps][underlyings]
  const double* mixing;             // null: Gaussian
  const Step* step;                 // [steps]
  const PeriodShare* shares;
  const Fixing* fixings;           // [fixing_count]
  const Bridge* bridges;           // [fixing_count][factors]
  const std::uint8_t* is_bridged;  // [factors] where periods are drawn at once
  const double* residuals;         // [rows][factors]
  const double* correlation_root;  // [factors][factors]
  const Marginal* marginals;       // [factors]
  const double* marginal_tables;
  const double* regime_probabilities;     // [regimes + 1][regimes]
  const double* vol_by_regime;            // [regimes][underlyings]
  const std::uint8_t* has_vol_by_regime;  // [underlyings]
  const double* intensity_by_regime;      // [regimes]
  const JumpProcess* jumps;               // [jump_count]
  const JumpEffect* jump_effects;
  const double* reversion;       // [factors] where there are jumps
  const RevaluationNode* nodes;  // [node_count]
  const Tenor* tenors;
  const Run* runs;
  const Row* rows;
  const Weight* weights;
  const std::uint64_t* initial_sums;  // [nodes][leaves]
  const ObserverRun* observers;       // [observer_count]
  const std::byte* constants;
};

// Whether something is to be done where a step ends.
inline bool ends_with_work(const PlanView& plan, std::uint32_t step) {
  return (plan.max_move > 0.0 || plan.any_garch) && plan.step[step].ends_period;
}

inline PlanView view(const Plan& plan) {
  const Paths& paths = plan.paths;
  PlanView v{};
  v.seed = plan.seed;
  v.underlyings = plan.underlyings;
  v.factors = plan.factors;
  v.dates = plan.dates;
  v.leaves = plan.leaves;
  v.steps = static_cast<std::uint32_t>(paths.steps.size());
  v.fixing_count = static_cast<std::uint32_t>(paths.fixings.size());
  v.node_count = static_cast<std::uint32_t>(plan.nodes.size());
  v.observer_count = static_cast<std::uint32_t>(plan.observers.size());
  for (const RevaluationNode& node : plan.nodes) v.max_tenors = std::max(v.max_tenors, node.tenor_count);
  v.jump_count = static_cast<std::uint32_t>(paths.jumps.size());
  v.regime_count = paths.regime_count;
  v.loading_by_regime = paths.loading.size() > std::size_t{plan.factors} * plan.factors;
  v.period_moves = paths.period_moves;
  v.bootstrap = paths.bootstrap;
  v.is_bridged = paths.is_bridged.data();
  v.residuals = paths.residuals.data();
  v.correlation_root = paths.correlation_root.data();
  v.marginals = paths.marginals.data();
  v.marginal_tables = paths.marginal_tables.data();
  v.sampling = paths.sampling;
  v.sobol_use = paths.sobol_use;
  v.sobol = paths.sobol;
  v.sobol.directions = paths.directions.data();
  v.sobol.scrambles = paths.scrambles.data();
  v.path_stack = paths.path_stack;
  v.path_steps = paths.path_steps.data();
  v.path_splits = paths.path_splits.data();
  v.simple_returns = paths.simple_returns;
  v.any_vol_moves = paths.any_vol_moves;
  v.any_garch = paths.any_garch;
  v.any_heston = paths.any_heston;
  v.any_self_exciting = paths.any_self_exciting;
  v.step_years = paths.step_years;
  v.max_move = paths.max_move;
  v.quantum = plan.quantum;
  v.state_bytes = plan.state_bytes;
  v.spot_today = plan.spot_today.data();
  v.transitions = paths.transitions.data();
  v.loading = paths.loading.data();
  v.spots = paths.spots.data();
  v.is_variance = paths.is_variance.data();
  v.level_variance = paths.level_variance.data();
  v.mixing = paths.mixing.empty() ? nullptr : paths.mixing.data();
  v.step = paths.steps.data();
  v.shares = paths.shares.data();
  v.fixings = paths.fixings.data();
  v.bridges = paths.bridges.data();
  v.regime_probabilities = paths.regime_probabilities.data();
  v.vol_by_regime = paths.vol_by_regime.data();
  v.has_vol_by_regime = paths.has_vol_by_regime.data();
  v.intensity_by_regime = paths.intensity_by_regime.data();
  v.jumps = paths.jumps.data();
  v.jump_effects = paths.jump_effects.data();
  v.reversion = paths.reversion.data();
  v.nodes = plan.nodes.data();
  v.tenors = plan.tenors.data();
  v.runs = plan.runs.data();
  v.rows = plan.rows.data();
  v.weights = plan.weights.data();
  v.initial_sums = plan.initial_sums.data();
  v.observers = plan.observers.data();
  v.constants = plan.constants.data();
  return v;
}

}  // namespace tailbit
