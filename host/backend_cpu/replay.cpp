#include "host/backend_cpu/replay.hpp"

#include <algorithm>
#include <tuple>

#include "host/backend_cpu/floating_point.hpp"
#include "host/backend_cpu/single_rows.hpp"
#include "tailbit/engine/sampling.hpp"
#include "tailbit/engine/time_loop.hpp"
#include "tailbit/models/student_t.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::cpu {
namespace {

using Wide = __int128;

// The stages, writing down what passes. The tile holds one scenario, in lane 0.
class Recorder : public SingleRows {
 public:
  Recorder(Tile& tile, const HotLoops& loops, Precision precision, Replay& out)
      : SingleRows(tile, loops, precision), horizon_(tile.plan.nodes[tile.plan.node_count - 1].seconds), out_(out) {}

  void advance(std::uint32_t step) {
    TileStages::advance(step);
    if (tile_.plan.regime_count != 0 && tile_.plan.step[step].new_shares)
      out_.regimes.push_back(static_cast<std::uint32_t>(*tile_.regime));
    for (std::uint32_t p = 0; p < tile_.plan.jump_count; ++p) record_jumps(step, p);
  }

  void fix(std::uint32_t index) {
    TileStages::fix(index);
    const Fixing& fixing = tile_.plan.fixings[index];
    if (!fixing.looked_at || fixing.at_step_end) return;
    // Offsets count from the whole second in which the step begins.
    const auto start = static_cast<std::int64_t>(Wide{horizon_} * fixing.step / tile_.plan.steps);
    record(fixing.date, static_cast<double>(start + fixing.offset_seconds), true);
  }

  void revalue(std::uint32_t node_index) {
    const bool horizon = node_index + 1 == tile_.plan.node_count;
    each_row(node_index, [&](const Row& row, const double* change) {  // earlier dates are only tallied
      if (horizon) record_terms(row, *change);
    });
  }

  void end_step(std::uint32_t step) {
    loops_.spots(tile_, 0);
    record(0, static_cast<double>(horizon_) * (step + 1.0) / tile_.plan.steps, false);
    TileStages::end_step(step);
  }

 private:
  void record(DateId date, double seconds, bool inside_step) {
    DateSeen seen{seconds, inside_step, {}, {}};
    for (FactorId f = 0; f < tile_.plan.factors; ++f) seen.states.push_back(*tile_.factor(date, f));
    for (std::uint32_t u = 0; u < tile_.plan.underlyings; ++u)
      seen.spots.push_back(*tile_.spot<double>(date * tile_.plan.underlyings + u));
    out_.dates.push_back(std::move(seen));
  }

  void record_jumps(std::uint32_t step, std::uint32_t p) {
    const PlanView& plan = tile_.plan;
    const double step_seconds = static_cast<double>(horizon_) / plan.steps;
    const JumpProcess& process = plan.jumps[p];
    each_jump<random::Philox4x32>(
        process, plan.jump_effects + process.first_effect, tile_.jump_means[p * tile_.stride],
        random::make_key(plan.seed), out_.scenario, step, random::kJumps + p, 1.0,
        [&](const JumpEffect& effect, double time, double log_size) {
          out_.jumps.push_back(
              {(step + time) * step_seconds, p, static_cast<std::uint32_t>(&effect - plan.jump_effects), log_size});
        });
  }

  void record_terms(const Row& row, double change) {
    const double shifter = tile_.plan.quantum.shifter();
    for (std::uint32_t w = row.first_weight; w < row.first_weight + row.weight_count; ++w) {
      const Weight& weight = tile_.plan.weights[w];
      const std::uint64_t raw = quantise(weight.quantity, change, shifter);
      out_.terms.push_back({row.contract, weight.leaf, weight.quantity, change,
                            static_cast<std::int64_t>(raw - math::to_bits(shifter))});
    }
  }

  std::int64_t horizon_;  // seconds
  Replay& out_;
};

std::vector<double> period_variances(const Plan& plan, std::uint64_t scenario) {
  std::vector<double> variances;
  if (plan.paths.mixing.empty()) return variances;
  const PlanView host_view = view(plan);
  for (std::uint32_t period = 0; period <= plan.paths.shares.back().period; ++period) {
    const double z = mixing_normal<random::Philox4x32>(host_view, scenario, period);
    variances.push_back(period_variance(plan.paths.mixing.data(), z));
  }
  return variances;
}

}  // namespace

Replay replay(const Plan& plan, std::uint64_t scenario) {
  const StandardFloatingPoint environment;
  const PlanView host_view = view(plan);
  Replay out;
  out.scenario = scenario;
  out.period_variances = period_variances(plan, scenario);
  Tile tile(host_view, plan.precision, 1);
  tile.begin(scenario, 1);
  Recorder stages(tile, hot_loops(best_isa()), plan.precision, out);
  time_loop(host_view, stages);
  out.tally = tile.tally;
  std::stable_sort(out.jumps.begin(), out.jumps.end(),
                   [](const JumpSeen& a, const JumpSeen& b) { return a.seconds < b.seconds; });
  // Dates inside a step come in the order of their bridges, and contracts in that of their pricers.
  std::stable_sort(out.dates.begin(), out.dates.end(),
                   [](const DateSeen& a, const DateSeen& b) { return a.seconds < b.seconds; });
  std::sort(out.terms.begin(), out.terms.end(), [](const TermSeen& a, const TermSeen& b) {
    return std::tie(a.contract, a.leaf) < std::tie(b.contract, b.leaf);
  });
  return out;
}

}  // namespace tailbit::cpu
