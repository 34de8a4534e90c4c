#include "host/ops/result.hpp"

#include <cmath>
#include <filesystem>

#include "host/io/text.hpp"
#include "host/ops/result_folder.hpp"
#include "host/report/digest.hpp"
#include "host/report/npy.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;
using Ended = ScenarioOutcome::Ended;

// What a reader should know before trusting a number.
void warn_of_estimates(const measure::Results& results, std::vector<std::string>& warnings) {
  constexpr std::uint64_t kFewLosses = 30;
  if (results.groups.empty()) return;
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
}

void warn_of_end(const ScenarioOutcome& outcome, const RunConfig& config, std::vector<std::string>& warnings) {
  if (outcome.ended == Ended::out_of_time) {
    warnings.push_back("stopped early: " + std::to_string(outcome.end) + " of " + std::to_string(config.scenarios) +
                       " scenarios in the time of --max-seconds");
  }
  if (outcome.ended == Ended::target_missed) {
    warnings.push_back("the error of the expected shortfall is above its target after " +
                       std::to_string(config.scenarios) + " scenarios; allow more");
  }
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

Provenance provenance_of(const RunInHand& run, const ScenarioOutcome& outcome) {
  Provenance provenance;
  provenance.run_id = run.named.run_id;
  provenance.device = run.device;
  provenance.hardware = run.hardware;
  provenance.shard = run.flags.shard;
  provenance.market = run.flags.overrides.market;
  provenance.trades = run.flags.overrides.trades;
  const double finished = unix_seconds();
  provenance.started = static_cast<std::int64_t>(finished - run.clock.seconds());
  provenance.finished = static_cast<std::int64_t>(finished);
  provenance.scenarios = outcome.end;
  provenance.resumed = outcome.resumed;
  provenance.restarts = run.flags.restarts;
  provenance.audited_blocks = outcome.audited_blocks;
  provenance.timings = run.clock.timings;
  provenance.warnings = run.warnings;
  return provenance;
}

// For monitoring; its name is the user's.
RunFacts facts_of(const RunInHand& run, const ScenarioOutcome& outcome, const Staging& staging, ExitCode code) {
  RunFacts facts = facts_of(run.clock, code);
  facts.restarts = run.flags.restarts;
  facts.resumed_scenarios = outcome.resumed;
  if (run.flags.control != nullptr) facts.audit_mismatches = run.flags.control->audit_mismatches;
  if (outcome.audited_blocks != 0) facts.audited_blocks = outcome.audited_blocks;
  facts.fell_back_to_cpu = run.fell_back_to_cpu;
  for (const OutputFile& file : staging.files()) facts.written_bytes += file.bytes;
  return facts;
}

void stage_resolved(Staging& staging, const NamedJob& named) {
  staging.add_text("resolved/market.json", named.resolved.market);
  staging.add_text("resolved/model.json", named.resolved.model);
}

}  // namespace

RunFacts facts_of(const StageClock& clock, ExitCode code) {
  RunFacts facts;
  facts.finished = unix_seconds();
  facts.started = facts.finished - clock.seconds();
  facts.exit_code = static_cast<int>(code);
  return facts;
}

std::optional<JobDone> result_there(const std::string& folder, const NamedJob& named, const RunFlags& flags,
                                    std::vector<std::string>& warnings) {
  std::error_code none;
  if (flags.force || !std::filesystem::exists(folder + "/" + kManifest, none)) return std::nullopt;
  try {
    const ResultFolder found(folder);
    const std::string status = found.manifest().value("status", "");
    if (found.manifest().value("run_id", "") != named.run_id || status == "stopped_early") return std::nullopt;
    if ((status == "shard") != flags.shard.has_value()) return std::nullopt;
    found.verify_outputs();
    JobDone done{found.report(), folder};
    done.code = status == "target_missed" ? ExitCode::stopped_early : ExitCode::done;
    done.up_to_date = true;
    return done;
  } catch (const Failure& failure) {
    warnings.push_back("the result that is there is made again: " + std::string(failure.what()));
    return std::nullopt;
  }
}

RunRecord make_record(const NamedJob& named, const CompiledJob& job, const measure::Results& results,
                      std::uint64_t scenarios) {
  RunRecord record{named.resolved.inputs, job, results, named.run_id};
  record.scenarios = scenarios;
  record.losses_sha256 = losses_sha256(results.losses[0]);
  for (const auto& [role, digest] : named.digests.items()) record.digests[role] = digest.get<std::string>();
  record.coin_cash_positions = named.resolved.coin_cash_positions;
  return record;
}

RunStatus status_of(Ended ended) {
  if (ended == Ended::out_of_time) return RunStatus::stopped_early;
  return ended == Ended::target_missed ? RunStatus::target_missed : RunStatus::complete;
}

std::vector<std::string> result_outputs() {
  return {"exposure.csv",         "greeks.csv",          "losses.npy",  kMetricsOutput,
          "resolved/market.json", "resolved/model.json", "summary.json"};
}

JobDone publish_result(RunInHand& run, const ScenarioOutcome& outcome, measure::Collector& collector,
                       const measure::Request& request, const WorkFolder& folder) {
  const NamedJob& named = run.named;
  if (run.flags.control != nullptr) run.flags.control->finishing = true;
  collector.end_at(outcome.end);
  const measure::Results results = measure::measure_all(collector, outcome.end, request);
  require_finite(results);
  run.clock.stage_done("measure");

  RunRecord record = make_record(named, run.job, results, outcome.end);
  record.status = status_of(outcome.ended);
  record.device = run.device;
  std::vector<std::string>& warnings = run.warnings;
  warnings.insert(warnings.begin(), named.resolved.inputs.warnings.begin(), named.resolved.inputs.warnings.end());
  warnings.insert(warnings.end(), run.job.warnings.begin(), run.job.warnings.end());
  warn_of_end(outcome, named.config(), warnings);
  for (std::string& warning : tally_warnings(outcome.tally)) warnings.push_back(std::move(warning));
  warnings.insert(warnings.end(), run.greeks.warnings.begin(), run.greeks.warnings.end());
  warn_of_estimates(results, warnings);
  record.warnings = warnings;

  Staging staging(folder);
  stage_resolved(staging, named);
  staging.add("losses.npy", [&](const ByteSink& sink) { write_npy(sink, results.losses); });
  staging.add_text("exposure.csv", exposure_csv(record));
  staging.add_text("greeks.csv", run.greeks.text);
  run.clock.stage_done("write");
  record.timings = run.clock.timings;
  Json summary = summary_json(record);
  staging.add_text("summary.json", summary.dump(2) + "\n");
  const ExitCode code = outcome.ended == Ended::complete ? ExitCode::done : ExitCode::stopped_early;
  const RunFacts facts = facts_of(run, outcome, staging, code);
  staging.add_text(kMetricsOutput, metrics_text(summary, facts));
  Provenance provenance = provenance_of(run, outcome);
  provenance.status = status_text(record.status);
  staging.publish(manifest_json(provenance, named.config(), named.files, staging.files()));
  return {std::move(summary), folder.results(), code, false, facts};
}

JobDone publish_shard(RunInHand& run, const ScenarioOutcome& outcome, Checkpoint& checkpoint,
                      const WorkFolder& folder) {
  Staging staging(folder);
  stage_resolved(staging, run.named);
  for (const Checkpoint::Part& part : checkpoint.parts()) staging.adopt(part_name(part.header.range), part.path);
  Provenance provenance = provenance_of(run, outcome);
  provenance.status = "shard";
  provenance.scenarios = 0;
  for (const Checkpoint::Part& part : checkpoint.parts()) provenance.scenarios += part.header.range.count;
  Json manifest = manifest_json(provenance, run.named.config(), run.named.files, staging.files());
  const RunFacts facts = facts_of(run, outcome, staging, ExitCode::done);
  staging.publish(manifest);
  return {std::move(manifest), folder.results(), ExitCode::done, false, facts};
}

}  // namespace tailbit
