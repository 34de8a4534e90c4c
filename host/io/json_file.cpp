#include "host/io/json_file.hpp"

#include <algorithm>
#include <limits>

#include "host/io/files.hpp"
#include "host/io/json_syntax.hpp"
#include "host/io/schemas.hpp"
#include "host/io/text.hpp"

namespace tailbit {

using nlohmann::json;

std::string JsonNode::shown() const {
  constexpr std::size_t kLongest = 40;
  if (value_->is_structured()) return value_->is_array() ? "this list" : "this object";
  const std::string text = value_->dump();
  return text.size() <= kLongest ? text : "this text";
}

std::vector<JsonNode> JsonNode::elements() const {
  std::vector<JsonNode> nodes;
  if (!value_->is_array()) {
    problem(shown() + " is not a list", "write [ ... ]");
    return nodes;
  }
  nodes.reserve(value_->size());
  for (std::size_t i = 0; i < value_->size(); ++i) nodes.push_back(element(i));
  return nodes;
}

void JsonNode::problem(const std::string& what, const std::string& remedy) const {
  problems_->add(code_, {*file_, path_.empty() ? "/" : path_, what, remedy});
}

JsonNode JsonNode::at(const json& value, const std::string& key) const {
  return {value, *file_, path_ + "/" + key, code_, *problems_};
}

JsonFile::JsonFile(std::string path, ExitCode bad_content, Problems& problems)
    : path_(std::move(path)), code_(bad_content), problems_(problems) {
  if (const auto text = read_file(path_, code_, problems_, limits::kMostJsonBytes)) parse(*text);
}

JsonFile::JsonFile(std::string path, const std::string& text, ExitCode bad_content, Problems& problems)
    : path_(std::move(path)), code_(bad_content), problems_(problems) {
  parse(text);
}

void JsonFile::parse(const std::string& text) {
  const std::vector<JsonFault> faults = json_faults(text, true);
  for (const JsonFault& fault : faults) problems_.add(code_, {path_, fault.where, fault.what, fault.remedy});
  if (faults.empty()) content_ = json::parse(text);
}

std::optional<JsonNode> JsonFile::root() const {
  if (!content_) return std::nullopt;
  return JsonNode(*content_, path_, "", code_, problems_);
}

void JsonFile::check_schema(const std::string& schema) const {
  if (content_ && problems_.count() == problems_before_) {
    tailbit::check_schema(*content_, schema, path_, code_, problems_);
  }
}

bool refuse_too_many(const JsonNode& node, std::size_t most, const std::string& what) {
  if (node.value().size() <= most) return false;
  node.problem("there are " + std::to_string(node.value().size()) + " " + what + ", more than the " +
                   std::to_string(most) + " that are read",
               "leave out what is not needed");
  return true;
}

bool read_json(const JsonNode& node, double& out) {
  if (!node.value().is_number()) {
    node.problem(node.shown() + " is not a number", "write a plain number");
    return false;
  }
  out = node.value().get<double>();
  return true;
}

bool read_json(const JsonNode& node, std::uint64_t& out) {
  if (!node.value().is_number_unsigned()) {
    node.problem(node.shown() + " is not a whole number from 0 to 2^64-1", "write a whole number");
    return false;
  }
  out = node.value().get<std::uint64_t>();
  return true;
}

bool read_json(const JsonNode& node, std::uint32_t& out) {
  std::uint64_t wide = 0;
  if (!read_json(node, wide) || !check(node, wide, Within<std::uint64_t>{0, std::numeric_limits<std::uint32_t>::max()}))
    return false;
  out = static_cast<std::uint32_t>(wide);
  return true;
}

bool read_json(const JsonNode& node, std::string& out) {
  if (!node.value().is_string()) {
    node.problem(node.shown() + " is not a text", "write it in quotes");
    return false;
  }
  out = node.value().get<std::string>();
  return true;
}

bool read_json(const JsonNode& node, Timestamp& out) {
  std::string text;
  if (!read_json(node, text)) return false;
  const auto expiry = parse_expiry(text);
  if (!expiry) {
    node.problem(node.shown() + " is not a UTC date and time",
                 "write \"2026-03-27T08:00:00Z\", or \"2026-03-27\" for 08:00 UTC");
    return false;
  }
  out = *expiry;
  return true;
}

bool read_json(const JsonNode& node, Duration& out) {
  const auto seconds = node.value().is_string()   ? parse_duration(node.value().get<std::string>())
                       : node.value().is_number() ? seconds_from_years(node.value().get<double>())
                                                  : std::nullopt;
  if (!seconds) {
    node.problem(node.shown() + " is not a duration of 1 second to 100 years",
                 "write \"90s\", \"15m\", \"8h\", \"1d\" or a number of years");
    return false;
  }
  out.seconds = *seconds;
  return true;
}

bool read_name(const JsonNode& node, const std::vector<std::string>& names, std::size_t& index) {
  std::string text;
  if (!read_json(node, text)) return false;
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + in_quotes(name);
    node.problem(node.shown() + " is not understood here" + did_you_mean(text, names), "known: " + list);
    return false;
  }
  index = static_cast<std::size_t>(found - names.begin());
  return true;
}

bool check(const JsonNode& node, double value, Positive) {
  if (value > 0.0) return true;
  node.problem(node.shown() + " is not above 0", "give a positive number");
  return false;
}

bool check(const JsonNode& node, double value, NotNegative) {
  if (value >= 0.0) return true;
  node.problem(node.shown() + " is negative", "give 0 or more");
  return false;
}

JsonObject::JsonObject(const std::optional<JsonNode>& node) {
  if (!node) return;
  if (!node->value().is_object()) {
    node->problem(node->shown() + " is not an object", "write { ... }");
    return;
  }
  node_ = node;
}

std::optional<JsonNode> JsonObject::find(const std::string& key) {
  known_.push_back(key);
  if (!node_ || !node_->value().contains(key)) return std::nullopt;
  return node_->member(key);
}

std::optional<JsonNode> JsonObject::require(const std::string& key) {
  auto member = find(key);
  if (!member && node_) node_->problem("the key " + in_quotes(key) + " is missing", "add it");
  return member;
}

void JsonObject::not_in_this_version(const std::string& key) {
  if (const auto member = find(key)) member->problem(in_quotes(key) + " is not part of this version", "leave it out");
}

void JsonObject::schema(const std::string& expected) {
  std::string found;
  defaulted("$schema", found);  // for editors: where the JSON schema lies
  if (!required("schema", found) || found == expected) return;
  node_->member("schema").problem(in_quotes(found) + " is not a format that is read here",
                                  "this file must be " + in_quotes(expected));
}

void JsonObject::problem(const std::string& what, const std::string& remedy) const {
  if (node_) node_->problem(what, remedy);
}

void JsonObject::no_other_keys() const {
  if (!node_) return;
  for (const auto& [key, value] : node_->value().items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    node_->member(key).problem("the key " + in_quotes(key) + " is unknown" + did_you_mean(key, known_),
                               "correct or remove it");
  }
}

}  // namespace tailbit
