#include "host/io/log.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <mutex>

#include <unistd.h>

#include "host/io/text.hpp"
#include "host/io/trace.hpp"

namespace tailbit::log {
namespace {

struct State {
  std::mutex mutex;
  Format format = Format::text;
  Level level = Level::warning;
  Fields of_process = Fields::object();
  std::string before_text;
};

State& state() {
  static State the_state;
  return the_state;
}

std::int64_t now_milliseconds() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && value[0] != '\0';
}

// Colour is for people at a terminal that knows it, and not for those who ask for none (no-color.org).
bool colours() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && !is_set("NO_COLOR") && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

std::string dump(const Fields& line) { return line.dump(-1, ' ', false, Fields::error_handler_t::replace) + "\n"; }

// The longest text among the values, or null.
Fields* longest_text(Fields& line) {
  Fields* longest = nullptr;
  for (auto& value : line) {
    if (value.is_string() && (longest == nullptr || value.get_ref<const std::string&>().size() >
                                                        longest->get_ref<const std::string&>().size())) {
      longest = &value;
    }
  }
  return longest;
}

// Without what a terminal would obey: users' files name things as they like.
std::string printable(const std::string& text) {
  constexpr const char* kHex = "0123456789abcdef";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t control = text[i] == '\n' || text[i] == '\t' ? 0 : control_at(text, i);
    if (control == 0) {
      result += text[i];
      continue;
    }
    for (std::size_t end = i + control; i < end; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      result += std::string("\\x") + kHex[byte / 16] + kHex[byte % 16];
    }
    --i;
  }
  return result;
}

// Half of a text, not ending within a character.
std::string first_half(const std::string& text) {
  std::size_t size = text.size() / 2;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0u) == 0x80u) --size;
  return text.substr(0, size);
}

void write_entry(const Entry& entry) {
  Format format;
  Fields of_process;
  std::string before_text;
  {
    const std::lock_guard lock(state().mutex);
    if (entry.level > state().level) return;
    format = state().format;
    of_process = state().of_process;
    before_text = state().before_text;
  }
  if (format == Format::json) return to_stderr(json_line(entry, of_process));
  // A progress bar may stand on the terminal's line.
  const char* const fresh_line = isatty(STDERR_FILENO) != 0 ? "\r\033[K" : "";
  Entry shown = entry;
  shown.message.insert(0, before_text);
  to_stderr(fresh_line + text_line(shown, colours()));
}

}  // namespace

const char* name(Level level) {
  switch (level) {
    case Level::error: return "error";
    case Level::warning: return "warning";
    case Level::info: return "info";
    case Level::debug: break;
  }
  return "debug";
}

std::optional<Level> parse_level(std::string_view text) {
  for (const Level level : {Level::error, Level::warning, Level::info, Level::debug}) {
    if (text == name(level)) return level;
  }
  return std::nullopt;
}

std::optional<Format> parse_format(std::string_view text) {
  if (text == "text") return Format::text;
  if (text == "json") return Format::json;
  return std::nullopt;
}

void set_format(Format format) {
  const std::lock_guard lock(state().mutex);
  state().format = format;
}

Format format() {
  const std::lock_guard lock(state().mutex);
  return state().format;
}

void set_level(Level level) {
  const std::lock_guard lock(state().mutex);
  state().level = level;
}

bool shows(Level level) {
  const std::lock_guard lock(state().mutex);
  return level <= state().level;
}

void set_field(const std::string& name, const nlohmann::ordered_json& value) {
  const std::lock_guard lock(state().mutex);
  if (value.is_null()) {
    state().of_process.erase(name);
  } else {
    state().of_process[name] = value;
  }
}

void set_rank(int rank) {
  set_field("rank", rank);
  const std::lock_guard lock(state().mutex);
  state().before_text = "rank " + std::to_string(rank) + ": ";
}

void write(Level level, std::string_view event, std::string_view message, const Fields& fields) {
  write_entry({now_milliseconds(), level, std::string(event), std::string(message), fields});
}

void failure(const Failure& failure) {
  const int code = static_cast<int>(failure.code());
  const auto* inputs = dynamic_cast<const InputProblems*>(&failure);
  if (inputs == nullptr || format() == Format::text)
    return write(Level::error, "failed", failure.what(), {{"exit_code", code}});
  for (const Problem& p : inputs->problems()) {
    write(Level::error, "problem", text_of(p),
          {{"file", p.file}, {"place", p.where}, {"problem", p.what}, {"remedy", p.remedy}, {"exit_code", code}});
  }
  write(Level::error, "failed",
        std::to_string(inputs->count()) + (inputs->count() == 1 ? " problem" : " problems") + " in the inputs",
        {{"exit_code", code}, {"problems", inputs->count()}, {"problems_shown", inputs->problems().size()}});
}

void to_stderr(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // there is nowhere left to say so
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string json_line(const Entry& entry, const Fields& of_process) {
  Fields line{{"time", time_text(entry.unix_milliseconds)},
              {"level", name(entry.level)},
              {"event", entry.event},
              {"message", entry.message}};
  for (const Fields* more : {&of_process, &entry.fields}) {
    for (const auto& [key, value] : more->items()) line[key] = value;
  }
  if (const std::optional<Trace>& context = trace()) {
    line["trace_id"] = context->trace_id;
    line["span_id"] = context->span_id;
  }
  std::string text = dump(line);
  while (text.size() > kMostJsonLine) {
    Fields* longest = longest_text(line);
    if (longest == nullptr || longest->get_ref<const std::string&>().empty()) break;
    *longest = first_half(longest->get<std::string>());
    line["cut"] = true;
    text = dump(line);
  }
  return text;
}

std::string text_line(const Entry& entry, bool colour) {
  std::string line = "tailbit: ";
  if (entry.level != Level::error) {
    const bool yellow = colour && entry.level == Level::warning;
    line += (yellow ? "\033[33m" : "") + std::string(name(entry.level)) + (yellow ? "\033[0m" : "") + ": ";
  }
  return line + printable(entry.message) + "\n";
}

std::string time_text(std::int64_t unix_milliseconds) {
  std::string text = timestamp_text({unix_milliseconds / 1000});
  const std::string fraction = std::to_string(unix_milliseconds % 1000 + 1000);  // 1ddd
  text.pop_back();                                                               // the Z
  return text + "." + fraction.substr(1) + "Z";
}

}  // namespace tailbit::log
