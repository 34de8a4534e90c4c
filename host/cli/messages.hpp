// How the program talks on stderr: flags and environment of the log, warnings of results, progress.
#pragma once

#include <cstdint>
#include <functional>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace tailbit::cli {

// TAILBIT_LOG_FORMAT, TAILBIT_LOG_LEVEL, TRACEPARENT and TRACESTATE, then --log-format and --log-level wherever they
// stand: before the command line is parsed, so that its mistakes are told in the form asked for. JSON starts at level
// info, text at warning.
void set_up_messages(int argc, char** argv);

// --log-format and --log-level for the program and each of its commands, so that help lists and parsing checks them.
void add_message_options(CLI::App& app);

// The event `warning` for each text of a list.
void log_warnings(const nlohmann::ordered_json& warnings);

// Tells how far a run is: a bar on a terminal, a JSON line a tenth of the way otherwise, the event `progress` of a JSON
// log; on stderr, so that results stay clean.
std::function<void(std::uint64_t done, std::uint64_t of)> make_progress();

}  // namespace tailbit::cli
