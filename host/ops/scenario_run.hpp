// A run's scenarios, computed by a backend or taken from parts that were kept, in order, with everything that may
// happen on the way: checkpoints, signals, the end of the time allowed, an error small enough, an audit.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/compile/compile.hpp"
#include "host/ops/audit.hpp"
#include "host/ops/backend.hpp"
#include "host/ops/checkpoint.hpp"
#include "host/ops/run_flags.hpp"

namespace tailbit {

struct ScenarioOutcome {
  enum class Ended { complete, interrupted, out_of_time, target_missed };
  Ended ended = Ended::complete;
  std::uint64_t end = 0;  // scenarios of the range before it are in the collector, and no others
  Tally tally;
  std::uint64_t resumed = 0;         // scenarios taken from parts
  std::uint64_t audited_blocks = 0;  // computed again, with equal bits
};

class ScenarioRun {
 public:
  // Everything must outlive it.
  ScenarioRun(const CompiledJob& job, const std::string& run_id, const std::optional<StopRule>& rule,
              const RunFlags& flags, Backend& backend, measure::Collector& collector, Checkpoint& checkpoint);

  // Throws Failure, also DeviceFailure, after which what was saved is still good.
  ScenarioOutcome run(ScenarioRange range);

  // Keeps what was computed since the last part was.
  void save();

 private:
  enum class Pause { none, checkpoint, interrupt, deadline };

  Pause pause() const;
  bool take_saved(std::uint64_t round_end);
  void simulate(std::uint64_t to);
  void found_wrong_bits();
  void look(Audit& audit, ScenarioRange range, const Tally& tally);
  Backend::Simulated compute(ScenarioRange range, const Backend::Hooks& hooks);
  double seconds_since(std::chrono::steady_clock::time_point moment) const;

  const CompiledJob& job_;
  const std::string& run_id_;
  const std::optional<StopRule>& rule_;
  const RunFlags& flags_;
  Backend& backend_;
  measure::Collector& collector_;
  Checkpoint& checkpoint_;

  ScenarioRange range_;
  std::uint64_t least_ = 0;  // scenarios before which no result can be made
  std::uint64_t front_ = 0;  // scenarios before it are in the collector
  std::uint64_t part_first_ = 0;
  std::atomic<std::uint64_t> progress_{0};  // scenarios done of the range, also within a call of the backend
  Tally part_tally_;                        // since part_first_
  ScenarioOutcome outcome_;
  std::uint32_t checkpoints_done_ = 0;
  std::chrono::steady_clock::time_point saved_ = std::chrono::steady_clock::now();
};

// Where a run with a target looks at its error next, of `most` scenarios: a function of the results so far alone.
// Points of a sequence are even at powers of two.
std::uint64_t first_look(std::uint64_t most);
std::uint64_t next_look(std::uint64_t at, double relative_error, const StopRule& rule,
                        const measure::Clusters& clusters, std::uint64_t most);

// How a run can have ended with these scenarios, of whose book the collector holds the profits at `horizon`: none,
// where its looks would have ended it before.
std::vector<ScenarioOutcome::Ended> possible_ends(const measure::Collector& collector, std::uint32_t horizon,
                                                  const std::optional<StopRule>& rule, std::uint64_t scenarios,
                                                  std::uint64_t most);

// Scenarios that every level needs: one loss in its tail.
std::uint64_t least_scenarios(const std::vector<measure::Level>& levels);

}  // namespace tailbit
