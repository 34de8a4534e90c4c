// Commands and flags of the program.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace tailbit::cli {

// Adds every command; `exit_code` is set by the command that runs.
void add_commands(CLI::App& app, int& exit_code);

// Each in a file of its own.
void add_import(CLI::App& app);
void add_init(CLI::App& app);
void add_describe(CLI::App& app);
void add_replay(CLI::App& app);
void add_schema(CLI::App& app);
void add_price(CLI::App& app, int& exit_code);

// " (did you mean --x?)" for the first argument that no command knows.
std::string suggestion(const CLI::App& app, int argc, char** argv);

}  // namespace tailbit::cli
