#include "host/backend_cpu/run.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "host/backend_cpu/floating_point.hpp"
#include "host/backend_cpu/single_rows.hpp"
#include "host/backend_cpu/working_set.hpp"
#include "tailbit/engine/time_loop.hpp"

namespace tailbit::cpu {
namespace {

// Revalues contract by contract what a tile found to be bad, to name scenario and contract.
class Diagnosis : public SingleRows {
 public:
  using SingleRows::SingleRows;

  void revalue(std::uint32_t node) {
    each_row(node, [&](const Row& row, const double* change) {
      const double shifter = tile_.plan.quantum.shifter();
      for (std::uint32_t w = row.first_weight; w < row.first_weight + row.weight_count; ++w) {
        const double quantity = tile_.plan.weights[w].quantity;
        for (std::size_t lane = 0; lane < tile_.lanes; ++lane) {
          if (out_of_range(quantise(quantity, change[lane], shifter), shifter) == 0) continue;
          const BadTerm term{tile_.first_scenario + lane, node, row.contract, quantity, change[lane]};
          if (!found_ || term.scenario < term_.scenario) term_ = term;
          found_ = true;
        }
      }
    });
  }

  bool found() const { return found_; }
  const BadTerm& term() const { return term_; }

 private:
  bool found_ = false;
  BadTerm term_{};
};

// What the threads of a run share.
class SharedRun {
 public:
  SharedRun(const Plan& plan, ScenarioRange range, const Options& options, ProfitSink& sink)
      : plan_(plan),
        range_(range),
        options_(options),
        sink_(sink),
        view_(view(plan)),
        set_(working_set(plan, options.tile, second_level_cache())),
        // Whole blocks of the sink.
        unit_((set_.tile + ProfitSink::kBlock - 1) / ProfitSink::kBlock * ProfitSink::kBlock),
        units_((range.count + unit_ - 1) / unit_),
        leaves_(leaf_terms(plan, set_.chunk_rows)) {}

  std::uint64_t units() const { return units_; }
  Simulated simulated() const { return {range_.first + done_, tally_}; }

  // One thread's share.
  void work() {
    try {
      const StandardFloatingPoint environment;
      // Made here, so that this thread touches their memory first.
      Tile tile(view_, plan_.precision, set_.tile, set_.chunk_rows);
      AlignedArray<std::uint64_t> sums(checked_product(plan_.nodes.size(), plan_.leaves, unit_));
      // Units are taken in order and finished, so that wherever a run stops, all before it is done.
      while (!(options_.stop && options_.stop())) {
        const std::uint64_t unit = next_unit_++;
        if (unit >= units_) break;
        simulate(unit, tile, sums.data());
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      next_unit_ = units_;
    }
  }

  // When all threads are done.
  void throw_if_failed() const {
    if (failure_) std::rethrow_exception(failure_);
    if (bad_tile_ == kNone) return;
    throw BadTermError(find_bad_term(plan_, bad_tile_, std::min<std::uint64_t>(set_.tile, range_.end() - bad_tile_)));
  }

 private:
  void simulate(std::uint64_t unit, Tile& tile, std::uint64_t* sums) {
    const std::uint64_t first = range_.first + unit * unit_;
    const std::size_t count = std::min<std::uint64_t>(unit_, range_.end() - first);
    Tally tally;
    std::uint64_t bad = kNone;
    for (std::size_t done = 0; done < count; done += set_.tile) {
      tile.begin(first + done, std::min(set_.tile, count - done));
      TileStages stages(tile, hot_loops(options_.isa), plan_.precision, leaves_, sums + done, unit_);
      time_loop(view_, stages);
      tally += tile.tally;
      if (stages.bad_node() != TileStages::kNone) bad = std::min(bad, first + done);
    }
    if (bad == kNone) sink_.take(first, count, reinterpret_cast<const std::int64_t*>(sums), unit_);
    const std::lock_guard lock(mutex_);
    bad_tile_ = std::min(bad_tile_, bad);
    tally_ += tally;
    done_ += count;
    if (options_.progress) options_.progress(done_);
  }

  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
  const Plan& plan_;
  ScenarioRange range_;
  const Options& options_;
  ProfitSink& sink_;
  PlanView view_;
  WorkingSet set_;
  std::size_t unit_;  // scenarios that a thread takes at a time
  std::uint64_t units_;
  LeafTerms leaves_;
  std::atomic<std::uint64_t> next_unit_{0};
  std::mutex mutex_;  // guards what follows
  std::uint64_t bad_tile_ = kNone;
  std::uint64_t done_ = 0;
  Tally tally_;
  std::exception_ptr failure_;
};

}  // namespace

Simulated run(const Plan& plan, ScenarioRange range, const Options& options, ProfitSink& sink) {
  SharedRun shared(plan, range, options, sink);
  const unsigned wanted = options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  const unsigned threads = static_cast<unsigned>(std::min<std::uint64_t>(wanted, shared.units()));
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back([&] { shared.work(); });
    shared.work();
  }
  shared.throw_if_failed();
  return shared.simulated();
}

double working_bytes(const Plan& plan, unsigned threads) {
  const double workers = threads != 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
  const double sums = static_cast<double>(plan.nodes.size()) * plan.leaves * ProfitSink::kBlock * sizeof(std::uint64_t);
  double terms = 0.0;
  for (const Row& row : plan.rows) terms += row.weight_count;
  return workers * sums + terms * sizeof(Term) + static_cast<double>(plan.weights.size()) * sizeof(Weight);
}

Pnl run(const Plan& plan, const Options& options) {
  Pnl pnl(static_cast<std::uint32_t>(plan.nodes.size()), plan.leaves, plan.scenarios, plan.quantum.unit);
  pnl.tally = run(plan, {0, plan.scenarios}, options, pnl).tally;
  return pnl;
}

BadTerm find_bad_term(const Plan& plan, std::uint64_t first, std::size_t count) {
  const StandardFloatingPoint environment;
  const PlanView host_view = view(plan);
  Tile tile(host_view, plan.precision, count);
  tile.begin(first, count);
  Diagnosis stages(tile, hot_loops(best_isa()), plan.precision);
  time_loop(host_view, stages);
  if (!stages.found()) throw std::logic_error("find_bad_term: no term is out of range");
  return stages.term();
}

}  // namespace tailbit::cpu
