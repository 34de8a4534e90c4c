// Messages to people and log collectors: the one place that writes to stderr. Results never pass here.
//
// As text, a line is "tailbit: MESSAGE" for errors and "tailbit: LEVEL: MESSAGE" for the rest; as JSON, an object with
// `time` (UTC, milliseconds), `level`, `event`, `message`, the fields of the process and of the message, and `trace_id`
// and `span_id` where there is a trace (host/io/trace.hpp). A line is one write(2), and a JSON line never longer than
// what a pipe takes at once, so lines of several processes do not mix.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "host/io/problems.hpp"

namespace tailbit::log {

enum class Level { error, warning, info, debug };
enum class Format { text, json };

const char* name(Level level);
std::optional<Level> parse_level(std::string_view text);
std::optional<Format> parse_format(std::string_view text);

// Text and warnings, until told otherwise.
void set_format(Format format);
Format format();
void set_level(Level level);
// Whether messages of this level are written.
bool shows(Level level);

using Fields = nlohmann::ordered_json;  // an object, or null for none

// Every JSON line from now on has this field; null takes it away again. For what a reader joins lines by: run_id,
// stage.
void set_field(const std::string& name, const nlohmann::ordered_json& value);

// Of a rank of a run on several, but the first: lines have the field `rank`, and messages as text begin with it.
void set_rank(int rank);

// `event` is a short fixed word for machines; `message` is for people.
void write(Level level, std::string_view event, std::string_view message, const Fields& fields = nullptr);
inline void warning(std::string_view event, std::string_view message, const Fields& fields = nullptr) {
  write(Level::warning, event, message, fields);
}
inline void info(std::string_view event, std::string_view message, const Fields& fields = nullptr) {
  write(Level::info, event, message, fields);
}
inline void debug(std::string_view event, std::string_view message, const Fields& fields = nullptr) {
  write(Level::debug, event, message, fields);
}

// Why the program ends, with its exit code: the event `failed`. As JSON, each problem of the inputs goes before it, in
// a line of its own (event `problem`; fields file, place, problem, remedy).
void failure(const Failure& failure);

// Bytes as they are, in one write where the system takes them at once. For progress.
void to_stderr(std::string_view bytes);

// What the lines above are made by.
struct Entry {
  std::int64_t unix_milliseconds = 0;
  Level level = Level::info;
  std::string event, message;
  Fields fields;
};
// POSIX lets a pipe take this much without mixing it with other writers' bytes.
inline constexpr std::size_t kMostJsonLine = 4096;
// With the line's end. Bytes that are not UTF-8 become U+FFFD. Too long a line has its longest texts cut, and says so
// in the field `cut`.
std::string json_line(const Entry& entry, const Fields& of_process);
std::string text_line(const Entry& entry, bool colour);
// "2026-03-27T08:00:00.123Z"
std::string time_text(std::int64_t unix_milliseconds);

}  // namespace tailbit::log
