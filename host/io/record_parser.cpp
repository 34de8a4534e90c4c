#include "host/io/record_parser.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "host/io/limits.hpp"
#include "host/io/problems.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

namespace ondemand = simdjson::ondemand;
using ondemand::json_type;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether the text is a number of JSON and nothing else.
bool is_json_number(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t before = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > before;
  };
  const auto take = [&](char c) { return i < text.size() && text[i] == c && ++i > 0; };
  take('-');
  if (!take('0') && !digits()) return false;
  if (take('.') && !digits()) return false;
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    if (!digits()) return false;
  }
  return i == text.size();
}

// The value of a field, itself rather than a copy. Copying what was written piece by piece a moment ago stalls the
// processor, which took a third of the time.
[[gnu::always_inline]] inline ondemand::value& value_of(simdjson::simdjson_result<ondemand::field>& field) {
  return const_cast<ondemand::field&>(field.value_unsafe()).value();
}

// A scalar as it is written.
[[gnu::always_inline]] inline std::string_view token_of(ondemand::value& value) {
  std::string_view token = value.raw_json_token();
  while (!token.empty() &&
         (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t'))
    token.remove_suffix(1);
  return token;
}

bool is_container(std::string_view token) { return token.front() == '{' || token.front() == '['; }

// A text without its quotes, which token_of left there. Escapes are rare. The parser is made to go past it: left to
// itself it would take a text before a colon for a key, wherever that stands.
[[gnu::always_inline]] inline bool read_text(ondemand::value& value, std::string_view token, std::string_view& out) {
  if (token.size() < 2 || token.back() != '"') return false;
  out = token.substr(1, token.size() - 2);
  if (std::memchr(out.data(), '\\', out.size()) == nullptr)
    return value.get_raw_json_string().error() == simdjson::SUCCESS;
  return value.get_string().get(out) == simdjson::SUCCESS;
}

// Whether a token that opens no container is well-formed.
[[gnu::always_inline]] inline bool is_scalar(ondemand::value& value, std::string_view token) {
  std::string_view text;
  if (token.front() == '"') return read_text(value, token, text);
  return is_json_number(token) || token == "true" || token == "false" || token == "null";
}

// The same, and takes what it says.
[[gnu::always_inline]] inline bool read_scalar(ondemand::value& value, std::string_view token, JsonCell& out) {
  using Kind = JsonCell::Kind;
  out.text = token;
  if (token.front() == '"') {
    out.kind = Kind::text;
    return read_text(value, token, out.text);
  }
  if (token.front() == '-' || is_digit(token.front())) {
    out.kind = Kind::number;
    return value.get_double().get(out.number) == simdjson::SUCCESS;
  }
  out.kind = token == "null" ? Kind::null : Kind::boolean;
  return token == "true" || token == "false" || token == "null";
}

// Names are short, and compared for every value: without a call.
[[gnu::always_inline]] inline bool same(const char* a, const char* b, std::size_t size) {
  const auto word = [](const char* at) {
    std::uint64_t bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
  };
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  if (size < kWord) return std::equal(a, a + size, b);
  for (std::size_t i = 0; i + kWord < size; i += kWord) {
    if (word(a + i) != word(b + i)) return false;
  }
  return word(a + size - kWord) == word(b + size - kWord);
}

// The key as it is written up to its closing quote, which comes before `end`.
std::string_view written(const char* key, const char* end) {
  const void* quote = std::memchr(key, '"', static_cast<std::size_t>(end - key));
  return {key, static_cast<std::size_t>(static_cast<const char*>(quote) - key)};
}

// A key's name, unescaped.
template <class Field>
bool read_name(Field& field, const char* end, std::string_view& out) {
  ondemand::raw_json_string raw;
  if (field.key().get(raw) != simdjson::SUCCESS) return false;
  out = written(raw.raw(), end);
  if (out.find('\\') == std::string_view::npos) return true;
  return field.unescaped_key().get(out) == simdjson::SUCCESS;
}

}  // namespace

bool RecordParser::open(std::string_view text) {
  end_ = text.data() + text.size();
  const auto error = parser_.iterate(text, text.size() + simdjson::SIMDJSON_PADDING).get(document_);
  if (error == simdjson::MEMALLOC) throw std::bad_alloc();
  return error == simdjson::SUCCESS;
}

// Where the document goes on; nullptr at its end.
const char* RecordParser::place() {
  const char* here = nullptr;
  return document_.current_location().get(here) == simdjson::SUCCESS ? here : nullptr;
}

std::optional<std::size_t> RecordParser::list(std::string_view piece, RecordList& list) {
  Array array;
  if (!open(piece) || document_.get_array().get(array) != simdjson::SUCCESS) return std::nullopt;
  const auto count = elements(array, list);
  return count && (list.stopped || place() == nullptr) ? count : std::nullopt;
}

bool RecordParser::frame(std::string_view document, Value& value) {
  Object object;
  if (!open(document) || document_.get_object().get(object) != simdjson::SUCCESS) return false;
  auto fields = object.begin();
  if (fields.error() != simdjson::SUCCESS) return false;
  auto field = *fields;
  return field.value().get(value) == simdjson::SUCCESS;
}

const char* RecordParser::framed_list(std::string_view document, RecordList& list) {
  Value value;
  Array array;
  if (!frame(document, value) || value.get_array().get(array) != simdjson::SUCCESS) return nullptr;
  return elements(array, list) ? place() : nullptr;
}

const char* RecordParser::framed_map(std::string_view document, std::size_t depth, const TakeMember& take,
                                     bool& stopped) {
  Value map;
  Object object;
  if (!frame(document, map) || map.get_object().get(object) != simdjson::SUCCESS) return nullptr;
  for (auto field : object) {
    if (field.error() != simdjson::SUCCESS) return nullptr;
    std::string_view name;
    JsonCell out;
    if (!read_name(field, end_, name) || !any(value_of(field), out, depth + 1)) return nullptr;
    if (!take(name, out)) {
      stopped = true;
      break;
    }
  }
  return place();
}

bool RecordParser::line(std::string_view line, std::size_t number, RecordKeys& keys, const RecordProblem& problem,
                        const TakeRecord& take, bool& stopped) {
  Object object;
  if (!open(line) || document_.get_object().get(object) != simdjson::SUCCESS || !record(object, keys, 1) ||
      place() != nullptr) {
    return false;
  }
  tell(number, keys, problem);
  stopped = !take(cells_, number);
  return true;
}

std::optional<std::size_t> RecordParser::elements(Array array, RecordList& list) {
  std::size_t index = list.first;
  for (auto element : array) {
    Value value;
    json_type type{};
    if (element.get(value) != simdjson::SUCCESS || value.type().get(type) != simdjson::SUCCESS) return std::nullopt;
    Object object;
    const bool taken = index < list.taken;
    if (taken || type != json_type::object) {
      if (!skip(value, list.depth)) return std::nullopt;
      if (!taken) list.problem(index, "", "is not an object", "write { ... }");
    } else {
      if (value.get_object().get(object) != simdjson::SUCCESS || !record(object, list.keys, list.depth))
        return std::nullopt;
      tell(index, list.keys, list.problem);
      list.stopped = !list.take(cells_, index);
    }
    list.taken = std::max(list.taken, ++index);
    if (list.stopped) break;
  }
  return index - list.first;
}

// What was found about the record's keys; only once the whole of it is known to be sound.
void RecordParser::tell(std::size_t number, const RecordKeys& keys, const RecordProblem& problem) {
  for (const std::size_t k : repeated_) {
    const std::string& name = keys.keys_[k].name;
    problem(number, name, "the key " + in_quotes(name) + " is there twice", "keep one of them");
  }
  std::vector<std::string> known;
  for (std::size_t k = 0; k < keys.known_ && !unknown_.empty(); ++k) known.push_back(keys.keys_[k].name);
  for (const std::string& name : unknown_) {
    problem(number, name, "the key " + in_quotes(name) + " is unknown" + did_you_mean(name, known),
            "correct or remove it");
  }
}

bool RecordParser::record(Object object, RecordKeys& keys, std::size_t depth) {
  if (depth > limits::kDeepestNesting) return false;
  cells_.assign(keys.cells_, {});
  repeated_.clear();
  unknown_.clear();
  ++keys.records_;
  std::size_t previous = kNone;
  for (auto field : object) {
    ondemand::raw_json_string raw;
    if (field.error() != simdjson::SUCCESS || field.key().get(raw) != simdjson::SUCCESS) return false;
    // Records tend to have their keys in the same order.
    std::size_t k = previous == kNone ? keys.first_ : keys.keys_[previous].follower;
    std::string_view name = keys.keys_[k].name;
    const bool as_expected = static_cast<std::size_t>(end_ - raw.raw()) > name.size() &&
                             raw.raw()[name.size()] == '"' && same(raw.raw(), name.data(), name.size());
    if (!as_expected) {
      if (!read_name(field, end_, name)) return false;
      k = keys.place_of(name);
      (previous == kNone ? keys.first_ : keys.keys_[previous].follower) = k;
    }
    if (k >= keys.known_ && keys.on_unknown_ == UnknownKeys::problem) unknown_.emplace_back(name);
    RecordKeys::Key& key = keys.keys_[k];
    if (key.latest_record == keys.records_) repeated_.push_back(k);
    if (k != keys.known_ + limits::kMostUnknownKeys) key.latest_record = keys.records_;
    if (!member(value_of(field), key, depth + 1)) return false;
    previous = k;
  }
  return true;
}

// A value of a record.
[[gnu::always_inline]] inline bool RecordParser::member(Value& value, const RecordKeys::Key& key, std::size_t depth) {
  const std::string_view token = token_of(value);
  if (is_container(token)) return container(value, key, depth);
  return key.read ? read_scalar(value, token, cells_[key.cell]) : is_scalar(value, token);
}

// A list or object of a record, and those of an object's keys that are of interest.
bool RecordParser::container(Value& value, const RecordKeys::Key& key, std::size_t depth) {
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (key.read) cells_[key.cell].kind = type == json_type::object ? JsonCell::Kind::object : JsonCell::Kind::list;
  if (key.inside.empty() || type != json_type::object) return skip(value, depth);
  Object object;
  if (depth > limits::kDeepestNesting || value.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto field : object) {
    std::string_view name;
    if (field.error() != simdjson::SUCCESS || !read_name(field, end_, name)) return false;
    const auto found = std::find(key.inside.begin(), key.inside.end(), name);
    JsonCell unread;
    JsonCell& cell = found == key.inside.end()
                         ? unread
                         : cells_[key.first_inside + static_cast<std::size_t>(found - key.inside.begin())];
    if (!any(value_of(field), cell, depth + 1)) return false;
  }
  return true;
}

bool RecordParser::any(Value& value, JsonCell& out, std::size_t depth) {
  const std::string_view token = token_of(value);
  if (!is_container(token)) return read_scalar(value, token, out);
  out.kind = token.front() == '{' ? JsonCell::Kind::object : JsonCell::Kind::list;
  return skip(value, depth);
}

// Goes over a value of no use; false if it is not well-formed.
bool RecordParser::skip(Value& value, std::size_t depth) {
  const std::string_view token = token_of(value);
  if (!is_container(token)) return is_scalar(value, token);
  if (depth > limits::kDeepestNesting) return false;
  if (token.front() == '[') {
    Array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return false;
    for (auto element : array) {
      Value member;
      if (element.get(member) != simdjson::SUCCESS || !skip(member, depth + 1)) return false;
    }
    return true;
  }
  Object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto field : object) {
    std::string_view name;
    if (field.error() != simdjson::SUCCESS || !read_name(field, end_, name)) return false;
    if (!skip(value_of(field), depth + 1)) return false;
  }
  return true;
}

}  // namespace tailbit
