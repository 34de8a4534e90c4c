#include "host/ops/run.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "host/io/log.hpp"
#include "host/io/text.hpp"
#include "host/ops/memory.hpp"
#include "host/ops/ranked_backend.hpp"
#include "host/ops/result.hpp"
#include "host/ops/shard.hpp"
#include "host/ops/stop_signals.hpp"
#include "host/ops/work_estimate.hpp"
#include "host/report/measure.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;
using Ended = ScenarioOutcome::Ended;

void stop_here_if_told(const RunFlags& flags) {
  if (flags.control != nullptr && flags.control->stop)
    throw Failure(ExitCode::temporary, "stopped by a signal before the first scenario; run the job again");
}

std::string folder_of(const RunConfig& config, const RunFlags& flags) {
  return flags.shard ? config.out + "/" + shard_folder(*flags.shard) : config.out;
}

// The scenarios of this process.
ScenarioRange range_of(const RunConfig& config, const RunFlags& flags) {
  if (!flags.shard) return {0, config.scenarios};
  if (config.stop) {
    throw Failure(ExitCode::usage, config.path +
                                       ":/stop: a shard cannot know the error of the whole; run without --shard, or "
                                       "leave \"stop\" away");
  }
  return shard_range(*flags.shard, config.scenarios);
}

[[noreturn]] void stopped(const ScenarioOutcome& outcome, ScenarioRange range, bool force) {
  throw Failure(ExitCode::temporary, "stopped; the checkpoint holds " + std::to_string(outcome.end - range.first) +
                                         " of " + std::to_string(range.count) +
                                         " scenarios: " + same_command_again(force));
}

}  // namespace

JobDone run_job(const std::string& config_path, const RunFlags& flags) {
  StageClock clock;
  const NamedJob named = name_job(resolve(config_path, flags.overrides, Sources::files));
  const RunConfig& config = named.config();
  const ScenarioRange range = range_of(config, flags);
  const std::string place = folder_of(config, flags);
  clock.stage_done("read");
  stop_here_if_told(flags);
  log::set_field("run_id", named.run_id);

  // A folder that is there is locked first, so that no other run changes it meanwhile; bad inputs create none.
  std::optional<WorkFolder> folder;
  std::vector<std::string> warnings;
  if (std::filesystem::is_directory(place)) {
    require_free_place(place, input_paths(config));
    folder.emplace(place);
    if (auto done = result_there(place, named, flags, warnings)) {
      done->facts = facts_of(clock, done->code);
      return std::move(*done);
    }
  }
  const CompiledJob job = compile(named.resolved.inputs);
  const measure::Request request = make_request(job, config);
  require_job_memory(memory_need(job, request, config.scenarios, flags.threads) +
                         audit_bytes(request, config.scenarios, flags.audit.value_or(0.0)),
                     flags.max_memory, config);
  clock.stage_done("compile");
  RunInHand run{named, job, flags, clock, {}, {}, std::move(warnings)};
  if (!flags.shard) run.greeks = greeks_csv(named.resolved.inputs, job.groups);
  clock.stage_done("greeks");
  stop_here_if_told(flags);
  const std::unique_ptr<Backend> backend =
      flags.ranks != nullptr ? make_ranked_backend(*flags.ranks, named.run_id, job, request, flags, run.warnings)
                             : make_backend(job, flags, run.warnings);
  if (!folder) folder.emplace(place);
  require_free_place(place, input_paths(config));
  Checkpoint checkpoint(*folder, named.run_id, flags.resume, run.warnings);
  if (flags.force && !(flags.control != nullptr && flags.control->begun_anew)) {
    checkpoint.remove_all();
    if (flags.control != nullptr) flags.control->begun_anew = true;
  }
  measure::Collector collector(request, job.plan.leaves, config.scenarios);
  ScenarioRun scenarios(job, named.run_id, config.stop, flags, *backend, collector, checkpoint);
  const ScenarioOutcome outcome = scenarios.run(range);
  clock.stage_done("simulate");
  // Ranks may have left theirs on the way.
  run.device = backend->name();
  run.hardware = backend->hardware();
  run.fell_back_to_cpu = flags.device == "auto" && backend->devices().empty();
  if (outcome.ended == Ended::interrupted) stopped(outcome, range, flags.force);
  if (flags.shard) {
    scenarios.save();
    return publish_shard(run, outcome, checkpoint, *folder);
  }
  return publish_result(run, outcome, collector, request, *folder);
}

namespace {

Json plan_json(const ResolvedInputs& resolved, const RunFlags& flags) {
  const RunConfig& config = resolved.inputs.config;
  const CompiledJob job = compile(resolved.inputs);
  const double memory = memory_need(job, make_request(job, config), config.scenarios, flags.threads);
  require_job_memory(memory, flags.max_memory, config);
  const double reprices = static_cast<double>(job.reprices_per_scenario) * static_cast<double>(config.scenarios);
  const auto dates_inside_steps =
      std::count_if(job.plan.paths.fixings.begin(), job.plan.paths.fixings.end(),
                    [](const Fixing& fixing) { return fixing.looked_at && !fixing.at_step_end; });
  std::vector<std::string> warnings = resolved.inputs.warnings;
  warnings.insert(warnings.end(), job.warnings.begin(), job.warnings.end());
  Json plan{{"schema", "tailbit.plan/1"},
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
            {"memory_bytes", memory},
            {"core_seconds_estimate", work_estimate(job).seconds()},
            {"gross_notional", job.gross_notional},
            {"quantum", job.plan.quantum.unit},
            {"base_value", static_cast<double>(job.base_of(job.groups.groups[0])) * job.plan.quantum.unit},
            {"warnings", warnings}};
  if (config.sampling != Sampling::independent) plan["sampling"] = sampling_json(config, job.plan);
  return plan;
}

}  // namespace

Json validate_job(const std::string& config_path, const RunFlags& flags) {
  const ResolvedInputs resolved = resolve(config_path, flags.overrides);
  Json plan = plan_json(resolved, flags);
  if (resolved.inputs.repair) plan["correlation_repair"] = repair_json(*resolved.inputs.repair);
  return plan;
}

}  // namespace tailbit
