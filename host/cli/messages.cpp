#include "host/cli/messages.hpp"

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <unistd.h>

#include "host/io/log.hpp"
#include "host/io/text.hpp"
#include "host/io/trace.hpp"

namespace tailbit::cli {
namespace {

using Json = nlohmann::ordered_json;

// The last value that the command line gives a flag, as "--flag VALUE" or "--flag=VALUE".
std::optional<std::string_view> value_of(std::string_view flag, int argc, char** argv) {
  std::optional<std::string_view> value;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") break;
    if (word == flag && i + 1 < argc) value = argv[i + 1];
    if (word.starts_with(flag) && word.substr(flag.size()).starts_with('=')) value = word.substr(flag.size() + 1);
  }
  return value;
}

// What the environment says, or nothing and a warning where it is not understood.
template <class Parsed>
std::optional<Parsed> from_environment(const char* variable, std::optional<Parsed> (*parse)(std::string_view),
                                       const char* choices, std::vector<std::string>& warnings) {
  const char* text = std::getenv(variable);
  if (text == nullptr || text[0] == '\0') return std::nullopt;
  const std::optional<Parsed> parsed = parse(text);
  if (!parsed) warnings.push_back(std::string(variable) + "=" + text + " has no effect; use " + choices);
  return parsed;
}

}  // namespace

void set_up_messages(int argc, char** argv) {
  std::vector<std::string> warnings;
  auto format = from_environment("TAILBIT_LOG_FORMAT", log::parse_format, "text or json", warnings);
  auto level = from_environment("TAILBIT_LOG_LEVEL", log::parse_level, "error, warning, info or debug", warnings);
  // What is not understood here is refused when the command line is parsed.
  if (const auto asked = value_of("--log-format", argc, argv)) format = log::parse_format(*asked);
  if (const auto asked = value_of("--log-level", argc, argv)) level = log::parse_level(*asked);
  log::set_format(format.value_or(log::Format::text));
  log::set_level(level.value_or(format == log::Format::json ? log::Level::info : log::Level::warning));
  for (std::string& warning : begin_trace(std::getenv("TRACEPARENT"), std::getenv("TRACESTATE")))
    warnings.push_back(std::move(warning));
  for (const std::string& warning : warnings) log::warning("environment", warning);
}

void add_message_options(CLI::App& app) {
  app.add_option("--log-format", "Messages on stderr: text, or json with an object a line (TAILBIT_LOG_FORMAT)")
      ->check(CLI::IsMember({"text", "json"}))
      ->group("Messages");
  app.add_option("--log-level", "Least that is told: error, warning, info or debug (TAILBIT_LOG_LEVEL)")
      ->check(CLI::IsMember({"error", "warning", "info", "debug"}))
      ->group("Messages");
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) add_message_options(*command);
}

void log_warnings(const Json& warnings) {
  for (const Json& warning : warnings) log::warning("warning", warning.get<std::string>());
}

std::function<void(std::uint64_t, std::uint64_t)> make_progress() {
  const bool json_log = log::format() == log::Format::json;
  return [json_log, terminal = !json_log && isatty(STDERR_FILENO) != 0, shown = std::uint64_t{0}](
             std::uint64_t done, std::uint64_t of) mutable {
    const std::uint64_t steps = terminal ? 50 : 10;
    const std::uint64_t now = done * steps / of;
    if (now == shown) return;
    shown = now;
    const Json counts{{"scenarios_done", done}, {"scenarios", of}};
    if (json_log) {
      log::info("progress", std::to_string(done) + " of " + std::to_string(of) + " scenarios", counts);
    } else if (terminal) {
      log::to_stderr("\r[" + std::string(now, '#') + std::string(steps - now, ' ') + "]" +
                     (now == steps ? "\r\033[K" : ""));
    } else {
      Json line{{"event", "progress"}};
      line.update(counts);
      log::to_stderr(line.dump() + "\n");
    }
  };
}

}  // namespace tailbit::cli
