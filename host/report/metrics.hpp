// A run in Prometheus' text format: what monitoring wants to know of a job that nobody watches. docs/observability.md
// lists the metrics, configs/observability holds a dashboard and alerts for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace tailbit {

// Seconds since 1970, now.
double unix_seconds();

// What the summary does not know: how the run went.
struct RunFacts {
  double started = 0.0, finished = 0.0;  // seconds since 1970
  int exit_code = 0;
  std::uint64_t restarts = 0;                   // workers started in place of one that ended
  std::uint64_t resumed_scenarios = 0;          // taken from checkpoints or other parts
  std::optional<std::uint64_t> audited_blocks;  // only where there were any
  std::uint64_t audit_mismatches = 0;           // of all workers of the run
  bool fell_back_to_cpu = false;
  std::uint64_t written_bytes = 0;  // of results
  // When a run last succeeded before this one; without a value, never.
  std::optional<double> earlier_success;
  // Where several jobs of one machine are watched: the label `name` of every metric. "": no label.
  std::string name;
};

// The same numbers, as a file of the result.
inline constexpr const char* kMetricsOutput = "metrics.prom";

// Whether the run delivered: complete, with a limit breached, or stopped early with results.
bool delivered(int exit_code);

// `summary`: a tailbit.summary/1, or null where there is no result; its metrics are then left out. Amounts are of the
// book. Numbers that are not known are left out too; none is ever NaN.
std::string metrics_text(const nlohmann::ordered_json& summary, const RunFacts& facts);

// The last success that a file of metrics tells of; absent where there is no such file or it tells of none.
std::optional<double> last_success_in(const std::string& path);

// Throws Failure (cannot_create_output) where a file of metrics could not be written: before a run, not after it.
void require_writable_metrics(const std::string& path);

// Replaces the file at once, the last success of the old one kept where this run did not deliver. Throws Failure.
void write_metrics(const std::string& path, const nlohmann::ordered_json& summary, RunFacts facts);

}  // namespace tailbit
