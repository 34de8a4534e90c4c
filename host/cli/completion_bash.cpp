// Completion in bash: two tables in shell, and a function that walks the line. Written for plain bash; bash-completion
// may load it.
#include "host/cli/completion.hpp"

namespace tailbit::cli {
namespace {

constexpr const char* kHead = "# Completion of tailbit in bash; made by `tailbit completion bash`.\n\n";

constexpr const char* kWalk = R"bash(
_tailbit() {
  local line word current command='' place=0 after='' commands flags kind words
  # Words as blanks part them: bash parts them at = and : too.
  read -r -a line <<<"${COMP_LINE:0:COMP_POINT}"
  while [[ ${#line[@]} -gt 0 && ${line[0]} != "${COMP_WORDS[0]}" ]]; do line=("${line[@]:1}"); done
  [[ ${COMP_LINE:0:COMP_POINT} == *[[:blank:]] ]] && line+=('')
  current=${line[${#line[@]} - 1]}
  for word in "${line[@]:1:${#line[@]}-2}"; do
    _tailbit_command "$command"
    if [[ $after ]]; then
      after=''
    elif [[ $word == -* ]]; then
      _tailbit_value "$command $word"
      [[ $word != *=* && $kind != none ]] && after=$word
    elif [[ $place == 0 && " $commands " == *" $word "* ]]; then
      command="${command:+$command }$word"
    else
      place=$((place + 1))
    fi
  done
  _tailbit_command "$command"

  COMPREPLY=()
  local before=''
  if [[ $after ]]; then
    _tailbit_value "$command $after"
  elif [[ $current == --*=* ]]; then
    _tailbit_value "$command ${current%%=*}"
    [[ $COMP_WORDBREAKS == *=* ]] || before=${current%%=*}=
    current=${current#*=}
  elif [[ $current == -* ]]; then
    kind=words words=$flags
  else
    _tailbit_value "$command #$((place + 1))"
    [[ $kind == none ]] && _tailbit_value "$command #*"
    if [[ $place == 0 && $commands ]]; then kind=words words="$commands $words"; fi
  fi
  local IFS=$' \t\n'
  case $kind in
    words) mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "$current") ;;
    path)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -P "$before" -f -- "$current")
      ;;
  esac
  # What stands before a colon is a word of its own to readline.
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then COMPREPLY=("${COMPREPLY[@]#"${current%:*}:"}"); fi
}

complete -F _tailbit tailbit
)bash";

// One line of the second table. Nothing in it needs quoting: the names and words are the program's own.
std::string value_case(const std::string& pattern, const Value& value) {
  switch (value.kind) {
    case Value::Kind::none: return "";
    case Value::Kind::words: return "    " + pattern + ") kind=words words='" + joined(value.words, " ") + "' ;;\n";
    case Value::Kind::path: return "    " + pattern + ") kind=path ;;\n";
    case Value::Kind::text: return "    " + pattern + ") kind=text ;;\n";
  }
  return "";
}

std::string command_case(const Command& command) {
  std::vector<std::string> below;
  std::vector<std::string> flags;
  for (const Command& inner : command.commands) below.push_back(inner.path.back());
  for (const Flag& flag : command.flags) flags.insert(flags.end(), flag.names.begin(), flag.names.end());
  return "    '" + command.name() + "') commands='" + joined(below, " ") + "' flags='" + joined(flags, " ") + "' ;;\n";
}

std::string value_cases(const Command& command) {
  std::string lines;
  for (const Flag& flag : command.flags) {
    for (const std::string& name : flag.names) lines += value_case("'" + command.name() + " " + name + "'", flag.value);
  }
  int place = 0;
  for (const Positional& positional : command.positionals) {
    const std::string where = positional.many ? "*" : std::to_string(++place);
    lines += value_case("'" + command.name() + " #" + where + "'", positional.value);
  }
  return lines;
}

}  // namespace

std::string bash_completion(const Command& tree) {
  std::string commands;
  std::string values;
  for (const Command* command : all_commands(tree)) {
    commands += command_case(*command);
    values += value_cases(*command);
  }
  return std::string(kHead) +
         "_tailbit_command() { # COMMAND\n"
         "  commands='' flags=''\n"
         "  case $1 in\n" +
         commands +
         "  esac\n}\n\n"
         "_tailbit_value() { # \"COMMAND FLAG\" or \"COMMAND #PLACE\"\n"
         "  kind=none words=''\n"
         "  case $1 in\n" +
         values + "  esac\n}\n" + kWalk;
}

}  // namespace tailbit::cli
