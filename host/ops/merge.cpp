// `merge`: what shards have computed, as the result of one run. All but the simulation is done again from the same
// inputs, so the result is that of the unsharded run to the bit.
#include <algorithm>
#include <filesystem>

#include "host/ops/memory.hpp"
#include "host/ops/result.hpp"
#include "host/ops/result_folder.hpp"
#include "host/ops/shard.hpp"
#include "host/report/measure.hpp"

namespace tailbit {
namespace {

namespace fs = std::filesystem;

// The shards in a folder: itself, or its shard-* folders.
void add_shards(const std::string& folder, std::vector<std::string>& shards) {
  if (!fs::is_directory(folder)) {
    throw Failure(ExitCode::input_missing,
                  folder + ": no such folder; name the folders of shards, or where `tailbit run --shard` put them");
  }
  std::vector<std::string> inside;
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  if (error) {
    throw Failure(error == std::errc::permission_denied ? ExitCode::permission : ExitCode::io_error,
                  folder + ": cannot be read: " + error.message() + "; give this user permission, or check the disk");
  }
  for (const auto& entry : entries) {
    if (entry.is_directory() && entry.path().filename().string().starts_with("shard-"))
      inside.push_back(entry.path().string());
  }
  if (inside.empty()) inside = {folder};
  std::sort(inside.begin(), inside.end());
  shards.insert(shards.end(), inside.begin(), inside.end());
}

struct MergedPart {
  std::string path, shard;
  ScenarioRange range;
};

// The parts of all shards, in the order of their scenarios, after each was checked.
std::vector<MergedPart> parts_of(const std::vector<ResultFolder>& shards) {
  std::vector<MergedPart> parts;
  for (const ResultFolder& shard : shards) {
    const auto& first = shards.front();
    if (!shard.is_shard()) {
      throw Failure(ExitCode::bad_data,
                    shard.folder() + ": holds a result, not a shard; name folders of `tailbit run --shard`");
    }
    if (shard.manifest()["run_id"] != first.manifest()["run_id"]) {
      throw Failure(ExitCode::bad_data, shard.folder() + ": is of another job (run " +
                                            shard.manifest()["run_id"].get<std::string>() + ") than " + first.folder() +
                                            " (run " + first.manifest()["run_id"].get<std::string>() +
                                            "); merge the shards of one job");
    }
    for (const auto& output : shard.manifest()["outputs"]) {
      const std::string name = output["path"].get<std::string>();
      if (!name.ends_with(".tbp")) continue;
      const PartCheck check = check_part_file(shard.path(name));
      if (!check.why_not.empty()) throw Failure(check.code, check.why_not);
      if (check.header.run_id != first.manifest()["run_id"])
        throw Failure(ExitCode::bad_data, shard.path(name) + ": is of another job; run the shard again");
      parts.push_back({shard.path(name), shard.folder(), check.header.range});
    }
  }
  std::sort(parts.begin(), parts.end(),
            [](const MergedPart& a, const MergedPart& b) { return a.range.first < b.range.first; });
  return parts;
}

void require_complete(const std::vector<MergedPart>& parts, const std::vector<ResultFolder>& shards,
                      std::uint64_t scenarios) {
  std::vector<ScenarioRange> gaps;
  std::uint64_t end = 0, missing = 0;
  const auto reach = [&](std::uint64_t first) {
    if (first > end) gaps.push_back({end, first - end});
    missing += first - end;
  };
  for (const MergedPart& part : parts) {
    if (part.range.first < end) {
      throw Failure(ExitCode::bad_data,
                    part.shard + ": the scenarios from " + std::to_string(part.range.first) +
                        " on are in another shard too; name each shard once, all of one --shard RANK/COUNT split");
    }
    reach(part.range.first);
    end = part.range.end();
  }
  reach(scenarios);
  if (gaps.empty()) return;
  throw Failure(ExitCode::input_missing,
                std::to_string(missing) + " of the " + std::to_string(scenarios) + " scenarios, the first of them " +
                    std::to_string(gaps.front().first) + ", are in no shard; run --shard " +
                    shards_with(gaps, shard_of(shards.front()).count, scenarios) + ", then merge again");
}

}  // namespace

JobDone merge_shards(const MergeOptions& options) {
  StageClock clock;
  std::vector<std::string> names;
  for (const std::string& folder : options.folders.empty() ? std::vector{options.out} : options.folders)
    add_shards(folder, names);
  std::vector<ResultFolder> shards;
  for (const std::string& name : names) shards.emplace_back(name);
  const std::vector<std::string> manifests = manifest_texts(names);
  const std::vector<MergedPart> parts = parts_of(shards);
  const ResultFolder& first = shards.front();
  Overrides overrides = first.flags();
  overrides.out = options.out;
  const std::string config_path = options.config.value_or(first.config_path());
  first.verify_inputs(config_path);
  const NamedJob named = name_job(resolve(config_path, overrides, Sources::files));
  if (named.run_id != first.manifest()["run_id"]) {
    throw Failure(ExitCode::bad_data,
                  first.folder() + ": is run " + first.manifest()["run_id"].get<std::string>() +
                      ", and from its inputs this program makes run " + named.run_id +
                      ": merge with the program, and on a kind of machine, that the shards were run with");
  }
  const RunConfig& config = named.config();
  require_complete(parts, shards, config.scenarios);
  clock.stage_done("read");
  const CompiledJob job = compile(named.resolved.inputs);
  const measure::Request request = make_request(job, config);
  require_job_memory(measure::collector_bytes(request, config.scenarios), options.max_memory, config);
  clock.stage_done("compile");
  RunFlags flags;
  flags.overrides = overrides;
  RunInHand run{named, job, flags, clock, greeks_csv(named.resolved.inputs, job.groups), {}, {}};
  clock.stage_done("greeks");

  const WorkFolder folder(options.out);
  require_free_place(options.out, input_paths(config));
  measure::Collector collector(request, job.plan.leaves, config.scenarios);
  ScenarioOutcome outcome;
  for (const MergedPart& part : parts) {
    const PartHeader header = read_part_file(part.path, collector);
    if (header.run_id != named.run_id || header.range != part.range)
      throw Failure(ExitCode::temporary, part.path + ": a run has written another shard there meanwhile; merge again");
    outcome.tally += header.tally;
    outcome.resumed += header.range.count;
    if (run.device.find(header.device) == std::string::npos)
      run.device += (run.device.empty() ? "" : "; ") + header.device;
  }
  run.hardware = nlohmann::ordered_json::array();
  for (const ResultFolder& shard : shards) {
    outcome.audited_blocks += shard.manifest()["audited_blocks"].get<std::uint64_t>();
    for (const nlohmann::ordered_json place : shard.manifest().value("hardware", nlohmann::json::array())) {
      if (std::find(run.hardware.begin(), run.hardware.end(), place) == run.hardware.end())
        run.hardware.push_back(place);
    }
  }
  outcome.end = config.scenarios;
  clock.stage_done("merge");
  require_manifests(names, manifests);
  return publish_result(run, outcome, collector, request, folder);
}

}  // namespace tailbit
