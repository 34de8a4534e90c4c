// The only file that knows valijson, which takes long to compile.
#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <new>
#include <stdexcept>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "host/io/schemas.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

using nlohmann::json;
using valijson::adapters::NlohmannJsonAdapter;
using Path = std::vector<std::string>;

constexpr std::uint64_t kMostSigned = std::numeric_limits<std::int64_t>::max();

// valijson uses what std::nothrow gives it without a look. So for as long, want of memory ends the process there and
// then, as it does where no handler is reached (host/cli/guard.cpp).
class EndsWithoutMemory {
 public:
  EndsWithoutMemory() : before_(std::set_new_handler(end)) {}
  EndsWithoutMemory(const EndsWithoutMemory&) = delete;
  EndsWithoutMemory& operator=(const EndsWithoutMemory&) = delete;
  ~EndsWithoutMemory() { std::set_new_handler(before_); }

 private:
  static void end() {
    try {
      throw std::bad_alloc();
    } catch (const std::bad_alloc&) {
      std::terminate();
    }
  }
  std::new_handler before_;
};

bool holds_wide_integer(const json& value) {
  if (value.is_structured()) return std::any_of(value.begin(), value.end(), holds_wide_integer);
  return value.is_number_unsigned() && value.get<std::uint64_t>() > kMostSigned;
}

// valijson takes whole numbers from 2^63 on for negative ones. No schema has a bound from there on but 2^64 - 1, so
// 2^63 - 1 stands for all of them, in schema and document.
void narrow_integers(json& value) {
  if (value.is_structured()) {
    for (json& member : value) narrow_integers(member);
  } else if (holds_wide_integer(value)) {
    value = kMostSigned;
  }
}

// valijson's "<root>", "[underlyings]", "[BTC]" without root and brackets.
Path path_of(const std::vector<std::string>& context) {
  Path path;
  for (std::size_t i = 1; i < context.size(); ++i) path.push_back(context[i].substr(1, context[i].size() - 2));
  return path;
}

std::string path_text(const Path& path) {
  std::string text;
  for (const std::string& step : path) text += "/" + step;
  return text.empty() ? "/" : text;
}

const json* value_at(const json& document, const Path& path) {
  const json* value = &document;
  for (const std::string& step : path) value = value->is_array() ? &value->at(std::stoul(step)) : &value->at(step);
  return value;
}

// The nearest description on the way to what the rest of the path leads to, from `rule` on; "" if there is none or the
// path does not lead through this rule.
class Descriptions {
 public:
  explicit Descriptions(const json& schema) : schema_(schema) {}

  std::string of(const Path& path) const { return find(schema_, path, 0); }

 private:
  std::string find(const json& rule, const Path& path, std::size_t depth) const {
    if (!rule.is_object()) return "";
    if (rule.contains("$ref")) {
      return find(schema_.at(json::json_pointer(rule["$ref"].get<std::string>().substr(1))), path, depth);
    }
    if (depth == path.size()) return rule.value("description", "");
    if (std::string found = find(child(rule, path[depth]), path, depth + 1); !found.empty()) return found;
    for (const json& part : rule.value("allOf", json::array())) {
      if (std::string found = find(part.value("then", part), path, depth); !found.empty()) return found;
    }
    return "";
  }

  // The rule for one member or element.
  static json child(const json& rule, const std::string& step) {
    const json properties = rule.value("properties", json::object());
    if (properties.contains(step)) return properties[step];
    return rule.value(rule.contains("items") ? "items" : "additionalProperties", json());
  }

  const json& schema_;
};

// Without the full stop.
std::string phrase(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

// The validator's sentence in our words; those left as they are say "Expected number greater than 0.000000", "Missing
// required property 'spot'." and the like.
std::string told(const std::string& description) {
  struct Wording {
    std::string_view theirs, ours;
  };
  constexpr std::array<Wording, 4> kWordings{{
      {"Value type not permitted", "it is of the wrong type"},
      {"Failed to match against any enum", "it is none of the known values"},
      {"Failed to match regex", "it is not written as it has to be"},
      {"Failed to match expected value", "it is not the one value that is known"},
  }};
  for (const auto& [theirs, ours] : kWordings) {
    if (description.starts_with(theirs)) return std::string(ours);
  }
  std::string text = phrase(description);
  constexpr std::string_view kBeforeKey = "constraints: ";
  if (const std::size_t at = text.find(kBeforeKey); at != std::string::npos) {
    return "it has the unknown key " + text.substr(at + kBeforeKey.size());
  }
  if (const std::size_t zeros = text.rfind(".000000"); zeros != std::string::npos) text.erase(zeros, 7);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

// Errors by place. The validator also says, for everything around an error, that it failed because of it; that is left
// out, unless nothing else was said inside.
std::vector<std::pair<Path, std::string>> places(const valijson::ValidationResults& results) {
  std::vector<std::pair<Path, std::string>> out;
  const auto lies_in = [](const Path& inner, const Path& outer) {
    return inner.size() >= outer.size() && std::equal(outer.begin(), outer.end(), inner.begin());
  };
  for (const auto& error : results) {
    const Path path = path_of(error.context);
    const bool follows = error.description.starts_with("Failed to validate") &&
                         std::any_of(out.begin(), out.end(), [&](const auto& e) { return lies_in(e.first, path); });
    if (follows) continue;
    const auto same = std::find_if(out.begin(), out.end(), [&](const auto& e) { return e.first == path; });
    if (same == out.end()) {
      out.emplace_back(path, told(error.description));
    } else {
      same->second += ", " + told(error.description);
    }
  }
  return out;
}

std::string shown(const json& value) {
  constexpr std::size_t kLongest = 40;
  if (value.is_structured()) return value.is_array() ? "this list" : "this object";
  const std::string text = value.dump();
  return text.size() <= kLongest ? text : "this text";
}

}  // namespace

void check_schema(const json& document, const std::string& schema, const std::string& file, ExitCode code,
                  Problems& problems) {
  const std::string_view text = schema_text(schema);
  if (text.empty()) throw std::logic_error("there is no schema " + schema);
  json rules = json::parse(text);
  narrow_integers(rules);
  const EndsWithoutMemory ends;
  valijson::Schema parsed;
  valijson::SchemaParser().populateSchema(NlohmannJsonAdapter(rules), parsed);

  json narrowed;
  const bool narrow = holds_wide_integer(document);
  if (narrow) {
    narrowed = document;
    narrow_integers(narrowed);
  }
  const NlohmannJsonAdapter target(narrow ? narrowed : document);
  valijson::Validator validator;
  if (validator.validate(parsed, target, nullptr)) return;  // the quick way

  valijson::ValidationResults results;
  validator.validate(parsed, target, &results);
  const Descriptions descriptions(rules);
  for (const auto& [path, what] : places(results)) {
    const std::string words = phrase(descriptions.of(path));
    problems.add(code,
                 {file, path_text(path),
                  shown(*value_at(document, path)) + " does not follow the schema " + schema + ": " + what,
                  words.empty() ? "see `tailbit schema " + schema + "`" : "the schema says: " + in_quotes(words)});
  }
}

}  // namespace tailbit
