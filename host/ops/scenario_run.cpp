#include "host/ops/scenario_run.hpp"

#include <algorithm>
#include <limits>

#include "host/report/measure.hpp"
#include "tailbit/measure/estimates.hpp"

namespace tailbit {
namespace {

using Ended = ScenarioOutcome::Ended;
// Looks at the error are whole multiples of it.
constexpr std::uint64_t kLookGrid = 8 * measure::kBlock;

std::uint64_t up_to_grid(double scenarios, std::uint64_t most) {
  if (scenarios >= static_cast<double>(most)) return most;
  const auto blocks = static_cast<std::uint64_t>(scenarios) / kLookGrid + 1;
  return std::min(most, blocks * kLookGrid);
}

// Standard error of the book's expected shortfall over the shortfall itself.
double relative_error(const measure::Collector& collector, std::uint32_t horizon, std::uint64_t scenarios,
                      measure::Level level) {
  const measure::HostSample sample = collector.first_of_whole(horizon, 0, scenarios);
  std::optional<measure::ClusteredLosses> clusters;
  if (collector.clusters().any()) clusters.emplace(sample.losses(1.0), collector.clusters());
  const measure::TailEstimate tail =
      tail_estimate(sample, measure::level_ranks(scenarios, level), 1.0, clusters ? &*clusters : nullptr);
  return tail.es > 0.0 ? tail.es_se / tail.es : std::numeric_limits<double>::infinity();
}

// Keeping, measuring and writing take their time after the last scenario; a generous guess, by what is kept.
double finishing_seconds(const measure::Collector& collector, std::uint64_t scenarios) {
  double values = 0.0;
  for (const measure::KeptRow& row : collector.rows()) values += row.whole ? static_cast<double>(scenarios) : 1000.0;
  return 0.05 + 2e-7 * values;
}

}  // namespace

std::uint64_t first_look(std::uint64_t most) {
  constexpr std::uint64_t kFirst = 65'536;
  return std::min(kFirst, most);
}

std::uint64_t next_look(std::uint64_t at, double relative_error, const StopRule& rule,
                        const measure::Clusters& clusters, std::uint64_t most) {
  if (clusters.kind == measure::Clusters::Kind::interleaved) return std::min(most, 2 * at);
  // The error falls with the root of the number; a tenth more, so that the next look is likely to be the last.
  const double ratio = relative_error / rule.relative_error;
  const double now = static_cast<double>(at);
  return up_to_grid(std::clamp(1.1 * now * ratio * ratio, 1.25 * now, 4.0 * now), most);
}

std::vector<Ended> possible_ends(const measure::Collector& collector, std::uint32_t horizon,
                                 const std::optional<StopRule>& rule, std::uint64_t scenarios, std::uint64_t most) {
  // Where time is over, whole blocks are done, and enough for a result.
  std::vector<Ended> early;
  if (scenarios % measure::kBlock == 0 && scenarios >= least_scenarios(collector.levels()))
    early = {Ended::out_of_time};
  if (!rule) return scenarios == most ? std::vector{Ended::complete} : early;
  for (std::uint64_t look = first_look(most); look <= scenarios;) {
    const double error = relative_error(collector, horizon, look, measure::make_level(rule->level));
    const bool reached = error <= rule->relative_error;
    if (look == most) return {reached ? Ended::complete : Ended::target_missed};
    if (reached && look < scenarios) return {};
    if (reached) {  // time may be over just then
      early.push_back(Ended::complete);
      return early;
    }
    look = next_look(look, error, *rule, collector.clusters(), most);
  }
  return early;
}

std::uint64_t least_scenarios(const std::vector<measure::Level>& levels) {
  std::uint64_t least = 1;
  for (const measure::Level& level : levels) {
    const std::uint64_t beyond = level.denominator - level.numerator;
    least = std::max(least, (level.denominator + beyond - 1) / beyond);
  }
  return least;
}

ScenarioRun::ScenarioRun(const CompiledJob& job, const std::string& run_id, const std::optional<StopRule>& rule,
                         const RunFlags& flags, Backend& backend, measure::Collector& collector, Checkpoint& checkpoint)
    : job_(job),
      run_id_(run_id),
      rule_(rule),
      flags_(flags),
      backend_(backend),
      collector_(collector),
      checkpoint_(checkpoint),
      least_(least_scenarios(collector.levels())) {}

double ScenarioRun::seconds_since(std::chrono::steady_clock::time_point moment) const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - moment).count();
}

ScenarioRun::Pause ScenarioRun::pause() const {
  if (flags_.control != nullptr && flags_.control->stop) return Pause::interrupt;
  // A result needs some scenarios, however short the time, and what goes on gets further each time.
  const std::uint64_t least = flags_.shard ? 0 : least_;
  if (flags_.max_seconds > 0.0 && progress_ >= least && progress_ > outcome_.resumed) {
    const double left = flags_.max_seconds - seconds_since(flags_.started);
    if (left < finishing_seconds(collector_, progress_)) return flags_.shard ? Pause::interrupt : Pause::deadline;
  }
  if (flags_.control != nullptr && flags_.control->checkpoints != checkpoints_done_) return Pause::checkpoint;
  if (flags_.checkpoint_seconds > 0.0 && seconds_since(saved_) >= flags_.checkpoint_seconds) return Pause::checkpoint;
  return Pause::none;
}

ScenarioOutcome ScenarioRun::run(ScenarioRange range) {
  range_ = range;
  front_ = part_first_ = range.first;
  if (flags_.control != nullptr) flags_.control->of = range.count;  // from here on, silence is a stall
  const auto horizon = static_cast<std::uint32_t>(job_.node_seconds.size() - 1);
  std::uint64_t look = rule_ ? first_look(range.end()) : range.end();
  while (front_ < range.end()) {
    if (!take_saved(look)) simulate(std::min(look, checkpoint_.next_after(front_, range.end())));
    const Pause why = front_ < range.end() ? pause() : Pause::none;
    if (why != Pause::none) save();
    if (why == Pause::interrupt) outcome_.ended = Ended::interrupted;
    if (why == Pause::deadline) outcome_.ended = Ended::out_of_time;
    if (outcome_.ended != Ended::complete) break;
    if (!rule_ || front_ < look) continue;
    const double error = relative_error(collector_, horizon, front_, measure::make_level(rule_->level));
    if (error <= rule_->relative_error) break;
    if (front_ == range.end()) outcome_.ended = Ended::target_missed;
    look = next_look(front_, error, *rule_, collector_.clusters(), range.end());
    // Parts end at looks, so that what a result ends at can be taken from them.
    if (flags_.checkpoint_seconds > 0.0 && front_ < range.end()) save();
  }
  if (flags_.control != nullptr) flags_.control->finishing = true;
  outcome_.end = front_;
  return outcome_;
}

// The part that begins here, if one was kept; a part never reaches over a look.
bool ScenarioRun::take_saved(std::uint64_t round_end) {
  const Checkpoint::Part* part = checkpoint_.beginning_with(front_);
  if (part == nullptr || part->header.range.end() > round_end) return false;
  if (part_first_ < front_) {
    save();
    part = checkpoint_.beginning_with(front_);  // saving has moved the list
  }
  read_part_file(part->path, collector_);
  front_ = part_first_ = part->header.range.end();
  outcome_.tally += part->header.tally;
  outcome_.resumed += part->header.range.count;
  progress_ = front_ - range_.first;
  return true;
}

void ScenarioRun::simulate(std::uint64_t to) {
  const ScenarioRange wanted{front_, to - front_};
  const std::uint64_t before = front_ - range_.first;
  Backend::Hooks hooks;
  hooks.stop = [&] {
    const Pause why = pause();
    // However often checkpoints are wanted, there is something new in each.
    return why == Pause::checkpoint ? progress_ > before : why != Pause::none;
  };
  hooks.progress = [&](std::uint64_t done) {
    progress_ = before + done;
    if (flags_.control != nullptr) {
      flags_.control->done = before + done;
      ++flags_.control->beats;
    }
    if (flags_.progress) flags_.progress(before + done, range_.count);
  };
  // By default, some of what devices compute.
  const bool audited = !backend_.audits() && (flags_.audit ? *flags_.audit > 0.0 : !backend_.devices().empty());
  std::optional<Audit> audit;
  if (audited) audit.emplace(job_.plan, collector_, run_id_, flags_.audit.value_or(0.0));
  const Backend::Simulated done = compute(wanted, hooks);
  outcome_.audited_blocks += done.audited_blocks;
  if (audit) look(*audit, {front_, done.end - front_}, done.tally);
  front_ = done.end;
  part_tally_ += done.tally;
  outcome_.tally += done.tally;
}

Backend::Simulated ScenarioRun::compute(ScenarioRange range, const Backend::Hooks& hooks) {
  try {
    return backend_.simulate(range, collector_, hooks);
  } catch (const WrongBits&) {
    found_wrong_bits();
    throw;
  }
}

// What was computed before is no better, and what was kept of later parts was chosen by it.
void ScenarioRun::found_wrong_bits() {
  if (flags_.control != nullptr) ++flags_.control->audit_mismatches;
  checkpoint_.remove_all();
}

void ScenarioRun::look(Audit& audit, ScenarioRange range, const Tally& tally) {
  const Audit::Found found = audit.look(range, tally, auditing_isa(backend_), flags_.threads);
  const ScenarioRange bad = found.difference;
  outcome_.audited_blocks += found.blocks;
  if (bad.empty()) return;
  found_wrong_bits();
  const std::string message = "audit: the scenarios " + std::to_string(bad.first) + " to " +
                              std::to_string(bad.end() - 1) + " of " + backend_.name() +
                              " are not those that the CPU computes a second time: it corrupts data; all that it "
                              "computed is discarded";
  if (!backend_.devices().empty()) throw DeviceFailure(message, backend_.devices());
  throw Failure(ExitCode::internal_error, message + "; check the machine's memory, and report it");
}

void ScenarioRun::save() {
  saved_ = std::chrono::steady_clock::now();
  if (flags_.control != nullptr) checkpoints_done_ = flags_.control->checkpoints;
  if (part_first_ == front_) return;
  checkpoint_.save({part_first_, front_ - part_first_}, part_tally_, backend_.name(), collector_);
  part_first_ = front_;
  part_tally_ = {};
}

}  // namespace tailbit
