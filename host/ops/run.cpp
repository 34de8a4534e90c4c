#include "host/ops/run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <unistd.h>

#include "host/backend_cpu/run.hpp"
#include "host/compile/coin_cash.hpp"
#include "host/fit/correlation.hpp"
#include "host/fit/quoted_surface.hpp"
#include "host/io/files.hpp"
#include "host/io/text.hpp"
#include "host/io/write_inputs.hpp"
#include "host/ops/memory.hpp"
#include "host/ops/simulate.hpp"
#include "host/report/digest.hpp"
#include "host/report/greeks_csv.hpp"
#include "host/report/measure.hpp"
#include "tailbit/measure/collector.hpp"

namespace tailbit {
namespace {

// Times the stages of a run one after another.
class StageClock {
 public:
  void stage_done(const std::string& name) {
    const auto now = std::chrono::steady_clock::now();
    timings.emplace_back(name, std::chrono::duration<double>(now - last_).count());
    last_ = now;
  }
  void skip() { last_ = std::chrono::steady_clock::now(); }
  Timings timings;

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// What a reader should know before trusting a number.
std::vector<std::string> estimate_warnings(const measure::Results& results) {
  constexpr std::uint64_t kFewLosses = 30;
  std::vector<std::string> warnings;
  if (results.groups.empty()) return warnings;
  for (const measure::TailEstimate& tail : results.groups[0].tails) {
    const std::string at = "level " + number_text(tail.level) + ": ";
    if (tail.losses_in_tail < kFewLosses) {
      warnings.push_back(at + "only " + std::to_string(tail.losses_in_tail) +
                         " losses in the tail; use more scenarios");
    }
    if (!tail.var_ci95.low || !tail.var_ci95.high) {
      warnings.push_back(at + "VaR has no finite 95 % bound on one side; use more scenarios");
    }
  }
  return warnings;
}

// Which input a file is.
std::string role_of(const std::string& path, const RunConfig& config) {
  if (path == config.path) return "config";
  if (path == config.book) return "book";
  if (path == config.instruments) return "instruments";
  return path == config.market ? "market" : "model";
}

// Bytes that profits and losses take on the host.
double memory_need(const CompiledJob& job, const RunConfig& config, unsigned threads) {
  return measure::collector_bytes(make_request(job, config), config.scenarios) + cpu::working_bytes(job.plan, threads) +
         static_cast<double>(job.plan.constants.size());
}

void require_memory(const CompiledJob& job, const RunConfig& config, unsigned threads) {
  require_memory(memory_need(job, config, threads), ExitCode::bad_config, config.path + ": the job",
                 "use fewer scenarios or exposure dates, or \"group_detail\": \"tails\"");
}

// A number that is not finite is an error, never a result.
void require_finite(const measure::Results& results) {
  for (const measure::GroupResult& group : results.groups) {
    bool finite = std::isfinite(group.base_value) && std::isfinite(group.pnl.mean) && std::isfinite(group.pnl.stdev);
    for (const measure::TailEstimate& tail : group.tails) {
      finite = finite && std::isfinite(tail.var) && std::isfinite(tail.es) && std::isfinite(tail.es_se);
    }
    if (!finite)
      throw Failure(ExitCode::bad_data, "a group's result is not a finite number; check quantities and multipliers");
  }
}

}  // namespace

ResolvedInputs resolve(const std::string& config_path, const Overrides& overrides) {
  ResolvedInputs resolved{read_inputs(config_path, overrides), {}, {}, 0};
  Inputs& inputs = resolved.inputs;
  Problems problems;
  inputs.repair = fit_correlation(inputs.model, inputs.config.model, problems);
  problems.throw_if_any();
  if (inputs.repair)
    inputs.warnings.push_back(inputs.config.model + ":/correlation/matrix: " + repair_text(*inputs.repair));
  fit_quoted_surfaces(resolved.inputs.market, resolved.inputs.warnings);
  resolved.coin_cash_positions = add_coin_cash(resolved.inputs);
  resolved.market = json_text(market_to_json(resolved.inputs.market));
  resolved.model = json_text(model_to_json(resolved.inputs.model));
  return resolved;
}

JobDone run_job(const std::string& config_path, const RunFlags& flags) {
  StageClock clock;
  const ResolvedInputs resolved = resolve(config_path, flags.overrides);
  const RunConfig& config = resolved.inputs.config;
  const nlohmann::ordered_json files = input_files(config);
  clock.stage_done("read");
  const CompiledJob job = compile(resolved.inputs);
  require_memory(job, config, flags.threads);
  // Only now: bad inputs leave no folder behind.
  make_folder(config.out);
  const FolderLock lock(config.out);
  prepare_folder(config.out, config);
  clock.stage_done("compile");
  GreeksFile greeks = greeks_csv(resolved.inputs, job.groups);
  clock.stage_done("greeks");

  const Simulation simulation = simulate(job, make_request(job, config), flags);
  require_finite(simulation.results);
  for (const auto& timing : simulation.timings) clock.timings.push_back(timing);
  clock.skip();

  RunRecord record{resolved.inputs, job, simulation.results, simulation.device, {}, {}, {}, {}, 0};
  record.losses_sha256 = losses_sha256(simulation.results.losses[0]);
  record.digests["resolved_market"] = sha256(resolved.market);
  record.digests["resolved_model"] = sha256(resolved.model);
  for (const auto& file : files) record.digests[role_of(file["path"].get<std::string>(), config)] = file["sha256"];
  record.warnings = resolved.inputs.warnings;
  record.warnings.insert(record.warnings.end(), simulation.warnings.begin(), simulation.warnings.end());
  for (const std::string& warning : job.warnings) record.warnings.push_back(warning);
  for (std::string& warning : tally_warnings(simulation.tally)) record.warnings.push_back(std::move(warning));
  record.warnings.insert(record.warnings.end(), greeks.warnings.begin(), greeks.warnings.end());
  for (std::string& warning : estimate_warnings(simulation.results)) record.warnings.push_back(std::move(warning));
  clock.stage_done("digest");
  record.timings = clock.timings;
  record.coin_cash_positions = resolved.coin_cash_positions;
  record.greeks = std::move(greeks.text);

  nlohmann::ordered_json summary = summary_json(record);
  write_results(record, summary, config.out, resolved.market, resolved.model);
  write_manifest(files, config.out);
  return {std::move(summary), config.out};
}

namespace {

nlohmann::ordered_json plan_json(const ResolvedInputs& resolved, unsigned threads) {
  const RunConfig& config = resolved.inputs.config;
  const CompiledJob job = compile(resolved.inputs);
  require_memory(job, config, threads);
  const double reprices = static_cast<double>(job.reprices_per_scenario) * static_cast<double>(config.scenarios);
  const auto dates_inside_steps =
      std::count_if(job.plan.paths.fixings.begin(), job.plan.paths.fixings.end(),
                    [](const Fixing& fixing) { return fixing.looked_at && !fixing.at_step_end; });
  std::vector<std::string> warnings = resolved.inputs.warnings;
  warnings.insert(warnings.end(), job.warnings.begin(), job.warnings.end());
  // Rates of a recent core in double precision, for orientation only; `bench` measures.
  constexpr double kRepricesPerCoreSecond = 4e8, kDrawsPerCoreSecond = 2e8, kTermsPerCoreSecond = 1e10;
  const Paths& paths = job.plan.paths;
  const double draws =
      static_cast<double>(config.scenarios) *
      static_cast<double>((paths.steps.size() + paths.fixings.size()) * job.plan.factors + paths.shares.size());
  double terms = 0.0;  // what leaf groups hold of contracts
  for (const Row& row : job.plan.rows)
    terms += static_cast<double>(row.weight_count) * static_cast<double>(config.scenarios);
  return {{"schema", "tailbit.plan/1"},
          {"as_of", timestamp_text(resolved.inputs.market.as_of)},
          {"positions", resolved.inputs.positions.size() - resolved.coin_cash_positions},
          {"coin_cash_positions", resolved.coin_cash_positions},
          {"contracts", job.contracts.size()},
          {"underlyings", job.plan.underlyings},
          {"factors", resolved.inputs.model.correlation.factors},
          {"groups", job.groups.groups.size()},
          {"steps", config.steps},
          {"revaluation_dates", job.plan.nodes.size()},
          {"dates_inside_steps", dates_inside_steps},
          {"scenarios", config.scenarios},
          {"reprices", reprices},
          {"memory_bytes", memory_need(job, config, threads)},
          {"core_seconds_estimate",
           reprices / kRepricesPerCoreSecond + draws / kDrawsPerCoreSecond + terms / kTermsPerCoreSecond},
          {"gross_notional", job.gross_notional},
          {"quantum", job.plan.quantum.unit},
          {"base_value", static_cast<double>(job.base_of(job.groups.groups[0])) * job.plan.quantum.unit},
          {"warnings", warnings}};
}

}  // namespace

nlohmann::ordered_json validate_job(const std::string& config_path, const RunFlags& flags) {
  const ResolvedInputs resolved = resolve(config_path, flags.overrides);
  nlohmann::ordered_json plan = plan_json(resolved, flags.threads);
  if (resolved.inputs.repair) plan["correlation_repair"] = repair_json(*resolved.inputs.repair);
  return plan;
}

}  // namespace tailbit
