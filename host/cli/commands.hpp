// Commands and flags of the program.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "host/ops/ranks.hpp"

namespace tailbit::cli {

// Adds every command of `tailbit`, or those of `tailbit-mpi`; `exit_code` is set by the command that runs.
void add_commands(CLI::App& app, int& exit_code, Ranks* ranks);

// Each in a file of its own.
void add_run(CLI::App& app, int& exit_code, Ranks* ranks);
void add_watch(CLI::App& app, int& exit_code);
void add_merge(CLI::App& app, int& exit_code);
void add_validate(CLI::App& app);
void add_import(CLI::App& app);
void add_init(CLI::App& app);
void add_calibrate(CLI::App& app);
void add_describe(CLI::App& app);
void add_replay(CLI::App& app);
void add_schema(CLI::App& app);
void add_verify(CLI::App& app, int& exit_code);
void add_attest(CLI::App& app);
void add_price(CLI::App& app, int& exit_code);
void add_backtest(CLI::App& app);
void add_completion(CLI::App& app);

// " (did you mean --x?)" for the first argument that no command knows.
std::string suggestion(const CLI::App& app, int argc, char** argv);

}  // namespace tailbit::cli
