// Completion in fish: one `complete` per command, flag and value, each with the condition under which it holds.
#include "host/cli/completion.hpp"

namespace tailbit::cli {
namespace {

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// The line stands at this command, and at none below it.
std::string condition(const Command& command) {
  std::string below;
  for (const Command& inner : command.commands) below += " " + inner.path.back();
  if (command.path.empty()) return "not __fish_seen_subcommand_from" + below;
  std::string text;
  for (const std::string& word : command.path)
    text += (text.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
  return below.empty() ? text : text + "; and not __fish_seen_subcommand_from" + below;
}

std::string value_arguments(const Value& value) {
  switch (value.kind) {
    case Value::Kind::none: return "";
    case Value::Kind::words: return " -x -a " + fish_quoted(joined(value.words, " "));
    case Value::Kind::path: return " -r -F";
    case Value::Kind::text: return " -x";
  }
  return "";
}

std::string lines_of(const Command& command) {
  const std::string begin = "complete -c tailbit -n " + fish_quoted(condition(command));
  std::string lines;
  for (const Command& inner : command.commands)
    lines += begin + " -a " + inner.path.back() + " -d " + fish_quoted(inner.description) + "\n";
  for (const Flag& flag : command.flags) {
    std::string names;
    for (const std::string& name : flag.names)
      names += name.rfind("--", 0) == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1);
    lines += begin + names + value_arguments(flag.value) + " -d " + fish_quoted(flag.description) + "\n";
  }
  for (const Positional& positional : command.positionals) {
    if (positional.value.kind == Value::Kind::words) {
      lines += begin + " -a " + fish_quoted(joined(positional.value.words, " ")) + "\n";
    } else if (positional.value.kind == Value::Kind::path) {
      lines += begin + " -F\n";
    }
  }
  return lines;
}

}  // namespace

std::string fish_completion(const Command& tree) {
  std::string text =
      "# Completion of tailbit in fish; made by `tailbit completion fish`.\n\n"
      "complete -c tailbit -f\n";
  for (const Command* command : all_commands(tree)) text += lines_of(*command);
  return text;
}

}  // namespace tailbit::cli
