#include "host/io/json_file.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <set>

#include "host/io/files.hpp"
#include "host/io/schemas.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

using nlohmann::json;

// Goes through the text once more and reports repeated keys, of which nlohmann silently keeps the last.
class RepeatedKeys : public nlohmann::json_sax<json> {
 public:
  using Report = std::function<void(const std::string& path, const std::string& key)>;
  explicit RepeatedKeys(Report report) : report_(std::move(report)) {}

  bool null() override { return element(); }
  bool boolean(bool) override { return element(); }
  bool number_integer(number_integer_t) override { return element(); }
  bool number_unsigned(number_unsigned_t) override { return element(); }
  bool number_float(number_float_t, const string_t&) override { return element(); }
  bool string(string_t&) override { return element(); }
  bool binary(binary_t&) override { return element(); }
  bool start_object(std::size_t) override { return open(false); }
  bool start_array(std::size_t) override { return open(true); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& key) override {
    open_.back().key = key;
    if (!open_.back().keys.insert(key).second) report_(path(), key);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override { return false; }

 private:
  struct Container {
    bool is_array;
    std::size_t elements = 0;
    std::string key;  // of the member being read
    std::set<std::string> keys;
  };
  bool element() {
    if (!open_.empty() && open_.back().is_array) ++open_.back().elements;
    return true;
  }
  bool open(bool is_array) {
    element();
    open_.push_back({is_array, 0, "", {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }
  std::string path() const {
    std::string path;
    for (const Container& c : open_) path += "/" + (c.is_array ? std::to_string(c.elements - 1) : c.key);
    return path;
  }

  Report report_;
  std::vector<Container> open_;
};

// "line 3, column 5" of the byte with this one-based number.
std::string place_of_byte(const std::string& text, std::size_t byte) {
  const std::size_t end = std::min(byte == 0 ? 0 : byte - 1, text.size());
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
  const std::size_t newline = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
  const std::size_t column = newline == std::string::npos ? end + 1 : end - newline;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// What the parser says, without its own prefix ("[json.exception...] parse error at line 1, column 2: ").
std::string parser_message(const char* what) {
  const char* column = std::strstr(what, "column ");
  const char* message = column ? std::strstr(column, ": ") : nullptr;
  return message ? message + 2 : what;
}

}  // namespace

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
  const auto text = read_file(path_, code_, problems_);
  if (!text) return;
  try {
    json content = json::parse(*text);
    bool sound = true;
    RepeatedKeys repeated([&](const std::string& where, const std::string& key) {
      sound = false;
      problems_.add(code_, {path_, where, "the key " + in_quotes(key) + " is there twice", "keep one of them"});
    });
    json::sax_parse(*text, &repeated);
    if (sound) content_ = std::move(content);
  } catch (const json::parse_error& error) {
    problems_.add(code_,
                  {path_, place_of_byte(*text, error.byte), parser_message(error.what()), "correct the JSON there"});
  } catch (const json::out_of_range& error) {
    // The message ends in the number as it is written, which is found again to tell the line.
    const std::string message = error.what();
    const std::string number = message.substr(message.find_last_of(' ') + 1);
    const std::string digits = number.size() > 2 ? number.substr(1, number.size() - 2) : number;
    const std::size_t at = text->find(digits);
    problems_.add(code_, {path_, at == std::string::npos ? "" : place_of_byte(*text, at + 1),
                          "the number " + digits + " does not fit a double", "write a number below 1.8e308"});
  }
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
