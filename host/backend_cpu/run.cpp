#include "host/backend_cpu/run.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "host/backend_cpu/floating_point.hpp"
#include "host/backend_cpu/single_row.hpp"
#include "host/backend_cpu/stages.hpp"
#include "tailbit/engine/time_loop.hpp"

namespace tailbit::cpu {
namespace {

// Revalues contract by contract what a tile found to be bad, to name scenario and contract.
class Diagnosis : public TileStages {
 public:
  Diagnosis(Tile& tile, const HotLoops& loops, Precision precision, std::uint64_t* sums, std::size_t stride)
      : TileStages(tile, loops, precision, sums, stride) {}

  void revalue(std::uint32_t node) {
    TileStages::revalue(node);  // computes spots
    const RevaluationNode& at = tile_.plan.nodes[node];
    for (std::uint32_t r = at.first_run; r < at.first_run + at.run_count; ++r) {
      const Run& run = tile_.plan.runs[r];
      for (std::uint32_t i = 0; i < run.row_count; ++i) examine(node, run, i);
    }
  }

  bool found() const { return found_; }
  const BadTerm& term() const { return term_; }

 private:
  void examine(std::uint32_t node, const Run& run, std::uint32_t index) {
    const Run one = single_row(run, index, precision_);
    if (loops_.revalue[static_cast<int>(precision_)][one.pricer](tile_, one, sums_, sums_stride_) == 0) return;
    const Row& row = tile_.plan.rows[one.first_row];
    const double shifter = tile_.plan.quantum.shifter();
    for (std::size_t lane = 0; lane < tile_.lanes; ++lane) {
      for (std::uint32_t w = row.first_weight; w < row.first_weight + row.weight_count; ++w) {
        const double quantity = tile_.plan.weights[w].quantity;
        if (out_of_range(quantise(quantity, tile_.change[lane], shifter), shifter) == 0) continue;
        const BadTerm term{tile_.first_scenario + lane, node, row.contract, quantity, tile_.change[lane]};
        if (!found_ || term.scenario < term_.scenario) term_ = term;
        found_ = true;
      }
    }
  }

  bool found_ = false;
  BadTerm term_{};
};

}  // namespace

Pnl run(const Plan& plan, const Options& options) {
  const PlanView host_view = view(plan);
  const HotLoops& loops = hot_loops(options.isa);
  const std::size_t tile_size = std::max<std::size_t>(1, options.tile);
  const std::uint64_t tiles = (plan.scenarios + tile_size - 1) / tile_size;
  Pnl pnl(static_cast<std::uint32_t>(plan.nodes.size()), plan.leaves, plan.scenarios, plan.quantum.unit);

  std::atomic<std::uint64_t> next_tile{0};
  std::uint64_t bad_tile = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t done = 0;
  std::exception_ptr failure;
  std::mutex mutex;  // guards the three above and the tally

  const auto work = [&] {
    try {
      const StandardFloatingPoint environment;
      Tile tile(host_view, plan.precision, tile_size);
      for (std::uint64_t t = next_tile++; t < tiles; t = next_tile++) {
        const std::uint64_t first = t * tile_size;
        tile.begin(first, std::min<std::uint64_t>(tile_size, plan.scenarios - first));
        auto* sums = reinterpret_cast<std::uint64_t*>(pnl.quanta.data()) + first;
        TileStages stages(tile, loops, plan.precision, sums, plan.scenarios);
        time_loop(host_view, stages);
        const std::lock_guard lock(mutex);
        if (stages.bad_node() != TileStages::kNone) bad_tile = std::min(bad_tile, t);
        pnl.tally += tile.tally;
        done += tile.lanes;
        if (options.progress) options.progress(done);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next_tile = tiles;
    }
  };

  const unsigned wanted = options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  const unsigned threads = static_cast<unsigned>(std::min<std::uint64_t>(wanted, tiles));
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  if (bad_tile != std::numeric_limits<std::uint64_t>::max()) {
    const std::uint64_t first = bad_tile * tile_size;
    throw BadTermError(find_bad_term(plan, first, std::min<std::uint64_t>(tile_size, plan.scenarios - first)));
  }
  return pnl;
}

BadTerm find_bad_term(const Plan& plan, std::uint64_t first, std::size_t count) {
  const StandardFloatingPoint environment;
  const PlanView host_view = view(plan);
  Tile tile(host_view, plan.precision, count);
  tile.begin(first, count);
  std::vector<std::uint64_t> sums(plan.nodes.size() * plan.leaves * tile.stride);
  Diagnosis stages(tile, hot_loops(best_isa()), plan.precision, sums.data(), tile.stride);
  time_loop(host_view, stages);
  if (!stages.found()) throw std::logic_error("find_bad_term: no term is out of range");
  return stages.term();
}

}  // namespace tailbit::cpu
