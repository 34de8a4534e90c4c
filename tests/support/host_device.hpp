// A device made of loops: runs the CUDA kernels' bodies on the host, over all blocks and threads, one barrier interval
// after the other.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "kernels/pending_steps.hpp"
#include "kernels/revaluation.hpp"
#include "tailbit/engine/pnl.hpp"
#include "tailbit/engine/time_loop.hpp"
#include "tailbit/random/philox.hpp"

namespace tailbit::test {

template <class Generator>
class HostDevice {
 public:
  HostDevice(const Plan& plan, std::size_t batch_lanes)
      : plan_(view(plan)),
        precision_(plan.precision),
        leaves_(leaf_terms(plan, cuda::chunk_rows(plan))),
        run_launches_(leaves_),
        stride_(batch_lanes),
        paths_(path_entries(plan_) * stride_, std::numeric_limits<double>::quiet_NaN()),
        log_returns_single_(std::size_t{plan.dates} * plan.underlyings * stride_),
        spots_single_(log_returns_single_.size()),
        states_(plan.state_bytes * stride_ / sizeof(double) + 1),
        sums_(plan.nodes.size() * plan.leaves * stride_),
        scenarios_(plan.scenarios),
        pnl_(static_cast<std::uint32_t>(plan.nodes.size()), plan.leaves, plan.scenarios, plan.quantum.unit) {}

  // The profits of all scenarios, batch after batch.
  const Pnl& run() {
    for_each_batch([&](std::uint64_t first, std::uint32_t lanes, const std::int64_t* sums) {
      pnl_.take(first, lanes, sums, stride_);
    });
    pnl_.tally = head_.tally;
    return pnl_;
  }
  // Launches that advanced the factors, all batches together.
  std::uint32_t advances() const { return launches_; }
  // Calls with each batch's first scenario, their number, and their profits [nodes][leaves][batch_lanes].
  template <class Callable>
  void for_each_batch(Callable&& callable) {
    head_.tally = {};
    for (std::uint64_t first = 0; first < scenarios_; first += stride_) {
      const std::int64_t* profits = simulate(first, std::min<std::uint64_t>(stride_, scenarios_ - first));
      callable(first, batch_.lanes, profits);
    }
  }
  // The profits of one batch, [nodes][leaves][batch_lanes].
  const std::int64_t* simulate(std::uint64_t first, std::size_t lanes) {
    place(first, lanes);
    time_loop(plan_, *this);
    return reinterpret_cast<const std::int64_t*>(sums_.data());
  }
  unsigned long long first_bad() const { return head_.first_bad; }
  const Tally& tally() const { return head_.tally; }

  void begin() {
    each_thread([&](cuda::ThreadId id) { cuda::begin(batch_, id); });
    each_observer([&]<class P>(const ObserverRun& run) {
      each_thread([&](cuda::ThreadId id) { cuda::begin_states<P>(batch_, run, id); });
    });
  }
  void advance(std::uint32_t step) { pending_.add(step); }
  void fix(std::uint32_t fixing) {
    advance_pending();
    each_block(plan_.factors + 1, [&](cuda::ThreadId id, double* shared) {
      if (shared != nullptr) {
        cuda::fix<Generator, true>(batch_, fixing, id, shared);
      } else {
        cuda::fix<Generator, false>(batch_, fixing, id, nullptr);
      }
    });
  }
  void observe(std::uint32_t) {
    advance_pending();
    each_observer([&]<class P>(const ObserverRun& run) {
      each_thread([&](cuda::ThreadId id) { cuda::observe<P>(batch_, run, id); });
    });
  }
  void revalue(std::uint32_t node) {
    advance_pending();
    each_thread([&](cuda::ThreadId id) { cuda::begin_sums(batch_, node, id); });
    for (std::uint32_t r = plan_.nodes[node].first_run; r < plan_.nodes[node].first_run + plan_.nodes[node].run_count;
         ++r) {
      for_each_type<Pricers>([&]<class P, std::size_t id>() {
        if (plan_.runs[r].pricer != id) return;
        if (precision_ == Precision::double_) {
          revalue_run<double, P>(r, node);
        } else {
          revalue_run<float, P>(r, node);
        }
      });
    }
  }
  void act(std::uint32_t) {}
  void end_step(std::uint32_t step) {
    if (!ends_with_work(plan_, step)) return;
    advance_pending();
    each_thread([&](cuda::ThreadId id) { cuda::end_period(batch_, id); });
  }

 private:
  void place(std::uint64_t first, std::size_t lanes) {
    batch_.plan = plan_;
    batch_.leaves = {leaves_.chunks.data(), leaves_.holdings.data(), leaves_.terms.data()};
    head_.first_scenario = first;
    batch_.head = &head_;
    batch_.lanes = static_cast<std::uint32_t>(lanes);
    batch_.stride = stride_;
    static_cast<PathArrays&>(batch_) = place_path_arrays(plan_, paths_.data(), stride_);
    const bool single = precision_ == Precision::single;
    batch_.log_returns_single = single ? log_returns_single_.data() : nullptr;
    batch_.spots_single = single ? spots_single_.data() : nullptr;
    batch_.states = reinterpret_cast<std::byte*>(states_.data());
    batch_.sums = sums_.data();
  }

  void advance_pending() {
    pending_.take([&](std::uint32_t first, std::uint32_t count) {
      launches_ += 1;
      each_block(cuda::Factors::columns(plan_), [&](cuda::ThreadId id, double* shared) {
        if (shared != nullptr) {
          cuda::advance<Generator, true>(batch_, first, count, id, shared);
        } else {
          cuda::advance<Generator, false>(batch_, first, count, id, nullptr);
        }
      });
      each_thread([&](cuda::ThreadId id) { cuda::spots(batch_, id); });
    });
  }

  // As each_thread, with the block's columns of shared memory, fresh and of exactly their size, or null.
  template <class Callable>
  void each_block(std::uint32_t columns, Callable&& callable) {
    std::vector<double> shared;
    each_thread([&](cuda::ThreadId id) {
      if (id.thread == 0)
        shared.assign(cuda::shared_bytes(columns) / sizeof(double), std::numeric_limits<double>::quiet_NaN());
      callable(id, shared.empty() ? nullptr : shared.data());
    });
  }
  // Whole blocks, so that lanes beyond the batch are visited as on a device.
  template <class Callable>
  void each_thread(Callable&& callable) {
    const std::uint32_t blocks = (batch_.lanes + cuda::kThreads - 1) / cuda::kThreads;
    for (std::uint32_t block = 0; block < blocks; ++block) {
      for (std::uint32_t thread = 0; thread < cuda::kThreads; ++thread) callable(cuda::ThreadId{block, thread});
    }
  }
  template <class Callable>
  void each_observer(Callable&& callable) {
    for (std::uint32_t o = 0; o < plan_.observer_count; ++o) {
      for_each_type<Pricers>([&]<class P, std::size_t id>() {
        if constexpr (P::has_state) {
          if (plan_.observers[o].pricer == id) callable.template operator()<P>(plan_.observers[o]);
        }
      });
    }
  }
  // Blocks in reverse, chunks too: the order of integer sums must not matter.
  template <class Precise, class P>
  void revalue_run(std::uint32_t run, std::uint32_t node) {
    using Body = cuda::Revaluation<Precise, P>;
    // As on a device, shared memory is the block's own: fresh and of exactly its size, so that sanitizers see its ends.
    for (std::uint32_t block = Body::scenario_blocks(batch_.lanes); block-- > 0;) {
      for (std::uint32_t chunk = run_launches_.chunk_count(run); chunk-- > 0;) {
        std::vector<typename Body::Shared> shared(1);
        std::vector<typename Body::Pair> columns(run_launches_.column_bytes(run) / sizeof(typename Body::Pair));
        const Body body(batch_, plan_.runs[run], node, block, run_launches_.first_chunk(run) + chunk, columns.data());
        for (std::uint32_t thread = 0; thread < cuda::kThreads; ++thread) body.load(thread, shared[0]);
        for (std::uint32_t thread = 0; thread < cuda::kThreads; ++thread) body.price(thread, shared[0]);
      }
    }
  }

  PlanView plan_;
  Precision precision_;
  LeafTerms leaves_;
  cuda::RunLaunches run_launches_;
  std::size_t stride_;
  std::vector<double> paths_;
  std::vector<float> log_returns_single_, spots_single_;
  std::vector<double> states_;  // aligned for any state
  std::vector<std::uint64_t> sums_;
  std::uint64_t scenarios_;
  Pnl pnl_;
  cuda::BatchHead head_;
  cuda::Batch batch_{};
  cuda::PendingSteps pending_;
  std::uint32_t launches_ = 0;
};

// True when two runs have the same bits; otherwise says where they part.
inline std::string difference(const Pnl& a, const Pnl& b) {
  if (a.quanta.size() != b.quanta.size()) return "different shapes";
  if (a.tally.vols_at_floor != b.tally.vols_at_floor) return "different counts of vols at the floor";
  if (a.tally.moves_limited != b.tally.moves_limited) return "different counts of limited moves";
  for (std::size_t i = 0; i < a.quanta.size(); ++i) {
    if (a.quanta[i] == b.quanta[i]) continue;
    return "node " + std::to_string(i / a.scenarios / a.leaves) + ", leaf " +
           std::to_string(i / a.scenarios % a.leaves) + ", scenario " + std::to_string(i % a.scenarios) + ": " +
           std::to_string(a.quanta[i]) + " against " + std::to_string(b.quanta[i]);
  }
  return "";
}

}  // namespace tailbit::test
