// Completion in zsh: a function per command, all through _arguments.
#include "host/cli/completion.hpp"

namespace tailbit::cli {
namespace {

std::string zsh_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// With a backslash before each of `special`.
std::string escaped(const std::string& text, const std::string& special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string function_name(const Command& command) {
  std::string name = "_tailbit";
  for (const std::string& word : command.path) name += "_" + word;
  return name;
}

// ":message:action"
std::string action(const Value& value) {
  const std::string message = ":" + escaped(value.label, ":");
  switch (value.kind) {
    case Value::Kind::none: return "";
    case Value::Kind::path: return message + ":_files";
    case Value::Kind::text: return message + ": ";
    case Value::Kind::words: {
      std::string words;
      for (const std::string& word : value.words) words += (words.empty() ? "" : " ") + escaped(word, ":");
      return message + ":(" + words + ")";
    }
  }
  return "";
}

std::string flag_lines(const Command& command) {
  std::string lines;
  for (const Flag& flag : command.flags) {
    for (const std::string& name : flag.names) {
      lines += "    " +
               zsh_quoted(name + (flag.value.kind == Value::Kind::none ? "" : "=") + "[" +
                          escaped(flag.description, "[]\\") + "]" + action(flag.value)) +
               " \\\n";
    }
  }
  return lines;
}

std::string positional_lines(const Command& command) {
  if (!command.commands.empty()) {
    // Alternatives with descriptions are the form ((name\:text ...)); the text is zsh_quoted within.
    std::string spec = "1:command:((";
    for (const Command& inner : command.commands)
      spec += inner.path.back() + "\\:\"" + escaped(inner.description, "\\\"$`:") + "\" ";
    spec.back() = ')';
    return "    " + zsh_quoted(spec + ")") + " \\\n    '*:: :->below'\n";
  }
  std::string lines;
  int place = 0;
  for (const Positional& positional : command.positionals) {
    const std::string where = positional.many ? "*" : std::to_string(++place) + (positional.required ? "" : ":");
    lines += "    " + zsh_quoted(where + action(positional.value)) + " \\\n";
  }
  return lines + "    && return 0\n";
}

std::string function_of(const Command& command) {
  std::string text = function_name(command) +
                     "() {\n"
                     "  local curcontext=$curcontext state line\n"
                     "  typeset -A opt_args\n"
                     "  _arguments -C \\\n" +
                     flag_lines(command) + positional_lines(command);
  if (!command.commands.empty()) {
    text += "  [[ $state == below ]] || return 0\n  case $words[1] in\n";
    for (const Command& inner : command.commands)
      text += "    " + inner.path.back() + ") " + function_name(inner) + " ;;\n";
    text += "  esac\n";
  }
  return text + "}\n\n";
}

}  // namespace

std::string zsh_completion(const Command& tree) {
  std::string text = "#compdef tailbit\n# Completion of tailbit in zsh; made by `tailbit completion zsh`.\n\n";
  for (const Command* command : all_commands(tree)) text += function_of(*command);
  // Loaded by compinit, this file is the body of _tailbit at its first call; sourced, it says whom it completes.
  return text + "if [[ $funcstack[1] == _tailbit ]]; then\n  _tailbit \"$@\"\nelse\n  compdef _tailbit tailbit\nfi\n";
}

}  // namespace tailbit::cli
