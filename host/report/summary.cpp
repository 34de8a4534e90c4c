#include "host/report/summary.hpp"

#include "host/io/spellings.hpp"
#include "host/io/text.hpp"

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

double time_of(const Timings& timings, const std::string& stage) {
  for (const auto& [name, seconds] : timings) {
    if (name == stage) return seconds;
  }
  return 0.0;
}

}  // namespace

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

const char* status_text(RunStatus status) {
  switch (status) {
    case RunStatus::stopped_early: return "stopped_early";
    case RunStatus::target_missed: return "target_missed";
    case RunStatus::complete: break;
  }
  return "complete";
}

Json repair_json(const RepairSize& size) {
  return {{"least_eigenvalue", size.least_eigenvalue},
          {"distance", size.distance},
          {"largest_change", size.largest_change}};
}

Json sampling_json(const RunConfig& config, const Plan& plan) {
  Json json{{"method", spelled(config.sampling)}};
  if (config.sampling != Sampling::sobol) return json;
  const SobolUse& use = plan.paths.sobol_use;
  json["randomisations"] = config.randomisations;
  json["dimensions"] = plan.paths.sobol.dimensions;
  json["periods"] = use.periods;
  json["path_normals"] = use.nodes * plan.factors;
  return json;
}

Json summary_json(const RunRecord& record) {
  const RunConfig& config = record.inputs.config;
  const std::uint64_t reprices = record.job.reprices_per_scenario * record.scenarios;
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
  json["run_id"] = record.run_id;
  json["status"] = status_text(record.status);
  json["as_of"] = timestamp_text(record.inputs.market.as_of);
  json["horizon_seconds"] = config.horizon_seconds;
  json["steps"] = config.steps;
  json["scenarios"] = record.scenarios;
  json["scenarios_wanted"] = config.scenarios;
  json["seed"] = config.seed;
  if (config.sampling != Sampling::independent) json["sampling"] = sampling_json(config, record.job.plan);
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
  return json;
}

}  // namespace tailbit
