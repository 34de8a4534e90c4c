// `run` and `validate`: from a config file to a result directory.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/problems.hpp"
#include "host/ops/job.hpp"
#include "host/ops/run_flags.hpp"
#include "host/report/metrics.hpp"

namespace tailbit {

struct JobDone {
  nlohmann::ordered_json report;  // summary.json; of a shard, its manifest
  std::string folder;             // where the results are
  ExitCode code = ExitCode::done;
  bool up_to_date = false;  // they were there already
  RunFacts facts{};         // for monitoring
};

// Runs and writes the result directory. Throws Failure; where it was stopped, or a device failed (DeviceFailure), what
// was computed is kept for the next run of the same job.
JobDone run_job(const std::string& config_path, const RunFlags& flags);

// `merge`: shards as the result of one run.
struct MergeOptions {
  std::string out;
  std::vector<std::string> folders;   // of shards, or that hold shard-*; none: `out`
  std::optional<std::string> config;  // where it is now; absent: where the shards found it
  double max_memory = 0.0;            // bytes; 0: what the machine has
};
JobDone merge_shards(const MergeOptions& options);

// Reads, checks and compiles, without running: the plan as JSON.
nlohmann::ordered_json validate_job(const std::string& config_path, const RunFlags& flags);

}  // namespace tailbit
