#include "host/cli/flags.hpp"

#include <charconv>
#include <memory>

#include "host/io/problems.hpp"
#include "host/io/text.hpp"

namespace tailbit::cli {

std::optional<std::uint64_t> parse_whole(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  return CLI::Validator(
      [least, most](std::string& text) -> std::string {
        const std::optional<std::uint64_t> value = parse_whole(text);
        if (value && *value >= least && *value <= most) return "";
        return "\"" + text + "\" is not a whole number from " + std::to_string(least) + " to " + std::to_string(most);
      },
      "INTEGER");
}

CLI::Validator not_empty() {
  return CLI::Validator([](std::string& text) { return text.empty() ? "the path is empty" : ""; }, "PATH");
}

CLI::Validator moment() {
  return CLI::Validator(
      [](std::string& text) {
        return parse_timestamp(text) ? "" : "\"" + text + "\" is not a moment such as 2026-03-27T08:00:00Z";
      },
      "TIME");
}

void refuse(const CLI::App& command, const std::string& kind, std::initializer_list<const char*> flags) {
  for (const char* flag : flags) {
    if (command.get_option(flag)->count() > 0)
      throw Failure(ExitCode::usage, std::string(flag) + " is not for " + kind + "; leave it out");
  }
}

void begin_help_with(CLI::App& command, const std::string& examples) {
  class ExamplesFirst : public CLI::Formatter {
   public:
    explicit ExamplesFirst(std::string lines) : lines_(std::move(lines)) {}
    std::string make_description(const CLI::App* app) const override {
      return "Examples:\n" + lines_ + "\n" + CLI::Formatter::make_description(app);
    }

   private:
    std::string lines_;
  };
  command.formatter(std::make_shared<ExamplesFirst>(examples));
}

}  // namespace tailbit::cli
