// The visitor that `fields` of a family's terms or of a model's part is called with to write them: JsonObject's
// counterpart.
#pragma once

#include <optional>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "host/io/spellings.hpp"
#include "host/io/text.hpp"

namespace tailbit {

class FieldsWriter {
 public:
  using ordered_json = nlohmann::ordered_json;
  explicit FieldsWriter(ordered_json& out) : out_(out) {}

  template <class T, class... Constraint>
  void required(const char* name, const T& value, Constraint...) {
    out_[name] = encoded(value);
  }
  template <class T, class... Constraint>
  void defaulted(const char* name, const T& value, Constraint...) {
    out_[name] = encoded(value);
  }
  template <class T, class... Constraint>
  void optional(const char* name, const std::optional<T>& value, Constraint...) {
    if (value) out_[name] = encoded(*value);
  }
  template <class Enum>
  void choice(const char* name, Enum value) {
    out_[name] = encoded(value);
  }

 private:
  static ordered_json encoded(double value) { return value; }
  static ordered_json encoded(Timestamp value) { return timestamp_text(value); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  static ordered_json encoded(Enum value) { return spelled(value); }

  ordered_json& out_;
};

template <class Part>
nlohmann::ordered_json fields_json(const Part& part) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  FieldsWriter writer(out);
  fields(writer, part);
  return out;
}

}  // namespace tailbit
