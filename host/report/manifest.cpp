#include "host/report/manifest.hpp"

#include <cstdlib>

#include "host/io/text.hpp"
#include "host/io/trace.hpp"
#include "host/report/digest.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

Json file_json(const std::string& path, std::uint64_t bytes, const std::string& digest) {
  return {{"path", path}, {"bytes", bytes}, {"sha256", digest}};
}

// By which a scheduler's records are found again.
Json scheduler_json() {
  Json json = Json::object();
  for (const char* name : {"SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_RESTART_COUNT",
                           "SLURM_PROCID", "JOB_COMPLETION_INDEX", "HOSTNAME", "INVOCATION_ID"}) {
    if (const char* value = std::getenv(name)) json[name] = value;
  }
  return json;
}

}  // namespace

std::vector<InputFile> input_roles(const RunConfig& config) {
  std::vector<InputFile> files{{"config", config.path},
                               {"book", config.book},
                               {"instruments", config.instruments},
                               {"market", config.market},
                               {"model", config.model}};
  std::erase_if(files, [](const InputFile& file) { return file.path.empty(); });
  for (const std::string& path : config.trades) files.push_back({"trades", path});
  return files;
}

std::vector<std::string> input_paths(const RunConfig& config) {
  std::vector<std::string> paths;
  for (const InputFile& file : input_roles(config)) paths.push_back(file.path);
  return paths;
}

Json input_files(const Inputs& inputs) {
  Json files = Json::array();
  for (const std::string& path : input_paths(inputs.config)) {
    const FileDigest& read = inputs.files.at(path);
    files.push_back(file_json(path, read.bytes, read.sha256));
  }
  return files;
}

Json job_json(const RunConfig& config) {
  return {{"scenarios", config.scenarios},
          {"seed", config.seed},
          {"precision", config.precision == Precision::double_ ? "double" : "single"},
          {"greek_units", config.greek_units == GreekUnits::deribit ? "deribit" : "standard"}};
}

std::string run_id(const Json& digests, const RunConfig& config, const std::string& program) {
  const Json identity{{"digests", digests}, {"job", job_json(config)}, {"numerics", kNumerics}, {"program", program}};
  return sha256(identity.dump()).substr(0, 16);
}

Json manifest_json(const Provenance& provenance, const RunConfig& config, const Json& inputs,
                   const std::vector<OutputFile>& outputs) {
  Json json;
  json["schema"] = "tailbit.manifest/1";
  json["run_id"] = provenance.run_id;
  json["status"] = provenance.status;
  json["program"] = kProgram;
  json["numerics"] = kNumerics;
  json["random"] = kRandom;
  json["job"] = job_json(config);
  if (provenance.shard) json["shard"] = {{"rank", provenance.shard->rank}, {"count", provenance.shard->count}};
  if (provenance.market) json["given"]["market"] = *provenance.market;
  if (!provenance.trades.empty()) json["given"]["trades"] = provenance.trades;
  json["scenarios_done"] = provenance.scenarios;
  json["device"] = provenance.device;
  json["hardware"] = provenance.hardware;
  json["started"] = timestamp_text(Timestamp{provenance.started});
  json["finished"] = timestamp_text(Timestamp{provenance.finished});
  json["restarts"] = provenance.restarts;
  json["resumed_scenarios"] = provenance.resumed;
  json["audited_blocks"] = provenance.audited_blocks;
  Json timings = Json::object();
  for (const auto& [stage, seconds] : provenance.timings) timings[stage] = seconds;
  json["timings"] = timings;
  json["scheduler"] = scheduler_json();
  json["trace"] = trace_json();
  json["warnings"] = provenance.warnings;
  json["inputs"] = inputs;
  json["outputs"] = Json::array();
  for (const OutputFile& output : outputs)
    json["outputs"].push_back(file_json(output.path, output.bytes, output.sha256));
  return json;
}

}  // namespace tailbit
