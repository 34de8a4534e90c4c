#include "host/cli/command_tree.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include "host/io/schemas.hpp"

namespace tailbit::cli {
namespace {

// Values that no validator lists: what is usually given.
std::optional<std::vector<std::string>> usual_words(const std::string& command, const std::string& option) {
  if (option == "--device") return std::vector<std::string>{"auto", "cpu", "cuda", "cuda:all"};
  if (option == "--shard") return std::vector<std::string>{"auto"};
  if (command == "schema" && option == "NAME") return schema_names();
  return std::nullopt;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// CLI11 describes a value as "TEXT:INTEGER", "TEXT:{double,single}" or "FLOAT:FLOAT in [0 - 1]": a type, then what its
// validators say.
Value value_of(const CLI::Option& option, const std::string& command, const std::string& name) {
  if (option.get_items_expected_max() == 0) return {};
  const std::string type = option.get_type_name();
  const std::string last = type.substr(type.rfind(':') == std::string::npos ? 0 : type.rfind(':') + 1);
  Value value{Value::Kind::text, last.substr(0, last.find(' ')), {}};
  if (last.size() > 2 && last.front() == '{' && last.back() == '}') {
    value.kind = Value::Kind::words;
    value.words = split(last.substr(1, last.size() - 2), ',');
    value.label = joined(value.words, "|");
  } else if (const auto usual = usual_words(command, name)) {
    value.kind = Value::Kind::words;
    value.words = *usual;
  } else if (last == "PATH" || (option.get_positional() && last == "TEXT")) {
    value.kind = Value::Kind::path;
  }
  if (option.get_positional()) value.label = name;
  return value;
}

// The formatter puts examples in front of the description; main writes those of the program there itself.
void read_description(const CLI::App& app, Command& command) {
  const auto formatter = std::dynamic_pointer_cast<CLI::Formatter>(app.get_formatter());
  std::istringstream lines(formatter ? formatter->make_description(&app) : app.get_description());
  bool in_examples = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "Examples:") {
      in_examples = true;
    } else if (in_examples && line.rfind("  ", 0) == 0) {
      command.examples.push_back(line.substr(2));
    } else if (!line.empty()) {
      in_examples = false;
      // What the formatter adds about required options is said option by option.
      if (command.description.empty()) command.description = line;
    }
  }
}

void read_options(const CLI::App& app, Command& command) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      const std::string name = option->get_name(true);
      command.positionals.push_back({name, option->get_description(), value_of(*option, command.name(), name),
                                     option->get_required(),
                                     option->get_items_expected_max() >= CLI::detail::expected_max_vector_size});
    } else if (!option->get_group().empty()) {
      Flag flag;
      for (const std::string& name : option->get_snames()) flag.names.push_back("-" + name);
      for (const std::string& name : option->get_lnames()) flag.names.push_back("--" + name);
      flag.description = option->get_description();
      flag.value = value_of(*option, command.name(), flag.names.back());
      command.flags.push_back(std::move(flag));
    }
  }
}

Command read_command(const CLI::App& app, std::vector<std::string> path) {
  Command command;
  command.path = std::move(path);
  read_description(app, command);
  read_options(app, command);
  for (const CLI::App* inner : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::vector<std::string> below = command.path;
    below.push_back(inner->get_name());
    command.commands.push_back(read_command(*inner, std::move(below)));
  }
  return command;
}

}  // namespace

std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

std::string Command::name() const { return joined(path, " "); }

Command command_tree(const CLI::App& app) { return read_command(app, {}); }

std::vector<const Command*> all_commands(const Command& tree) {
  std::vector<const Command*> found{&tree};
  for (const Command& inner : tree.commands) {
    const std::vector<const Command*> below = all_commands(inner);
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

}  // namespace tailbit::cli
