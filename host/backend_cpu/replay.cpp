#include "host/backend_cpu/replay.hpp"

#include <algorithm>
#include <tuple>

#include "host/backend_cpu/floating_point.hpp"
#include "host/backend_cpu/single_row.hpp"
#include "host/backend_cpu/stages.hpp"
#include "tailbit/engine/time_loop.hpp"
#include "tailbit/models/student_t.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::cpu {
namespace {

using Wide = __int128;

// The stages, writing down what passes. The tile holds one scenario, in lane 0.
class Recorder : public TileStages {
 public:
  Recorder(Tile& tile, const HotLoops& loops, Precision precision, std::uint64_t* sums, Replay& out)
      : TileStages(tile, loops, precision, sums, tile.stride),
        horizon_(tile.plan.nodes[tile.plan.node_count - 1].seconds),
        out_(out) {}

  void fix(std::uint32_t index) {
    TileStages::fix(index);
    const Fixing& fixing = tile_.plan.fixings[index];
    if (!fixing.looked_at || fixing.at_step_end) return;
    // Offsets count from the whole second in which the step begins.
    const auto start = static_cast<std::int64_t>(Wide{horizon_} * fixing.step / tile_.plan.steps);
    record(fixing.date, static_cast<double>(start + fixing.offset_seconds), true);
  }

  void revalue(std::uint32_t node_index) {
    TileStages::revalue(node_index);
    if (node_index + 1 != tile_.plan.node_count) return;
    const Tally tally = tile_.tally;  // rows that are priced a second time are not counted
    const RevaluationNode& node = tile_.plan.nodes[node_index];
    for (std::uint32_t r = node.first_run; r < node.first_run + node.run_count; ++r) {
      const Run& run = tile_.plan.runs[r];
      for (std::uint32_t i = 0; i < run.row_count; ++i) record_terms(single_row(run, i, precision_));
    }
    tile_.tally = tally;
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

  void record_terms(const Run& one) {
    loops_.revalue[static_cast<int>(precision_)][one.pricer](tile_, one, sums_, tile_.stride);
    const Row& row = tile_.plan.rows[one.first_row];
    const double shifter = tile_.plan.quantum.shifter();
    for (std::uint32_t w = row.first_weight; w < row.first_weight + row.weight_count; ++w) {
      const Weight& weight = tile_.plan.weights[w];
      const std::uint64_t raw = quantise(weight.quantity, tile_.change[0], shifter);
      out_.terms.push_back({row.contract, weight.leaf, weight.quantity, tile_.change[0],
                            static_cast<std::int64_t>(raw - math::to_bits(shifter))});
    }
  }

  std::int64_t horizon_;  // seconds
  Replay& out_;
};

std::vector<double> period_variances(const Plan& plan, std::uint64_t scenario) {
  std::vector<double> variances;
  if (plan.paths.mixing.empty()) return variances;
  const random::Key key = random::make_key(plan.seed);
  for (std::uint32_t period = 0; period <= plan.paths.shares.back().period; ++period) {
    const double z = random::two_normals<random::Philox4x32>(key, scenario, 0, period, random::kMixing).first;
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
  // Nobody reads them: terms are taken one by one. What is priced again is added to the first node's.
  std::vector<std::uint64_t> sums(plan.nodes.size() * plan.leaves * tile.stride);
  Recorder stages(tile, hot_loops(best_isa()), plan.precision, sums.data(), out);
  time_loop(host_view, stages);
  out.tally = tile.tally;
  // Dates inside a step come in the order of their bridges, and contracts in that of their pricers.
  std::stable_sort(out.dates.begin(), out.dates.end(),
                   [](const DateSeen& a, const DateSeen& b) { return a.seconds < b.seconds; });
  std::sort(out.terms.begin(), out.terms.end(), [](const TermSeen& a, const TermSeen& b) {
    return std::tie(a.contract, a.leaf) < std::tie(b.contract, b.leaf);
  });
  return out;
}

}  // namespace tailbit::cpu
