// The commands and flags of the program as plain data, read off the parser that takes them, so that completions and the
// man page cannot say anything else than `--help`.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace tailbit::cli {

// What may follow a flag, or stand in a positional's place.
struct Value {
  enum class Kind { none, words, path, text };
  Kind kind = Kind::none;
  std::string label;               // "INTEGER", "CONFIG", "double|single"; "" for a flag without a value
  std::vector<std::string> words;  // of kind words: what it may be, or usually is
};

struct Flag {
  std::vector<std::string> names;  // "-h", "--help"
  std::string description;
  Value value;
};

struct Positional {
  std::string name;
  std::string description;
  Value value;
  bool required = false;
  bool many = false;  // takes what is left of the line
};

struct Command {
  std::vector<std::string> path;  // {"init", "book"}; empty for the program
  std::string description;        // without the examples
  std::vector<std::string> examples;
  std::vector<Flag> flags;
  std::vector<Positional> positionals;
  std::vector<Command> commands;

  // "init book"
  std::string name() const;
};

Command command_tree(const CLI::App& app);

std::string joined(const std::vector<std::string>& parts, const std::string& separator);

// The command, and all below it, in the order of the help.
std::vector<const Command*> all_commands(const Command& tree);

}  // namespace tailbit::cli
