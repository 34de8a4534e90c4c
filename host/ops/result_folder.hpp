// A finished run's result directory, taken up again: what it says, and whether it and its inputs are as they were.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/io/readers.hpp"
#include "host/report/manifest.hpp"
#include "host/report/work_folder.hpp"

namespace tailbit {

// A JSON file of a result, of a schema. Throws Failure: bad_data, input_missing.
nlohmann::json read_result_file(const std::string& path, const std::string& schema);

// The manifest of a result or a shard, after a publication that was cut off was finished. Throws Failure: input_missing
// where there is no such folder; bad_data where no run finished in it, or its manifest is damaged; temporary where a
// run is writing its results; permission where it may not be read.
nlohmann::json read_manifest(const std::string& folder);

// The manifests in these folders as they are written; "" where there is none.
std::vector<std::string> manifest_texts(const std::vector<std::string>& folders);
// Throws Failure (temporary) where they are others by now.
void require_manifests(const std::vector<std::string>& folders, const std::vector<std::string>& texts);

// What `look` makes of results, or throws of them, after publications that were cut off were finished. Where a run has
// written its results to one of the folders meanwhile, what was seen is perhaps half of the one and half of the other:
// throws Failure (temporary) in place of it.
template <class Look>
auto while_unchanged(const std::vector<std::string>& folders, Look&& look) {
  for (const std::string& folder : folders) finish_publication(folder);
  const std::vector<std::string> before = manifest_texts(folders);
  try {
    auto seen = look();
    require_manifests(folders, before);
    return seen;
  } catch (...) {
    require_manifests(folders, before);
    throw;
  }
}

// What flags replaced and added in the run of a manifest.
Overrides flags_of(const nlohmann::json& manifest);

class ResultFolder {
 public:
  // Reads manifest and, but of a shard, summary; finishes a publication that was cut off. Throws Failure: input_missing
  // where there is no such folder; bad_data where the run did not finish, a file is damaged, or the result is of
  // another `numerics`.
  explicit ResultFolder(std::string folder);

  const nlohmann::json& manifest() const { return manifest_; }
  const nlohmann::json& summary() const { return summary_; }
  bool is_shard() const { return manifest_["status"] == "shard"; }
  // What its run reported: the summary as it was written, of a shard the manifest.
  nlohmann::ordered_json report() const;
  const std::string& folder() const { return folder_; }
  std::string path(const std::string& output) const { return folder_ + "/" + output; }
  // Where the run found its config.
  std::string config_path() const;

  // Throws Failure unless the file has the digest that the manifest says: bad_data if it changed, input_missing if it
  // is gone.
  void verify_output(const std::string& output) const;
  void verify_outputs() const;  // all of them
  // The same of the config, and of book, instruments, market and model at the places that it names.
  void verify_inputs(const std::string& config_path) const;

  // What flags replaced.
  Overrides flags() const { return flags_of(manifest_); }
  // What the run started from in place of what its config says: its resolved market and model, whose fit is not made a
  // second time, and what flags replaced.
  Overrides overrides() const;

 private:
  std::string folder_;
  nlohmann::json manifest_, summary_;
};

// A manifest that no run writes, by the place in it: Failure, bad_data.
[[noreturn]] void refuse_manifest(const ResultFolder& result, const std::string& where, const std::string& what);

// Which shard a folder holds; throws Failure (bad_data) where its manifest does not say.
Shard shard_of(const ResultFolder& result);

}  // namespace tailbit
