#include "host/ops/run.hpp"

#include <chrono>
#include <cmath>

#include "host/fit/correlation.hpp"
#include "host/io/text.hpp"
#include "host/io/write_inputs.hpp"
#include "host/ops/simulate.hpp"
#include "host/report/digest.hpp"
#include "host/report/measure.hpp"

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

}  // namespace

ResolvedInputs resolve(const std::string& config_path, const Overrides& overrides) {
  ResolvedInputs resolved{read_inputs(config_path, overrides), {}, {}};
  Problems problems;
  fit_correlation(resolved.inputs.model, resolved.inputs.config.model, problems);
  problems.throw_if_any();
  resolved.market = json_text(market_to_json(resolved.inputs.market));
  resolved.model = json_text(model_to_json(resolved.inputs.model));
  return resolved;
}

JobDone run_job(const std::string& config_path, const RunFlags& flags) {
  StageClock clock;
  const ResolvedInputs resolved = resolve(config_path, flags.overrides);
  const RunConfig& config = resolved.inputs.config;
  clock.stage_done("read");
  const CompiledJob job = compile(resolved.inputs);
  clock.stage_done("compile");

  const measure::Request request = make_request(job, config);
  Simulation simulation = simulate(job, request, flags);
  for (const auto& timing : simulation.timings) clock.timings.push_back(timing);
  clock.skip();

  RunRecord record{resolved.inputs, job, simulation.results, simulation.device, {}, {}, {}, {}};
  record.losses_sha256 = losses_sha256(simulation.results.losses[0]);
  record.digests["resolved_market"] = sha256(resolved.market);
  record.digests["resolved_model"] = sha256(resolved.model);
  record.digests["config"] = sha256_file(config.path);
  record.digests["book"] = sha256_file(config.book);
  if (!config.instruments.empty()) record.digests["instruments"] = sha256_file(config.instruments);
  record.warnings = resolved.inputs.warnings;
  record.warnings.insert(record.warnings.end(), simulation.warnings.begin(), simulation.warnings.end());
  for (std::string& warning : estimate_warnings(simulation.results)) record.warnings.push_back(std::move(warning));
  clock.stage_done("digest");
  record.timings = clock.timings;

  write_results(record, config.out, resolved.market, resolved.model);
  write_manifest(record, config.out);
  return {summary_json(record), config.out};
}

nlohmann::ordered_json validate_job(const std::string& config_path, const RunFlags& flags) {
  const ResolvedInputs resolved = resolve(config_path, flags.overrides);
  const RunConfig& config = resolved.inputs.config;
  const CompiledJob job = compile(resolved.inputs);
  const double profit_bytes =
      static_cast<double>(job.plan.nodes.size()) * job.plan.leaves * static_cast<double>(config.scenarios) * 8;
  const double loss_bytes = static_cast<double>(job.groups.groups.size()) * static_cast<double>(config.scenarios) * 16;
  const double reprices = static_cast<double>(job.reprices_per_scenario) * static_cast<double>(config.scenarios);
  // Rates of a recent core in double precision, for orientation only; `bench` measures.
  constexpr double kRepricesPerCoreSecond = 2.5e8;
  return {{"schema", "tailbit.plan/1"},
          {"as_of", timestamp_text(resolved.inputs.market.as_of)},
          {"positions", resolved.inputs.positions.size()},
          {"contracts", job.contracts.size()},
          {"underlyings", job.plan.underlyings},
          {"factors", resolved.inputs.model.correlation.factors},
          {"groups", job.groups.groups.size()},
          {"steps", config.steps},
          {"revaluation_dates", job.plan.nodes.size()},
          {"dates_inside_steps", job.plan.fixings.size()},
          {"scenarios", config.scenarios},
          {"reprices", reprices},
          {"memory_bytes", profit_bytes + loss_bytes + static_cast<double>(job.plan.constants.size())},
          {"core_seconds_estimate", reprices / kRepricesPerCoreSecond},
          {"gross_notional", job.gross_notional},
          {"quantum", job.plan.quantum.unit},
          {"base_value", static_cast<double>(job.base_of(job.groups.groups[0])) * job.plan.quantum.unit},
          {"warnings", resolved.inputs.warnings}};
}

}  // namespace tailbit
