// Silent corruption: memory or arithmetic that is wrong and says nothing. Some blocks are computed a second time, on
// the CPU, and must have the same bits.
//
// With a share of 1 no wrong bit stays unseen in anything that a collector keeps, nor in the tally. With less, a wrong
// bit is seen where it lies in a block that is audited: in the moments, in a profit of a row that is kept whole, and in
// one that belongs into a tail. What has no block cannot be looked at one by one: of rows of which only tails are kept,
// a value that should not be in the tail, and a greatest profit that is too high.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "host/backend_cpu/hot_loops.hpp"
#include "tailbit/engine/plan.hpp"
#include "tailbit/engine/pnl.hpp"
#include "tailbit/engine/scenario_range.hpp"
#include "tailbit/measure/collector.hpp"

namespace tailbit {

// A share of a range's blocks, of each or none by chance, and where chance takes none, one of them all the same: a
// function of run and block, so that a run that is repeated is audited alike, and another elsewhere.
std::vector<ScenarioRange> blocks_to_audit(const std::string& run_id, ScenarioRange range, double share,
                                           bool at_least_one = true);

// Simulates single blocks on the CPU, several at a time; 0 threads: all there are.
Tally run_blocks(const Plan& plan, const std::vector<ScenarioRange>& blocks, cpu::Isa isa, unsigned threads,
                 ProfitSink& sink);

// A tail, and the greatest profit, as a second computation makes them.
struct AuditedTail {
  AuditedTail(std::uint64_t needed, std::int64_t so_far) : least(needed), greatest(so_far) {}
  measure::TailKeeper least;
  std::int64_t greatest;
};

// Holds what a collector takes of some scenarios against the same computed again.
class Audit {
 public:
  // Before the collector takes them. Everything must outlive it.
  Audit(const Plan& plan, measure::Collector& collector, const std::string& run_id, double share,
        bool at_least_one = true);

  struct Found {
    ScenarioRange difference;  // the first block that differs, or all where it cannot be said which; empty: none does
    std::size_t blocks = 0;    // computed again
  };
  // When it has taken `range` and nothing else, with what was counted on the way.
  Found look(ScenarioRange range, const Tally& tally, cpu::Isa isa, unsigned threads);

 private:
  const Plan& plan_;
  measure::Collector& collector_;
  const std::string& run_id_;
  double share_;
  bool at_least_one_;
  std::deque<AuditedTail> tails_;  // by row, where all blocks are computed again; mutexes do not move
};

// Memory that an audit of all blocks takes.
double audit_bytes(const measure::Request& request, std::uint64_t scenarios, double share);

}  // namespace tailbit
