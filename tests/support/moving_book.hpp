// Small books on a market whose every factor may move, run through compile and the CPU backend; and the paths that
// they met.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/backend_cpu/run.hpp"
#include "host/backend_cpu/single_rows.hpp"
#include "host/backend_cpu/tile.hpp"
#include "host/compile/compile.hpp"
#include "host/fit/correlation.hpp"
#include "host/io/problems.hpp"
#include "tailbit/engine/time_loop.hpp"
#include "tests/support/group_profit.hpp"

namespace tailbit::test {

inline constexpr std::int64_t kDaySeconds = 86'400;
inline constexpr Timestamp kBookAsOf{1'767'225'600};  // 2026-01-01T00:00:00Z
inline constexpr double kSpotAAA = 50'000.0, kForwardAAA = 50'900.0, kSpotBBB = 3000.0;
inline constexpr double kUsdRate = 0.03;

inline Timestamp in_days(double days) { return {kBookAsOf.seconds + static_cast<std::int64_t>(days * kDaySeconds)}; }

// Two coins over two days, grouped by contract: AAA on two SVI slices, at 10 and 60 days, and listed forwards, BBB on a
// flat surface. Only the spots move, by correlated normals.
inline Inputs two_coins(std::uint64_t scenarios, std::uint32_t steps) {
  Inputs inputs;
  inputs.config.horizon_seconds = 2 * kDaySeconds;
  inputs.config.steps = steps;
  inputs.config.scenarios = scenarios;
  inputs.config.seed = 42;
  inputs.config.group_by = {"instrument"};
  inputs.market.as_of = kBookAsOf;
  inputs.market.usd_rate = kUsdRate;
  UnderlyingMarket& a = inputs.market.underlyings["AAA"];
  a.spot = kSpotAAA;
  a.forwards = {{in_days(60), kForwardAAA}};
  a.surface = SviSurface{{{in_days(10), 0.002, 0.04, -0.2, 0.01, 0.1}, {in_days(60), 0.01, 0.09, -0.1, 0.02, 0.2}}};
  UnderlyingMarket& b = inputs.market.underlyings["BBB"];
  b.spot = kSpotBBB;
  b.surface = FlatSurface{0.7};
  inputs.model.underlyings = {{"AAA", {0.3, 0.5}}, {"BBB", {0.0, 0.8}}};
  inputs.model.correlation.factors = {"AAA.spot", "BBB.spot"};
  inputs.model.correlation.matrix = {{1.0, 0.6}, {0.6, 1.0}};
  return inputs;
}

// All factors of AAA that there are, with large vols.
inline void move_everything(Inputs& inputs) {
  UnderlyingModel& a = inputs.model.underlyings["AAA"];
  a.level = LevelModel{3.0, 2.5, 0.5};
  a.skew = SkewModel{2.0, 1.5};
  a.basis = BasisModel{20.0, 1.0, 0.5};
  a.premium = PremiumModel{400.0, 0.05, 0.0002};
  inputs.model.correlation.factors = {"AAA.spot", "BBB.spot", "AAA.vol", "AAA.skew", "AAA.basis"};
  inputs.model.correlation.matrix = {{1.0, 0.6, -0.5, 0.2, 0.3},
                                     {0.6, 1.0, -0.3, 0.0, 0.1},
                                     {-0.5, -0.3, 1.0, -0.3, 0.0},
                                     {0.2, 0.0, -0.3, 1.0, 0.0},
                                     {0.3, 0.1, 0.0, 0.0, 1.0}};
}

inline void hold(Inputs& inputs, const std::string& id, const std::string& underlying, ContractTerms terms,
                 double quantity) {
  const auto same = [&](const Instrument& i) { return i.id == id; };
  if (std::none_of(inputs.instruments.begin(), inputs.instruments.end(), same))
    inputs.instruments.push_back({id, underlying, 1.0, std::move(terms)});
  Position position;
  position.instrument = id;
  position.quantity = quantity;
  inputs.positions.push_back(position);
}

// With the correlation completed and checked, as a run does before it compiles.
inline CompiledJob compile_fitted(Inputs inputs) {
  Problems problems;
  fit_correlation(inputs.model, "test", problems);
  problems.throw_if_any();
  return compile(inputs);
}

struct RanBook {
  CompiledJob job;
  Pnl pnl;

  explicit RanBook(const Inputs& inputs) : job(compile_fitted(inputs)), pnl(cpu::run(job.plan, {})) {}

  std::uint32_t last() const { return pnl.nodes - 1; }
  const Group& group(const std::string& name) const {
    const auto& all = job.groups.groups;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Group& g) { return g.name == name; });
    if (found == all.end()) throw std::logic_error("no group " + name);
    return *found;
  }
  std::vector<std::int64_t> quanta(const std::string& group_name, std::uint32_t node) const {
    return group_profit(pnl, node, group(group_name));
  }
  // Of the contract `id`, USD: in every scenario, and today.
  std::vector<double> profit(const std::string& id, std::uint32_t node) const {
    std::vector<double> usd;
    for (const std::int64_t q : quanta("instrument=" + id, node)) usd.push_back(static_cast<double>(q) * pnl.unit);
    return usd;
  }
  double today(const std::string& id) const {
    return static_cast<double>(job.base_of(group("instrument=" + id))) * pnl.unit;
  }
  std::vector<double> value(const std::string& id, std::uint32_t node) const {
    std::vector<double> usd = profit(id, node);
    for (double& v : usd) v += today(id);
    return usd;
  }
};

// What the contracts of a book looked at and were worth, before anything was rounded to quanta.
struct Notes {
  struct Scenario {
    std::vector<double> factors;      // states, 0 today
    std::vector<double> log_returns;  // with the moves of a period limited
    double scale = 1.0;               // root of the mixing variable's mean over the step
  };
  std::vector<std::vector<Scenario>> step_ends;          // [steps][scenarios]
  std::vector<std::vector<std::vector<double>>> values;  // [nodes][contracts][scenarios] USD per unit
};

// Stages that take notes.
class NotingStages : public cpu::SingleRows {
 public:
  NotingStages(cpu::Tile& tile, Precision precision, std::size_t contracts, Notes& notes)
      : SingleRows(tile, loops(), precision), contracts_(contracts), notes_(notes) {}

  void revalue(std::uint32_t index) {
    auto& values = notes_.values.emplace_back(contracts_);
    each_row(index, [&](const Row& row, const double* change) {
      std::vector<double>& out = values[row.contract];
      for (std::size_t lane = 0; lane < tile_.lanes; ++lane) out.push_back(change[lane] + row.counted_from);
    });
  }

  void end_step(std::uint32_t step) {
    loops().spots(tile_, 0);
    auto& scenarios = notes_.step_ends.emplace_back(tile_.lanes);
    for (std::size_t lane = 0; lane < tile_.lanes; ++lane) {
      for (std::uint32_t f = 0; f < tile_.plan.factors; ++f)
        scenarios[lane].factors.push_back(tile_.factor(0, f)[lane]);
      for (std::uint32_t u = 0; u < tile_.plan.underlyings; ++u)
        scenarios[lane].log_returns.push_back(tile_.log_return<double>(u)[lane]);
      if (tile_.scale != nullptr) scenarios[lane].scale = tile_.scale[lane];
    }
    TileStages::end_step(step);
  }

 private:
  static const cpu::HotLoops& loops() { return cpu::hot_loops(cpu::best_isa()); }

  std::size_t contracts_;
  Notes& notes_;
};

inline Notes take_notes(const CompiledJob& job) {
  Notes notes;
  const PlanView host_view = view(job.plan);
  cpu::Tile tile(host_view, job.plan.precision, job.plan.scenarios);
  tile.begin(0, job.plan.scenarios);
  NotingStages stages(tile, job.plan.precision, job.contracts.size(), notes);
  time_loop(host_view, stages);
  return notes;
}

// The values of the contract `id` at a node.
inline const std::vector<double>& values_of(const CompiledJob& job, const Notes& notes, const std::string& id,
                                            std::uint32_t node = 0) {
  const auto found = std::find(job.contracts.begin(), job.contracts.end(), id);
  if (found == job.contracts.end()) throw std::logic_error("no contract " + id);
  return notes.values.at(node)[static_cast<std::size_t>(found - job.contracts.begin())];
}

}  // namespace tailbit::test
