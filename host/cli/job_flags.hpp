// Flags that `run`, `watch` and `validate` share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "host/cli/metrics_flags.hpp"
#include "host/ops/backend.hpp"
#include "host/ops/run_flags.hpp"

namespace tailbit::cli {

// How a command that makes a result tells of it.
struct Telling {
  bool quiet = false, json = false;
  MetricsFlags metrics;
};

struct RunOptions : Telling {
  std::string config, out, market, precision, greek_units, isa, shard, device = "auto";
  std::vector<std::string> trades;
  std::string scenarios, seed, threads = "0", tile = "0";  // whole numbers as typed, see whole_number
  double max_seconds = 0.0, checkpoint_seconds = 30.0, stall_seconds = 900.0, audit = 0.0;
  std::uint64_t max_memory = 0;
  bool force = false, resume = false;
};

// The job: its config, and what takes the place of what that says.
void add_job_options(CLI::App& command, RunOptions& options);
// What computes it.
void add_computing_options(CLI::App& command, RunOptions& options);

// As the user gave them to a command that has some of the flags.
RunFlags to_flags(const RunOptions& options, const CLI::App& command);

// As many threads as were asked for; 0: as this process has processors, by affinity and by its container's quota.
unsigned threads_to_start(unsigned asked);

// Tells the supervisor what failed; it speaks to the user.
void report_failure(const DeviceFailure& failure, RunControl& control);

}  // namespace tailbit::cli
