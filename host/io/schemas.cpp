#include "host/io/schemas.hpp"

#include <map>

#include "host/io/embedded_schemas.hpp"
#include "host/io/family_schema.hpp"
#include "host/io/write_inputs.hpp"

namespace tailbit {
namespace {

const std::map<std::string, std::string>& schemas() {
  static const std::map<std::string, std::string> all = [] {
    std::map<std::string, std::string> texts;
    for (const EmbeddedSchema& schema : embedded_schemas()) texts.emplace(schema.name, schema.text);
    std::string& instruments = texts.at("tailbit.instruments/1");
    instruments = json_text(with_families(nlohmann::ordered_json::parse(instruments)));
    return texts;
  }();
  return all;
}

}  // namespace

std::vector<std::string> schema_names() {
  std::vector<std::string> names;
  for (const auto& [name, text] : schemas()) names.push_back(name);
  return names;
}

std::string_view schema_text(const std::string& name) {
  const auto found = schemas().find(name);
  return found == schemas().end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace tailbit
