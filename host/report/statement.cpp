#include "host/report/statement.hpp"

#include "host/report/publication.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

// in-toto's ResourceDescriptor.
Json resource(const std::string& name, const std::string& digest) {
  return {{"name", name}, {"digest", {{"sha256", digest}}}};
}

Json resources(const nlohmann::json& files) {
  Json list = Json::array();
  for (const auto& file : files)
    list.push_back(resource(file["path"].get<std::string>(), file["sha256"].get<std::string>()));
  return list;
}

}  // namespace

Json statement_json(const nlohmann::json& manifest, const std::string& manifest_sha256) {
  Json subject = resources(manifest["outputs"]);
  subject.insert(subject.begin(), resource(kManifest, manifest_sha256));
  Json predicate;
  for (const char* key : {"run_id", "status", "program", "numerics", "random", "job", "shard", "scenarios_done",
                          "device", "started", "finished"}) {
    if (manifest.contains(key)) predicate[key] = manifest[key];
  }
  predicate["inputs"] = resources(manifest["inputs"]);
  Json resolved = Json::object();
  for (const auto& file : manifest["outputs"]) {
    const std::string name = file["path"].get<std::string>();
    if (name.starts_with("resolved/")) resolved[name] = file["sha256"];
  }
  predicate["resolved"] = resolved;
  return {{"_type", kStatementType}, {"subject", subject}, {"predicateType", kPredicateType}, {"predicate", predicate}};
}

bool is_statement(const nlohmann::json& json) {
  return json.is_object() && json.value("_type", nlohmann::json()) == kStatementType &&
         json.value("predicateType", nlohmann::json()) == kPredicateType;
}

}  // namespace tailbit
