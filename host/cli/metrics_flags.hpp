// `run --metrics FILE`: how a run went, for a collector that reads files, such as node_exporter's textfile collector.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "host/report/metrics.hpp"

namespace tailbit::cli {

struct MetricsFlags {
  std::string file, name;  // no file: none is written
};
void add_metrics_flags(CLI::App& command, MetricsFlags& flags);

// Before a run: throws Failure where they could not be written.
void require_writable(const MetricsFlags& flags);
// After it: `summary` null where there is no result. What cannot be written is warned of.
void write_or_warn(const MetricsFlags& flags, const nlohmann::ordered_json& summary, RunFacts facts);
// What is known of a command that ended so; nothing where it has delivered, and told of its result.
void write_failure(const MetricsFlags& flags, RunFacts facts, int exit_code);

}  // namespace tailbit::cli
