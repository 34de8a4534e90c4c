#include "host/ops/recompute.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <mutex>

#include "host/backend_cpu/run.hpp"
#include "host/io/text.hpp"
#include "host/ops/audit.hpp"
#include "host/ops/backend.hpp"
#include "host/ops/job.hpp"
#include "host/ops/memory.hpp"
#include "host/ops/result.hpp"
#include "host/ops/shard.hpp"
#include "host/report/digest.hpp"
#include "host/report/greeks_csv.hpp"
#include "host/report/measure.hpp"
#include "host/report/npy.hpp"
#include "host/report/part_file.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

// What is found equal or not, one by one.
class Checks {
 public:
  void add(const std::string& what, bool pass, const std::string& detail) {
    list_.push_back({{"check", what}, {"pass", pass}, {"detail", detail}});
    equal_ = equal_ && pass;
  }
  void texts(const std::string& what, const std::string& here, const std::string& there) {
    add(what, here == there, here == there ? here : here + " is computed, and the result says " + there);
  }
  const Json& list() const { return list_; }
  bool equal() const { return equal_; }

 private:
  Json list_ = Json::array();
  bool equal_ = true;
};

std::string listed_digest(const ResultFolder& result, const std::string& output) {
  for (const auto& listed : result.manifest()["outputs"]) {
    if (listed["path"] == output) return listed["sha256"].get<std::string>();
  }
  return "nothing";
}

// The job as its inputs make it, and what the run said that they make.
struct JobAgain {
  NamedJob named;
  CompiledJob job;
};

// What the manifest says beside the numbers: its inputs are those of the job, and its outputs those of such a run.
void check_manifest(const ResultFolder& result, const std::string& config_path, const NamedJob& named, Checks& checks) {
  const nlohmann::json& manifest = result.manifest();
  checks.texts("random", kRandom, manifest["random"].get<std::string>());
  const bool moved = config_path != result.config_path();  // then its inputs have other paths
  bool same = manifest["inputs"].size() == named.files.size();
  for (std::size_t i = 0; same && i < named.files.size(); ++i) {
    nlohmann::json said = manifest["inputs"][i], here = named.files[i];
    if (moved) said["path"] = here["path"];
    same = said == here;
  }
  checks.add("inputs", same, same ? "" : "the result lists others than the config names");
  std::vector<std::string> names;
  for (const auto& output : manifest["outputs"]) names.push_back(output["path"].get<std::string>());
  std::sort(names.begin(), names.end());
  std::vector<std::string> wanted = result_outputs();
  if (result.is_shard()) {
    std::erase_if(names, [](const std::string& name) { return name.ends_with(".tbp"); });  // looked at one by one
    wanted = {"resolved/market.json", "resolved/model.json"};
  }
  checks.add("outputs", names == wanted, names == wanted ? "" : "the result lists others than such a run writes");
}

JobAgain job_again(const ResultFolder& result, const std::string& config_path, Checks& checks) {
  NamedJob named = name_job(resolve(config_path, result.flags(), Sources::files));
  bool same = true;
  for (const auto& [name, text] : {std::pair("resolved/market.json", &named.resolved.market),
                                   std::pair("resolved/model.json", &named.resolved.model)}) {
    const std::string here = sha256(*text), there = listed_digest(result, name);
    checks.texts(name, here, there);
    same = same && here == there;
  }
  // With the program that the manifest names: a later version that has the same numerics can check it too.
  const std::string id = run_id(named.digests, named.config(), result.manifest()["program"].get<std::string>());
  checks.texts("run_id", id, result.manifest()["run_id"].get<std::string>());
  check_manifest(result, config_path, named, checks);
  // Where a fit gives other decimals here, which the checks above tell, the rest is computed from those of the run.
  if (!same) named = name_job(resolve(config_path, result.overrides(), Sources::files));
  CompiledJob job = compile(named.resolved.inputs);
  return {std::move(named), std::move(job)};
}

// Everything in the summary that does not depend on machine and hour. Of `groups` groups, where not all were measured.
void check_summary(const ResultFolder& result, const Json& here, std::size_t groups, Checks& checks) {
  const nlohmann::json& there = result.summary();
  for (const auto& [key, computed] : here.items()) {
    if (key == "device" || key == "timings" || key == "reprices_per_second" || key == "warnings") continue;
    nlohmann::json said = there.value(key, nlohmann::json());
    if (said.is_array() && groups < there["groups"].size() && (key == "measures" || key == "groups"))
      said.erase(said.begin() + static_cast<std::ptrdiff_t>(std::min(computed.size(), said.size())), said.end());
    // As texts, keys sorted: numbers are written so that equal texts are equal bits.
    const std::string text = nlohmann::json(computed).dump(), said_text = said.dump();
    const bool brief = computed.is_primitive() && said.is_primitive(), same = text == said_text;
    checks.add("summary.json: " + key, same,
               same    ? ""
               : brief ? text + " is computed, and the result says " + said_text
                       : "another value");
  }
}

RunRecord record_of(const ResultFolder& result, const JobAgain& again, const measure::Results& results) {
  RunRecord record = make_record(again.named, again.job, results, result.manifest()["scenarios_done"]);
  record.run_id = result.manifest()["run_id"].get<std::string>();
  const std::string status = result.manifest()["status"].get<std::string>();
  for (const RunStatus each : {RunStatus::stopped_early, RunStatus::target_missed}) {
    if (status == status_text(each)) record.status = each;
  }
  return record;
}

std::string npy_sha256(const std::vector<std::vector<double>>& columns) {
  Sha256 hash;
  write_npy([&](std::string_view bytes) { hash.update(bytes); }, columns);
  return hash.hex();
}

std::uint64_t scenarios_done(const ResultFolder& result, const RunConfig& config) {
  const std::uint64_t done = result.manifest()["scenarios_done"].get<std::uint64_t>();
  const bool all = result.manifest()["status"] == "complete" && !config.stop;
  if (done < 1 || done > config.scenarios || (all && done != config.scenarios)) {
    refuse_manifest(result, "/scenarios_done",
                    std::to_string(done) + " of the " + std::to_string(config.scenarios) + " scenarios of the job");
  }
  return done;
}

// Whether a run can have ended so after these scenarios, of whose book the collector holds the profits at `horizon`.
void check_status(const ResultFolder& result, const RunConfig& config, const measure::Collector& collector,
                  std::uint32_t horizon, std::uint64_t done, Checks& checks) {
  const std::string said = result.manifest()["status"].get<std::string>();
  const auto ends = possible_ends(collector, horizon, config.stop, done, config.scenarios);
  const bool can_be = std::any_of(ends.begin(), ends.end(),
                                  [&](ScenarioOutcome::Ended end) { return status_text(status_of(end)) == said; });
  checks.add("status", can_be, can_be ? "" : "no run ends as " + in_quotes(said) + " after these scenarios");
}

// The run from its first scenario to its last.
void check_whole(const ResultFolder& result, const JobAgain& again, Backend& backend, const RunFlags& flags,
                 Checks& checks) {
  const RunConfig& config = again.named.config();
  const std::uint64_t done = scenarios_done(result, config);
  const measure::Request request = make_request(again.job, config);
  require_job_memory(memory_need(again.job, request, config.scenarios, flags.threads), flags.max_memory, config);
  measure::Collector collector(request, again.job.plan.leaves, config.scenarios);
  Backend::Hooks hooks;
  hooks.progress = [&](std::uint64_t so_far) {
    if (flags.progress) flags.progress(so_far, done);
  };
  backend.simulate({0, done}, collector, hooks);
  const auto horizon = static_cast<std::uint32_t>(again.job.node_seconds.size() - 1);
  check_status(result, config, collector, horizon, done, checks);
  collector.end_at(done);
  const measure::Results results = measure::measure_all(collector, done, request);
  const RunRecord record = record_of(result, again, results);
  checks.texts("losses.npy", npy_sha256(results.losses), listed_digest(result, "losses.npy"));
  checks.texts("exposure.csv", sha256(exposure_csv(record)), listed_digest(result, "exposure.csv"));
  check_summary(result, summary_json(record), again.job.groups.groups.size(), checks);
}

// The parts of a shard, one after another as its run kept them: what a part holds of a tail depends on those before it.
std::uint64_t check_parts(const ResultFolder& result, const JobAgain& again, Backend& backend, const RunFlags& flags,
                          Checks& checks) {
  const RunConfig& config = again.named.config();
  const measure::Request request = make_request(again.job, config);
  require_job_memory(memory_need(again.job, request, config.scenarios, flags.threads), flags.max_memory, config);
  measure::Collector collector(request, again.job.plan.leaves, config.scenarios);
  std::vector<std::string> names;  // which tell the range, in the order of scenarios
  for (const auto& output : result.manifest()["outputs"]) {
    if (output["path"].get<std::string>().ends_with(".tbp")) names.push_back(output["path"].get<std::string>());
  }
  std::sort(names.begin(), names.end());
  const ScenarioRange range = shard_range(shard_of(result), config.scenarios);
  std::uint64_t next = range.first;
  std::size_t compared = 0;
  for (const std::string& name : names) {
    const PartCheck there = check_part_file(result.path(name));
    if (!there.why_not.empty()) throw Failure(there.code, there.why_not);
    PartHeader header = there.header;
    if (header.range.first != next || header.range.end() > range.end()) break;
    next = header.range.end();
    header.tally = backend.simulate(header.range, collector, {}).tally;
    Sha256 hash;
    write_part([&](std::string_view bytes) { hash.update(bytes); }, header, collector);
    collector.end_part();
    checks.texts(name, hash.hex(), listed_digest(result, name));
    ++compared;
    if (flags.progress) flags.progress(next - range.first, range.count);
  }
  checks.add("scenarios", next == range.end() && compared == names.size(),
             std::to_string(range.first) + " to " + std::to_string(next) + " of " + std::to_string(range.end()));
  checks.texts("scenarios_done", std::to_string(next - range.first), result.manifest()["scenarios_done"].dump());
  return next - range.first;
}

// Holds scenarios against the rows of losses.npy.
class LossComparison final : public ProfitSink {
 public:
  LossComparison(NpyFile& file, const CompiledJob& job) : file_(file), job_(job) {}

  void take(std::uint64_t first, std::size_t count, const std::int64_t* profits, std::size_t stride) override {
    const std::size_t columns = file_.columns();
    std::vector<double> written(count * columns);
    const std::lock_guard lock(mutex_);
    file_.read(first, count, written.data());
    const std::int64_t* horizon = profits + (job_.plan.nodes.size() - 1) * job_.plan.leaves * stride;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t g = 0; g < columns; ++g) {
        const Group& group = job_.groups.groups[g];
        std::int64_t sum = 0;
        for (std::uint32_t leaf = group.first_leaf; leaf < group.last_leaf; ++leaf) sum += horizon[leaf * stride + i];
        const double loss = measure::loss_of(sum, job_.plan.quantum.unit), there = written[i * columns + g];
        if (math::to_bits(loss) == math::to_bits(there)) continue;
        if (!what_.empty() && first + i >= scenario_) continue;
        scenario_ = first + i;
        what_ = "scenario " + std::to_string(scenario_) + ", group " + in_quotes(group.name) + ": " +
                number_text(loss) + " is computed, and losses.npy says " + number_text(there);
      }
    }
    compared_ += count;
  }
  std::uint64_t compared() const { return compared_; }
  const std::string& difference() const { return what_; }  // of the first scenario that differs

 private:
  NpyFile& file_;
  const CompiledJob& job_;
  std::mutex mutex_;
  std::uint64_t compared_ = 0, scenario_ = 0;
  std::string what_;
};

// The losses that losses.npy says, as quanta; false where there is one that no profit can be.
bool collect_losses(NpyFile& file, double unit, measure::Collector& collector) {
  bool exact = true;
  std::vector<std::vector<std::int64_t>> columns(file.columns());
  std::uint64_t first = 0;
  const auto hand_over = [&] {
    for (std::size_t g = 0; g < columns.size() && exact && !columns[g].empty(); ++g) {
      collector.take_whole(g, first, columns[g]);
    }
    first += columns[0].size();
    for (auto& column : columns) column.clear();
  };
  file.for_each_row([&](std::size_t, const double* row) {
    for (std::size_t g = 0; g < columns.size(); ++g) {
      const double quanta = -row[g] / unit;
      const bool fits = std::fabs(quanta) < static_cast<double>(kMostQuanta);  // what is not a number does not
      columns[g].push_back(fits ? static_cast<std::int64_t>(quanta) : 0);
      exact = exact && math::to_bits(measure::loss_of(columns[g].back(), unit)) == math::to_bits(row[g]);
    }
    if (columns[0].size() == measure::kBlock) hand_over();
  });
  hand_over();
  return exact;
}

// VaR, expected shortfall and all else that the summary says, as losses.npy has it.
void check_measures_of_losses(const ResultFolder& result, const JobAgain& again, NpyFile& file, const RunFlags& flags,
                              Checks& checks) {
  measure::Request request = make_request(again.job, again.named.config());
  request.groups.resize(file.columns());
  request.exposure_seconds.clear();
  request.full_groups = true;  // of the columns that there are
  const std::uint64_t done = file.rows();
  require_job_memory(memory_need(again.job, request, done, flags.threads), flags.max_memory, again.named.config());
  measure::Collector collector(request, again.job.plan.leaves, done);
  if (!collect_losses(file, again.job.plan.quantum.unit, collector)) {
    checks.add("losses.npy", false, "holds a loss that is no multiple of the quantum");
    return;
  }
  check_status(result, again.named.config(), collector, 0, done, checks);
  const measure::Results results = measure::measure_all(collector, done, request);
  check_summary(result, summary_json(record_of(result, again, results)), file.columns(), checks);
}

std::uint64_t check_blocks(const ResultFolder& result, const JobAgain& again, const RecomputeOptions& options,
                           Checks& checks) {
  const std::uint64_t done = scenarios_done(result, again.named.config());
  NpyFile file(result.path("losses.npy"));
  const bool all_groups = make_request(again.job, again.named.config()).full_groups;
  const bool shape = file.rows() == done && file.columns() == (all_groups ? again.job.groups.groups.size() : 1);
  checks.add("losses.npy: shape", shape, std::to_string(file.rows()) + " x " + std::to_string(file.columns()));
  if (!shape) return 0;
  const std::string name = options.blocks_seed + " " + result.manifest()["run_id"].get<std::string>();
  const std::vector<ScenarioRange> blocks = blocks_to_audit(name, {0, done}, *options.blocks);
  LossComparison comparison(file, again.job);
  std::string difference;
  try {
    run_blocks(again.job.plan, blocks, options.flags.isa.value_or(cpu::best_isa()), options.flags.threads, comparison);
    difference = comparison.difference();
  } catch (const cpu::BadTermError& error) {
    difference = "scenario " + std::to_string(error.term().scenario) + " has no finite loss, and losses.npy has one";
  }
  checks.add("losses.npy: " + std::to_string(blocks.size()) + " blocks", difference.empty(), difference);
  check_measures_of_losses(result, again, file, options.flags, checks);
  return comparison.compared();
}

}  // namespace

Recomputed recompute(const ResultFolder& result, const std::string& config_path, const RecomputeOptions& options) {
  Checks checks;
  const JobAgain again = job_again(result, config_path, checks);
  std::vector<std::string> warnings;
  const std::unique_ptr<Backend> backend = make_backend(again.job, options.flags, warnings);
  Json report{{"device", backend->name()}};
  if (!result.is_shard()) {
    const std::string greeks = greeks_csv(again.named.resolved.inputs, again.job.groups).text;
    checks.texts("greeks.csv", sha256(greeks), listed_digest(result, "greeks.csv"));
  }
  if (result.is_shard()) {
    report["scenarios"] = check_parts(result, again, *backend, options.flags, checks);
  } else if (options.blocks) {
    report["blocks"] = {{"share", *options.blocks}, {"seed", options.blocks_seed}};
    report["scenarios"] = check_blocks(result, again, options, checks);
  } else {
    report["scenarios"] = result.manifest()["scenarios_done"];
    check_whole(result, again, *backend, options.flags, checks);
  }
  report["equal"] = checks.equal();
  report["checks"] = checks.list();
  report["warnings"] = warnings;
  return {std::move(report), checks.equal()};
}

}  // namespace tailbit
