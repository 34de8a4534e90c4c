// Checks of flags that several commands share.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

namespace tailbit::cli {

// Digits and nothing else: CLI11 would take -1 for 2^64 - 1 and 010 for 8.
std::optional<std::uint64_t> parse_whole(const std::string& text);

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most);

CLI::Validator not_empty();

// A date and time in UTC, whole seconds.
CLI::Validator moment();

// Fails if one of the flags, which are for another kind of file, is given.
void refuse(const CLI::App& command, const std::string& kind, std::initializer_list<const char*> flags);

// The command's help begins with these lines, each an example.
void begin_help_with(CLI::App& command, const std::string& examples);

}  // namespace tailbit::cli
