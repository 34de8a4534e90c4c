// What is made of a run's scenarios once they are all collected: the result directory, or a shard's.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "host/ops/checkpoint.hpp"
#include "host/ops/job.hpp"
#include "host/ops/run.hpp"
#include "host/ops/scenario_run.hpp"
#include "host/report/greeks_csv.hpp"

namespace tailbit {

// Times the stages of a run one after another.
class StageClock {
 public:
  void stage_done(const std::string& name) {
    const auto now = std::chrono::steady_clock::now();
    timings.emplace_back(name, std::chrono::duration<double>(now - last_).count());
    last_ = now;
  }
  // Since it was made, also where the machine's clock is set meanwhile.
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }
  Timings timings;

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now(), last_ = begin_;
};

// For monitoring, of a run that ends now.
RunFacts facts_of(const StageClock& clock, ExitCode code);

// A run on its way to its result.
struct RunInHand {
  const NamedJob& named;
  const CompiledJob& job;
  const RunFlags& flags;
  StageClock& clock;
  GreeksFile greeks;                  // not of a shard
  std::string device{};               // what computed it
  std::vector<std::string> warnings;  // of the run, beside those of inputs and job
  nlohmann::ordered_json hardware{};
  bool fell_back_to_cpu = false;
};

// The result of the same job, if a folder holds it as it was written and --force does not say to make it again. What is
// wrong with one that is there is told in `warnings`.
std::optional<JobDone> result_there(const std::string& folder, const NamedJob& named, const RunFlags& flags,
                                    std::vector<std::string>& warnings);

// What the summary says of results of so many scenarios, but for status, device, timings and warnings. Everything must
// outlive it.
RunRecord make_record(const NamedJob& named, const CompiledJob& job, const measure::Results& results,
                      std::uint64_t scenarios);

RunStatus status_of(ScenarioOutcome::Ended ended);

// What publish_result leaves beside the manifest, sorted.
std::vector<std::string> result_outputs();

// Measures, writes and publishes. Throws Failure.
JobDone publish_result(RunInHand& run, const ScenarioOutcome& outcome, measure::Collector& collector,
                       const measure::Request& request, const WorkFolder& folder);

// Publishes the checkpoint's parts as a shard's result.
JobDone publish_shard(RunInHand& run, const ScenarioOutcome& outcome, Checkpoint& checkpoint, const WorkFolder& folder);

}  // namespace tailbit
