#include "host/ops/checkpoint.hpp"

#include <algorithm>
#include <filesystem>

namespace tailbit {
namespace fs = std::filesystem;

std::string part_name(ScenarioRange range) {
  std::string first = std::to_string(range.first), end = std::to_string(range.end());
  first.insert(0, 13 - std::min<std::size_t>(13, first.size()), '0');
  end.insert(0, 13 - std::min<std::size_t>(13, end.size()), '0');
  return "part-" + first + "-" + end + ".tbp";
}

Checkpoint::Checkpoint(const WorkFolder& folder, std::string run_id, bool strict, std::vector<std::string>& warnings)
    : folder_(folder), run_id_(std::move(run_id)) {
  make_folder(place());
  require_real_folder(place());
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(place())) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  std::size_t others = 0;
  for (const std::string& path : files) {
    if (!path.ends_with(".tbp")) {  // of a writer that was killed
      fs::remove_all(path);
      continue;
    }
    PartCheck check = check_part_file(path);
    const bool other = check.why_not.empty() && check.header.run_id != run_id_;
    if (other && strict) {
      throw Failure(ExitCode::bad_data, folder_.results() + ": --resume, but the checkpoint is of another job (run " +
                                            check.header.run_id + ", this is " + run_id_ +
                                            "): inputs or flags have changed; leave --resume away to begin afresh");
    }
    if (check.why_not.empty() && !other) {
      parts_.push_back({path, std::move(check.header)});
      continue;
    }
    // Only what is there and wrong is thrown away.
    if (!other && check.code != ExitCode::bad_data) throw Failure(check.code, check.why_not);
    others += other ? 1 : 0;
    if (!other) warnings.push_back("a damaged part of the checkpoint is computed again: " + check.why_not);
    fs::remove(path);
  }
  if (others != 0)
    warnings.push_back("the checkpoint of another job was removed: " + std::to_string(others) +
                       (others == 1 ? " part" : " parts"));
}

const Checkpoint::Part* Checkpoint::beginning_with(std::uint64_t scenario) const {
  const Part* found = nullptr;
  for (const Part& part : parts_) {
    const bool longer = found == nullptr || part.header.range.end() > found->header.range.end();
    if (part.header.range.first == scenario && longer) found = &part;
  }
  return found;
}

std::uint64_t Checkpoint::next_after(std::uint64_t scenario, std::uint64_t end) const {
  for (const Part& part : parts_) {
    if (part.header.range.first > scenario) end = std::min(end, part.header.range.first);
  }
  return end;
}

void Checkpoint::save(ScenarioRange range, const Tally& tally, const std::string& device,
                      measure::Collector& collector) {
  PartHeader header{run_id_, range, tally, device};
  const std::string path = place() + "/" + part_name(range);
  make_folder(place());
  FileReplacement file(path);
  write_part([&](std::string_view bytes) { file.write(bytes); }, header, collector);
  file.commit();
  collector.end_part();
  parts_.push_back({path, std::move(header)});
}

void Checkpoint::remove_all() {
  for (const Part& part : parts_) fs::remove(part.path);
  parts_.clear();
}

}  // namespace tailbit
