#include "host/report/summary.hpp"

#include <filesystem>
#include <fstream>

#include "host/io/files.hpp"
#include "host/io/text.hpp"
#include "host/report/digest.hpp"
#include "host/report/npy.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<double>& x) { return x ? Json(*x) : Json(nullptr); }

Json interval_json(const measure::Interval& interval) {
  return Json::array({or_null(interval.low), or_null(interval.high)});
}

Json moments_json(const measure::Moments& m) {
  return {{"mean", m.mean},
          {"mean_se", m.mean_se},
          {"stdev", m.stdev},
          {"min", m.min},
          {"max", m.max},
          {"skewness", or_null(m.skewness)},
          {"kurtosis", or_null(m.kurtosis)}};
}

Json measures_json(const RunRecord& record) {
  Json measures = Json::array();
  for (std::size_t g = 0; g < record.results.groups.size(); ++g) {
    for (const measure::TailEstimate& tail : record.results.groups[g].tails) {
      measures.push_back({{"group", record.job.groups.groups[g].name},
                          {"level", tail.level},
                          {"var", tail.var},
                          {"var_se", or_null(tail.var_se)},
                          {"var_ci95", interval_json(tail.var_ci95)},
                          {"es", tail.es},
                          {"es_se", tail.es_se},
                          {"es_ci95", interval_json(tail.es_ci95)},
                          {"tail_scenarios", tail.losses_in_tail}});
    }
  }
  return measures;
}

Json groups_json(const RunRecord& record) {
  Json groups = Json::array();
  for (std::size_t g = 0; g < record.results.groups.size(); ++g) {
    groups.push_back({{"group", record.job.groups.groups[g].name},
                      {"base_value", record.results.groups[g].base_value},
                      {"pnl", moments_json(record.results.groups[g].pnl)}});
  }
  return groups;
}

std::string exposure_csv(const RunRecord& record) {
  std::string text = "group,seconds,measure,level,value,se\n";
  for (const measure::ExposureRow& row : record.results.exposure) {
    const std::string& name = record.job.groups.groups[row.group].name;
    // Group names hold commas and whatever users put into their keys.
    std::string quoted = "\"";
    for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    text += quoted + "\"," + std::to_string(row.seconds) + ',' + row.measure + ',';
    if (row.level > 0.0) text += number_text(row.level);
    text += ',' + number_text(row.estimate.value) + ',';
    if (row.estimate.se) text += number_text(*row.estimate.se);
    text += '\n';
  }
  return text;
}

double time_of(const Timings& timings, const std::string& stage) {
  for (const auto& [name, seconds] : timings) {
    if (name == stage) return seconds;
  }
  return 0.0;
}

// What a run leaves in its folder.
constexpr const char* kOutputs[] = {"summary.json",         "losses.npy",          "exposure.csv", "greeks.csv",
                                    "resolved/market.json", "resolved/model.json", "run.json"};

Json file_json(const std::string& path, const std::string& shown) {
  return {{"path", shown}, {"bytes", std::filesystem::file_size(path)}, {"sha256", sha256_file(path)}};
}

}  // namespace

std::vector<std::string> input_paths(const RunConfig& config) {
  std::vector<std::string> paths;
  for (const std::string& path : {config.path, config.book, config.instruments, config.market, config.model}) {
    if (!path.empty()) paths.push_back(path);
  }
  return paths;
}

Json repair_json(const RepairSize& size) {
  return {{"least_eigenvalue", size.least_eigenvalue},
          {"distance", size.distance},
          {"largest_change", size.largest_change}};
}

Json summary_json(const RunRecord& record) {
  const RunConfig& config = record.inputs.config;
  const std::uint64_t reprices = record.job.reprices_per_scenario * config.scenarios;
  const double simulate = time_of(record.timings, "simulate");
  Json timings;
  for (const auto& [stage, seconds] : record.timings) timings[stage] = seconds;
  Json worst = Json::array();
  for (const measure::WorstScenario& w : record.results.worst)
    worst.push_back({{"scenario", w.scenario}, {"loss", w.loss}});
  Json digests = {{"losses_sha256", record.losses_sha256}};
  for (const auto& [name, digest] : record.digests) digests[name] = digest;

  Json json;
  json["schema"] = "tailbit.summary/1";
  json["run_id"] = "";
  json["status"] = "complete";
  json["as_of"] = timestamp_text(record.inputs.market.as_of);
  json["horizon_seconds"] = config.horizon_seconds;
  json["steps"] = config.steps;
  json["scenarios"] = config.scenarios;
  json["seed"] = config.seed;
  json["precision"] = config.precision == Precision::double_ ? "double" : "single";
  json["numerics"] = kNumerics;
  json["device"] = record.device;
  json["base_value"] = record.results.groups[0].base_value;
  json["unrealised_pnl"] = record.job.unrealised_profit;
  json["gross_notional"] = record.job.gross_notional;
  json["quantum"] = record.job.plan.quantum.unit;
  json["positions"] = record.inputs.positions.size() - record.coin_cash_positions;
  json["coin_cash_positions"] = record.coin_cash_positions;
  json["contracts"] = record.job.contracts.size();
  json["pnl"] = moments_json(record.results.groups[0].pnl);
  json["measures"] = measures_json(record);
  json["groups"] = groups_json(record);
  json["worst"] = worst;
  json["digests"] = digests;
  json["timings"] = timings;
  json["reprices"] = reprices;
  json["reprices_per_second"] = simulate > 0.0 ? static_cast<double>(reprices) / simulate : 0.0;
  if (record.inputs.repair) json["correlation_repair"] = repair_json(*record.inputs.repair);
  json["warnings"] = record.warnings;
  // Named by what determines the result: inputs and numerics, never the machine or the hour.
  json["run_id"] =
      sha256(Json(record.digests).dump() + "|" + std::to_string(config.scenarios) + "|" + std::to_string(config.seed) +
             "|" + json["precision"].get<std::string>() + "|" + std::to_string(kNumerics))
          .substr(0, 16);
  return json;
}

void write_results(const RunRecord& record, const Json& summary, const std::string& folder,
                   const std::string& resolved_market, const std::string& resolved_model) {
  std::error_code ignored;                                 // prepare_folder has seen that it can be removed
  std::filesystem::remove(folder + "/run.json", ignored);  // no manifest while files are being replaced
  write_file(folder + "/resolved/market.json", resolved_market);
  write_file(folder + "/resolved/model.json", resolved_model);
  write_npy(folder + "/losses.npy", record.results.losses);
  write_file(folder + "/exposure.csv", exposure_csv(record));
  write_file(folder + "/greeks.csv", record.greeks);
  write_file(folder + "/summary.json", summary.dump(2) + "\n");
}

namespace {

// Results replace results, never another file of the name, such as a job's own run.json.
void require_no_other_manifest(const std::string& folder) {
  const std::string path = folder + "/run.json";
  if (!std::filesystem::exists(path)) return;
  std::ifstream in(path);
  const Json found = Json::parse(in, nullptr, false);
  if (found.is_object() && found.value("schema", Json()) == "tailbit.manifest/1") return;
  throw Failure(
      ExitCode::cannot_create_output,
      path + ": is there and is not a manifest of results; choose another place for the results or remove it");
}

}  // namespace

void prepare_folder(const std::string& folder, const RunConfig& config) {
  make_folder(folder + "/resolved");
  for (const char* name : kOutputs) {
    const std::string output = folder + "/" + name;
    std::error_code none;
    if (std::filesystem::is_directory(output, none)) {
      throw Failure(ExitCode::cannot_create_output,
                    output + ": is a folder; choose another place for the results or remove it");
    }
    for (const std::string& input : input_paths(config)) {
      if (std::filesystem::equivalent(input, output, none)) {
        throw Failure(ExitCode::cannot_create_output,
                      output + ": the results would overwrite this input; choose another --out");
      }
    }
  }
  require_no_other_manifest(folder);
  const std::string probe = folder + "/.writable";
  write_file(probe, "");
  std::error_code ignored;
  std::filesystem::remove(probe, ignored);
}

Json input_files(const RunConfig& config) {
  Json inputs = Json::array();
  for (const std::string& path : input_paths(config)) inputs.push_back(file_json(path, path));
  return inputs;
}

void write_manifest(const Json& inputs, const std::string& folder) {
  Json outputs = Json::array();
  for (const char* name : kOutputs) {
    if (std::string_view(name) != "run.json") outputs.push_back(file_json(folder + "/" + name, name));
  }
  Json manifest;
  manifest["schema"] = "tailbit.manifest/1";
  manifest["program"] = "tailbit " TAILBIT_VERSION;
  manifest["numerics"] = kNumerics;
  manifest["inputs"] = inputs;
  manifest["outputs"] = outputs;
  write_file(folder + "/run.json", manifest.dump(2) + "\n");
}

}  // namespace tailbit
