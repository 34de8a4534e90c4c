#include "host/ops/resident.hpp"

#include <algorithm>
#include <filesystem>

#include "host/ops/job_change.hpp"
#include "host/ops/memory.hpp"
#include "host/ops/result.hpp"
#include "host/ops/work_estimate.hpp"
#include "host/report/manifest.hpp"
#include "host/report/measure.hpp"
#include "host/report/publication.hpp"

namespace tailbit {
namespace {

using Ended = ScenarioOutcome::Ended;

// A worker that waits for news is no stalled one.
class AtRest {
 public:
  explicit AtRest(RunControl* control) : control_(control) {}
  AtRest(const AtRest&) = delete;
  AtRest& operator=(const AtRest&) = delete;
  ~AtRest() {
    if (control_ != nullptr) control_->finishing = true;
  }

 private:
  RunControl* control_;
};

// The result that was there already.
void take(JobDone there, const StageClock& clock, Resident::Update& update) {
  update.done = std::move(there);
  update.done.facts = facts_of(clock, update.done.code);
  update.seconds = clock.seconds();
}

[[noreturn]] void refuse_stop_rule(const RunConfig& config) {
  throw Failure(ExitCode::bad_config, config.path +
                                          ":/stop: what stays in memory is of all scenarios, whatever their error; "
                                          "leave \"stop\" away");
}

}  // namespace

Resident::Simulated Resident::simulate(const CompiledJob& job, const std::string& id, measure::Collector& collector,
                                       std::vector<std::string>& warnings) {
  if (flags_.control != nullptr) flags_.control->finishing = false;
  std::vector<std::string> told;  // of each pass anew
  const std::unique_ptr<Backend> backend = make_backend(job, flags_, told);
  for (std::string& warning : told) {
    if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(std::move(warning));
  }
  Checkpoint checkpoint(folder_, id, false, warnings);
  const std::optional<StopRule> none;
  ScenarioRun scenarios(job, id, none, flags_, *backend, collector, checkpoint);
  const ScenarioOutcome outcome = scenarios.run({0, job.plan.scenarios});
  return {outcome, backend->name(), backend->hardware(), flags_.device == "auto" && backend->devices().empty()};
}

// Profits of the whole book.
bool Resident::compute_whole(State& next, std::vector<std::string>& warnings) {
  next.profits = std::make_unique<LeafProfits>(*next.job, next.named->config(), all_leaves(*next.job));
  next.simulated = simulate(*next.job, next.named->run_id + " by leaf", next.profits->collector(), warnings);
  return next.simulated.outcome.ended == Ended::complete;
}

// The last state's profits, less those of some contracts as they were, and with those as they are.
bool Resident::compute_changed(State& next, const Parts& parts, std::vector<std::string>& warnings) {
  const RunConfig& config = next.named->config();
  std::vector<std::unique_ptr<LeafProfits>> changes;
  next.simulated = state_->simulated;
  ScenarioOutcome& outcome = next.simulated.outcome;
  outcome.resumed = outcome.audited_blocks = 0;
  for (const Pass& pass : parts.passes) {
    changes.push_back(std::make_unique<LeafProfits>(pass.job, config, held_leaves(pass.job)));
    const std::string id =
        next.named->run_id + " after " + state_->named->run_id + ", pass " + std::to_string(changes.size());
    Simulated done = simulate(pass.job, id, changes.back()->collector(), warnings);
    if (done.outcome.ended != Ended::complete) return false;
    outcome.resumed += done.outcome.resumed;
    outcome.audited_blocks += done.outcome.audited_blocks;
    outcome.tally.vols_at_floor += static_cast<std::uint64_t>(pass.reprices) * done.outcome.tally.vols_at_floor;
    if (pass.law_of_now) outcome.tally.moves_limited = done.outcome.tally.moves_limited;  // of the paths, all there
    next.simulated.device = std::move(done.device);
    next.simulated.hardware = std::move(done.hardware);
    next.simulated.fell_back_to_cpu = done.fell_back_to_cpu;
  }
  next.profits = std::move(state_->profits);
  state_.reset();  // its profits are changed from here on
  if (next.profits->leaves() != leaf_names(*next.job)) {
    auto profits = std::make_unique<LeafProfits>(*next.job, config, all_leaves(*next.job));
    profits->set_to_none();
    profits->add(*next.profits, [](std::uint32_t) { return 1; });
    next.profits = std::move(profits);
  }
  for (std::size_t i = 0; i < changes.size(); ++i)
    next.profits->add(*changes[i], [&](std::uint32_t leaf) { return leaf < parts.passes[i].leaves ? 1 : -1; });
  return true;
}

// What has to be computed, or why everything has.
Resident::Parts Resident::parts_to_compute(const State& next) const {
  Parts parts;
  if (!state_) {
    parts.whole = "nothing was computed before";
    return parts;
  }
  const JobChange change = change_between(*state_->named, *state_->job, *next.named, *next.job);
  parts.whole = change.whole;
  if (!parts.whole.empty()) return parts;
  const Inputs &now = next.named->resolved.inputs, &then = state_->named->resolved.inputs;
  const std::uint32_t leaves = next.job->plan.leaves;
  double seconds = 0.0;
  const auto add = [&](const std::vector<const Inputs*>& books, const JobChange::Contracts& contracts, Pass pass) {
    if (contracts.empty()) return;
    pass.job = compile_books(books, [&](const std::string& contract) { return contracts.contains(contract); });
    seconds += work_estimate(pass.job).seconds();
    if (pass.job.plan.quantum.unit != next.job->plan.quantum.unit) parts.whole = "the book's scale has changed";
    parts.passes.push_back(std::move(pass));
  };
  add({&now, &then}, change.held, {{}, leaves, true, 0});
  add({&now}, change.come, {{}, leaves, true, 1});
  add({&then}, change.gone, {{}, 0, false, -1});
  parts.contracts = change.size();
  if (parts.whole.empty() && seconds > work_estimate(*next.job).seconds()) parts.whole = "most of the book has changed";
  return parts;
}

bool Resident::compute(State& next, Update& update, std::vector<std::string>& warnings) {
  const Parts parts = parts_to_compute(next);
  update.whole = parts.whole;
  if (parts.whole.empty()) {
    // Sums of some contracts may leave the range where those of the book do not.
    try {
      update.computed = parts.contracts;
      return compute_changed(next, parts, warnings);
    } catch (const measure::SumTooLarge&) {
      update.whole = "what has changed is too large by itself";
    } catch (const Failure& failure) {
      if (failure.code() != ExitCode::bad_data) throw;
      update.whole = "what has changed cannot be computed by itself";
    }
    update.computed = update.contracts;
  }
  return compute_whole(next, warnings);
}

double Resident::require_room(const CompiledJob& job, const RunConfig& config) const {
  const double need = memory_need(job, make_request(job, config), config.scenarios, flags_.threads);
  require_job_memory(need, flags_.max_memory, config);
  return need;
}

std::optional<Resident::Update> Resident::update(const std::string& config_path, const Overrides& overrides) {
  const AtRest at_rest(flags_.control);
  roll_forward(folder_);  // of an update whose publication was cut off by an error
  StageClock clock;
  State next;
  next.named = std::make_unique<const NamedJob>(name_job(resolve(config_path, overrides, Sources::files)));
  const NamedJob& named = *next.named;
  const RunConfig& config = named.config();
  if (config.stop) refuse_stop_rule(config);
  require_free_place(folder_.results(), input_paths(config));
  clock.stage_done("read");
  Update update;
  update.run_id = named.run_id;
  RunFlags flags = flags_;
  flags.overrides = overrides;
  std::vector<std::string> warnings;
  std::optional<JobDone> there = result_there(folder_.results(), named, flags, warnings);
  if (there && state_ && state_->named->run_id == named.run_id) {  // touched, not changed
    take(std::move(*there), clock, update);
    return update;
  }
  next.job = std::make_unique<const CompiledJob>(compile(named.resolved.inputs));
  const CompiledJob& job = *next.job;
  const measure::Request request = make_request(job, config);
  const double need = require_room(job, config);
  clock.stage_done("compile");
  RunInHand run{named, job, flags, clock, greeks_csv(named.resolved.inputs, job.groups), {}, std::move(warnings)};
  clock.stage_done("greeks");

  update.contracts = update.computed = job.contracts.size();
  measure::Collector collector(request, job.plan.leaves, config.scenarios);
  // Those kept, and as many again of what goes and what comes.
  if (!fits_in_memory(need + 3.0 * leaf_profits_bytes(job, config), flags_.max_memory)) {
    update.whole = "its profits do not fit into memory";
    state_.reset();
    next.simulated = simulate(job, named.run_id, collector, run.warnings);
    if (next.simulated.outcome.ended != Ended::complete) return std::nullopt;
  } else {
    if (!compute(next, update, run.warnings)) return std::nullopt;
    try {
      next.profits->give_to(collector);
    } catch (const measure::SumTooLarge& error) {
      refuse_too_large(error);
    }
  }
  clock.stage_done("simulate");
  run.device = next.simulated.device;
  run.hardware = next.simulated.hardware;
  run.fell_back_to_cpu = next.simulated.fell_back_to_cpu;
  const ScenarioOutcome outcome = next.simulated.outcome;
  if (next.profits) state_ = std::move(next);  // also where it cannot be published
  if (there) {
    take(std::move(*there), clock, update);
    std::filesystem::remove_all(folder_.path("parts"));
  } else {
    update.done = publish_result(run, outcome, collector, request, folder_);
  }
  update.seconds = clock.seconds();
  return update;
}

}  // namespace tailbit
