// JSON files, read so that every complaint names its place. A reader takes its keys one by one, then refuses the rest:
//
//   JsonObject market(file.root());
//   market.schema("tailbit.market/1");
//   market.required("spot", out.spot, Positive{});       // missing, of the wrong type or out of range: a problem
//   market.defaulted("drift", out.drift);                // keeps its value when missing
//   market.no_other_keys();                              // did you mean ...?
//
// JsonObject is also the visitor that a family's `fields` is called with (tailbit/instruments/terms.hpp).
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/problems.hpp"
#include "tailbit/core/time.hpp"
#include "tailbit/instruments/terms.hpp"

namespace tailbit {

// A value with its place: what is wrong with it can be told.
class JsonNode {
 public:
  JsonNode(const nlohmann::json& value, const std::string& file, std::string path, ExitCode code, Problems& problems)
      : value_(&value), file_(&file), path_(std::move(path)), code_(code), problems_(&problems) {}

  const nlohmann::json& value() const { return *value_; }
  // The value as the user wrote it, shortened to a few words.
  std::string shown() const;

  JsonNode member(const std::string& key) const { return at((*value_)[key], key); }
  JsonNode element(std::size_t i) const { return at((*value_)[i], std::to_string(i)); }
  // The node's elements; a problem and none if it is not a list.
  std::vector<JsonNode> elements() const;

  void problem(const std::string& what, const std::string& remedy) const;

 private:
  JsonNode at(const nlohmann::json& value, const std::string& key) const;

  const nlohmann::json* value_;
  const std::string* file_;
  std::string path_;  // "/underlyings/BTC"
  ExitCode code_;
  Problems* problems_;
};

// A file's content, if it is well-formed JSON without repeated keys. Nodes refer to it.
class JsonFile {
 public:
  JsonFile(std::string path, ExitCode bad_content, Problems& problems);
  // The same of a text that was read already, and is told of as the file's.
  JsonFile(std::string path, const std::string& text, ExitCode bad_content, Problems& problems);
  JsonFile(const JsonFile&) = delete;

  // Nothing if the file could not be read, which is then among the problems.
  std::optional<JsonNode> root() const;

  // To be called last by the file's reader: where it had nothing to say, the schema has its turn (host/io/schemas.hpp).
  void check_schema(const std::string& schema) const;

 private:
  void parse(const std::string& text);

  std::string path_;
  ExitCode code_;
  Problems& problems_;
  std::size_t problems_before_ = problems_.count();  // those of other files
  std::optional<nlohmann::json> content_;
};

// A span of time, written "1d" or as a number of years.
struct Duration {
  std::int64_t seconds = 0;
};

// Whether a list or object has more than `most` of what it holds, which is a problem.
bool refuse_too_many(const JsonNode& node, std::size_t most, const std::string& what);

// What a number must satisfy, besides terms.hpp's Positive.
struct Anything {};
struct NotNegative {};
template <class T>
struct Within {
  T least, most;
};

// Reads a value; on failure adds a problem and returns false.
bool read_json(const JsonNode& node, double& out);
bool read_json(const JsonNode& node, std::uint64_t& out);
bool read_json(const JsonNode& node, std::uint32_t& out);
bool read_json(const JsonNode& node, std::string& out);
bool read_json(const JsonNode& node, Timestamp& out);  // an expiry: a date alone means 08:00 UTC
bool read_json(const JsonNode& node, Duration& out);
bool read_name(const JsonNode& node, const std::vector<std::string>& names, std::size_t& index);
template <class Enum>
requires std::is_enum_v<Enum>
bool read_json(const JsonNode& node, Enum& out) {
  std::size_t index = 0;
  if (!read_name(node, {Spelling<Enum>::names.begin(), Spelling<Enum>::names.end()}, index)) return false;
  out = static_cast<Enum>(index);
  return true;
}
template <class T>
bool read_json(const JsonNode& node, std::vector<T>& out) {
  const std::size_t before = out.size();
  const std::vector<JsonNode> elements = node.elements();
  for (const JsonNode& element : elements) {
    T value{};
    if (read_json(element, value)) out.push_back(std::move(value));
  }
  return node.value().is_array() && out.size() == before + elements.size();
}

template <class T>
bool check(const JsonNode&, const T&, Anything) {
  return true;
}
bool check(const JsonNode& node, double value, Positive);
bool check(const JsonNode& node, double value, NotNegative);
template <class T>
bool check(const JsonNode& node, T value, Within<T> range) {
  if (value >= range.least && value <= range.most) return true;
  node.problem(node.shown() + " is out of range",
               "give a number from " + nlohmann::json(range.least).dump() + " to " + nlohmann::json(range.most).dump());
  return false;
}

class JsonObject {
 public:
  // Nothing, or something that is not an object (a problem), reads as if every key had been told of already.
  explicit JsonObject(const std::optional<JsonNode>& node);

  explicit operator bool() const { return node_.has_value(); }

  // Each returns whether `out` was read.
  template <class T, class Constraint = Anything>
  bool required(const std::string& key, T& out, Constraint constraint = {}) {
    return read(require(key), out, constraint);
  }
  template <class T, class Constraint = Anything>
  bool defaulted(const std::string& key, T& out, Constraint constraint = {}) {
    return read(find(key), out, constraint);
  }
  template <class T, class Constraint = Anything>
  bool optional(const std::string& key, std::optional<T>& out, Constraint constraint = {}) {
    T value{};
    if (!read(find(key), value, constraint)) return false;
    out = std::move(value);
    return true;
  }

  // A key that says which others there are; where it is wrong, nothing more is told of the object.
  template <class Enum>
  requires std::is_enum_v<Enum>
  void choice(const std::string& key, Enum& out) {
    const auto node = find(key);
    if (node && !read_json(*node, out)) node_.reset();
  }

  // The member, if there.
  std::optional<JsonNode> find(const std::string& key);
  // The member; a problem if it is not there.
  std::optional<JsonNode> require(const std::string& key);
  // A key of the format that this version cannot honour: a problem if it is there.
  void not_in_this_version(const std::string& key);

  // The first key of every file: which format and version this is.
  void schema(const std::string& expected);
  // Something about the object as a whole.
  void problem(const std::string& what, const std::string& remedy) const;
  // To be called last.
  void no_other_keys() const;

 private:
  template <class T, class Constraint>
  static bool read(const std::optional<JsonNode>& node, T& out, Constraint constraint) {
    T value{};
    if (!node || !read_json(*node, value) || !check(*node, value, constraint)) return false;
    out = std::move(value);
    return true;
  }

  std::optional<JsonNode> node_;
  std::vector<std::string> known_;  // keys asked for so far
};

}  // namespace tailbit
