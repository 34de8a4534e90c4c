#include "host/io/json_syntax.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include <nlohmann/json.hpp>

#include "host/io/limits.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

using nlohmann::json;

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

// Goes through a text without building anything of it. nlohmann's parser would silently keep the last of repeated keys.
class FaultFinder : public nlohmann::json_sax<json> {
 public:
  FaultFinder(const std::string& text, bool repeated_keys) : text_(text), repeated_keys_(repeated_keys) {}

  // Only the first matters when it is one of syntax: keys before it may be an accident of what is broken.
  std::vector<JsonFault> faults() && { return broken_.empty() ? std::move(repeated_) : std::move(broken_); }

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
    if (key.size() > limits::kLongestName) {
      return beyond("the key " + in_quotes(key.substr(0, 40)) + "... has " + std::to_string(key.size()) +
                        " bytes, more than the " + std::to_string(limits::kLongestName) + " that are read",
                    "shorten it");
    }
    open_.back().key = key;
    if (repeated_keys_ && !open_.back().keys.insert(key).second && repeated_.size() < kMostRepeated)
      repeated_.push_back({path(), "the key " + in_quotes(key) + " is there twice", "keep one of them"});
    return true;
  }
  bool parse_error(std::size_t byte, const std::string& token, const json::exception& error) override {
    if (dynamic_cast<const json::out_of_range*>(&error) != nullptr) {
      broken_.push_back({place_of_byte(text_, byte - std::min(byte, token.size()) + 1),
                         "the number " + token + " does not fit a double", "write a number below 1.8e308"});
    } else {
      broken_.push_back({place_of_byte(text_, byte), parser_message(error.what()), "correct the JSON there"});
    }
    return false;
  }

 private:
  static constexpr std::size_t kMostRepeated = 1'000;  // far more than are shown
  struct Container {
    bool is_array;
    std::size_t elements = 0;
    std::string key;  // of the member being read
    std::set<std::string> keys;
  };
  // What ends the reading although the syntax is sound.
  bool beyond(const std::string& what, const std::string& remedy) {
    broken_.push_back({path(), what, remedy});
    return false;
  }
  bool element() {
    if (!open_.empty() && open_.back().is_array) ++open_.back().elements;
    if (++values_ <= limits::kMostJsonValues || !repeated_keys_) return true;
    return beyond("there are more than the " + std::to_string(limits::kMostJsonValues) + " values that are read",
                  "leave out what is not needed, or split the file");
  }
  bool open(bool is_array) {
    if (!element()) return false;
    open_.push_back({is_array, 0, "", {}});
    if (open_.size() <= limits::kDeepestNesting) return true;
    return beyond("is nested deeper than the " + std::to_string(limits::kDeepestNesting) + " levels that are read",
                  "leave it out");
  }
  bool close() {
    open_.pop_back();
    return true;
  }
  std::string path() const {
    std::string path;
    for (const Container& c : open_) {
      if (&c == &open_.back() && !c.is_array && c.key.empty()) break;  // nothing of it is read yet
      if (c.is_array && c.elements == 0) break;
      path += "/" + (c.is_array ? std::to_string(c.elements - 1) : c.key);
    }
    return path.empty() ? "/" : path;
  }

  const std::string& text_;
  bool repeated_keys_;  // of a tree, which is then held in memory
  std::size_t values_ = 0;
  std::vector<Container> open_;
  std::vector<JsonFault> broken_, repeated_;
};

}  // namespace

std::vector<JsonFault> json_faults(const std::string& text, bool repeated_keys) {
  FaultFinder finder(text, repeated_keys);
  json::sax_parse(text, &finder);
  return std::move(finder).faults();
}

}  // namespace tailbit
