#include "host/io/family_schema.hpp"

#include <concepts>
#include <limits>
#include <string>

#include "host/io/json_file.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

using nlohmann::ordered_json;

// As parse_expiry reads it.
constexpr const char* kExpiryPattern =
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|\\+00:00))?$";

template <class T>
ordered_json rules_of() {
  if constexpr (std::is_enum_v<T>) {
    return {{"enum", Spelling<T>::names}};
  } else if constexpr (std::same_as<T, Timestamp>) {
    return {{"type", "string"}, {"pattern", kExpiryPattern}};
  } else if constexpr (std::unsigned_integral<T>) {
    return {{"type", "integer"}, {"minimum", 0}, {"maximum", std::numeric_limits<T>::max()}};
  } else {
    static_assert(std::same_as<T, double>, "say here what this type of term is in a schema");
    return {{"type", "number"}};
  }
}

void constrain(ordered_json&, Anything) {}
void constrain(ordered_json& rules, Positive) { rules["exclusiveMinimum"] = 0; }
[[maybe_unused]] void constrain(ordered_json& rules, NotNegative) { rules["minimum"] = 0; }
template <class T>
void constrain(ordered_json& rules, Within<T> range) {
  rules["minimum"] = range.least;
  rules["maximum"] = range.most;
}

template <class T>
ordered_json default_of(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return Spelling<T>::names[static_cast<std::size_t>(value)];
  } else if constexpr (std::same_as<T, Timestamp>) {
    return timestamp_text(value);
  } else {
    return value;
  }
}

// A definition that begins with the words there are about it; its examples come last.
class Words {
 public:
  explicit Words(const ordered_json& definitions) : definitions_(definitions) {}

  ordered_json with(const std::string& about, const ordered_json& rules) const {
    const auto words = definitions_.find("about." + about);
    if (words == definitions_.end()) return rules;
    ordered_json out = ordered_json::object();
    for (const char* key : {"title", "description"}) {
      if (words->contains(key)) out[key] = (*words)[key];
    }
    out.update(rules);
    if (words->contains("examples")) out["examples"] = (*words)["examples"];
    return out;
  }

 private:
  const ordered_json& definitions_;
};

// The visitor that a family's `fields` is called with.
class TermRules {
 public:
  TermRules(const Words& words, ordered_json& required, ordered_json& properties)
      : words_(words), required_(required), properties_(properties) {}

  template <class T, class Constraint = Anything>
  void required(const std::string& name, const T&, Constraint constraint = {}) {
    required_.push_back(name);
    add(name, rules_of<T>(), constraint);
  }
  template <class T, class Constraint = Anything>
  void defaulted(const std::string& name, const T& value, Constraint constraint = {}) {
    ordered_json rules = rules_of<T>();
    rules["default"] = default_of(value);
    add(name, std::move(rules), constraint);
  }
  template <class T, class Constraint = Anything>
  void optional(const std::string& name, const std::optional<T>&, Constraint constraint = {}) {
    add(name, rules_of<T>(), constraint);
  }

 private:
  template <class Constraint>
  void add(const std::string& name, ordered_json rules, Constraint constraint) {
    if (name == "vol") {  // as in read_instruments.cpp
      constrain(rules, Within<double>{kLeastVol, kMostVol});
    } else {
      constrain(rules, constraint);
    }
    properties_[name] = words_.with("term." + name, rules);
  }

  const Words& words_;
  ordered_json& required_;
  ordered_json& properties_;
};

// Keys of every contract are checked once, in `instrument`; here they are only known.
template <class Family>
ordered_json family_schema(const Words& words) {
  ordered_json required = ordered_json::array();
  ordered_json properties = {{"id", true}, {"family", true}, {"underlying", true}, {"multiplier", true}};
  typename Family::Terms terms;
  TermRules visitor(words, required, properties);
  Family::fields(visitor, terms);
  return words.with(
      std::string("family.") + Family::name,
      {{"required", std::move(required)}, {"properties", std::move(properties)}, {"additionalProperties", false}});
}

ordered_json instrument_schema(const Words& words) {
  ordered_json names = ordered_json::array(), cases = ordered_json::array();
  for_each_type<Families>([&]<class Family, std::size_t>() {
    names.push_back(Family::name);
    const ordered_json is_family = {{"properties", {{"family", {{"const", Family::name}}}}}, {"required", {"family"}}};
    const std::string definition = std::string("#/definitions/family.") + Family::name;
    cases.push_back({{"if", is_family}, {"then", {{"$ref", definition}}}});
  });
  const Instrument defaults;
  const ordered_json name = {{"type", "string"}, {"minLength", 1}};
  const ordered_json multiplier = {{"type", "number"}, {"default", defaults.multiplier}, {"exclusiveMinimum", 0}};
  return words.with("instrument", {{"type", "object"},
                                   {"required", {"id", "family", "underlying"}},
                                   {"properties",
                                    {{"id", words.with("term.id", name)},
                                     {"family", words.with("term.family", {{"enum", std::move(names)}})},
                                     {"underlying", words.with("term.underlying", name)},
                                     {"multiplier", words.with("term.multiplier", multiplier)}}},
                                   {"allOf", std::move(cases)}});
}

}  // namespace

ordered_json with_families(const ordered_json& schema) {
  ordered_json out = schema;
  ordered_json definitions = ordered_json::object();
  for (const auto& [name, definition] : schema["definitions"].items()) {
    if (name != "instrument" && !name.starts_with("family.")) definitions[name] = definition;
  }
  const Words words(schema["definitions"]);
  definitions["instrument"] = instrument_schema(words);
  for_each_type<Families>([&]<class Family, std::size_t>() {
    definitions[std::string("family.") + Family::name] = family_schema<Family>(words);
  });
  out["definitions"] = std::move(definitions);
  return out;
}

}  // namespace tailbit
