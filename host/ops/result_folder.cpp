#include "host/ops/result_folder.hpp"

#include <filesystem>

#include "host/io/files.hpp"
#include "host/io/json_file.hpp"
#include "host/report/digest.hpp"
#include "host/report/work_folder.hpp"

namespace tailbit {
namespace {

void require_numerics(const std::string& path, const nlohmann::json& numerics) {
  if (numerics == kNumerics) return;
  throw Failure(ExitCode::bad_data, path + ": is of numerics " + numerics.dump() + ", this program computes numerics " +
                                        std::to_string(kNumerics) +
                                        "; take the program that made it, or run the job again");
}

void verify(const std::string& path, const nlohmann::json& listed, const std::string& gone,
            const std::string& changed) {
  std::error_code none;
  if (!std::filesystem::exists(path, none)) throw Failure(ExitCode::input_missing, path + ": no such file; " + gone);
  // Never a pipe, which might keep its reader waiting.
  if (std::filesystem::is_regular_file(path, none) && sha256_file(path) == listed["sha256"]) return;
  throw Failure(ExitCode::bad_data, path + ": is not the file that the manifest lists (another SHA-256); " + changed);
}

// For a folder without a manifest that is seen; `hidden`: what looking for it came to.
[[noreturn]] void refuse_unfinished(const std::string& folder, std::error_code hidden) {
  if (hidden == std::errc::permission_denied)
    throw Failure(ExitCode::permission, folder + ": may not be read; give this user permission to read it");
  std::error_code unseen;
  const bool seen = std::filesystem::exists(folder + "/.tailbit/commit", unseen);
  if (seen || unseen == std::errc::permission_denied) {
    throw Failure(ExitCode::temporary, folder +
                                           ": has no manifest run.json: perhaps a run is just writing its results" +
                                           (seen ? "" : ", which only its user can see") + "; try again");
  }
  throw Failure(ExitCode::bad_data, folder +
                                        ": has no manifest run.json, so no run finished here; name a complete "
                                        "result directory of `tailbit run`");
}

}  // namespace

nlohmann::json read_result_file(const std::string& path, const std::string& schema) {
  Problems problems;
  FilesRead files{true};
  problems.account(&files);
  const JsonFile file(path, ExitCode::bad_data, problems);
  const auto root = file.root();
  JsonObject(root).schema(schema);
  file.check_schema(schema);
  problems.throw_if_any();
  return root->value();
}

nlohmann::json read_manifest(const std::string& folder) {
  std::error_code hidden;
  if (!std::filesystem::is_directory(folder, hidden)) {
    if (hidden == std::errc::permission_denied) refuse_unfinished(folder, hidden);
    throw Failure(ExitCode::input_missing, folder + ": no such folder; name a result directory of `tailbit run`");
  }
  finish_publication(folder);
  const std::string path = folder + "/" + kManifest;
  // A publication may have begun since.
  if (!std::filesystem::exists(path, hidden)) finish_publication(folder);
  if (!std::filesystem::exists(path, hidden)) refuse_unfinished(folder, hidden);
  return read_result_file(path, "tailbit.manifest/1");
}

std::vector<std::string> manifest_texts(const std::vector<std::string>& folders) {
  std::vector<std::string> texts;
  for (const std::string& folder : folders) {
    Problems problems;
    texts.push_back(read_regular_file(folder + "/" + kManifest, ExitCode::bad_data, problems).value_or(""));
    // That it is not there, or is no file, is told of where it is read for what it says.
    try {
      problems.throw_if_any();
    } catch (const Failure& failure) {
      if (failure.code() != ExitCode::input_missing && failure.code() != ExitCode::bad_data) throw;
    }
  }
  return texts;
}

void require_manifests(const std::vector<std::string>& folders, const std::vector<std::string>& texts) {
  const std::vector<std::string> now = manifest_texts(folders);
  for (std::size_t i = 0; i < folders.size(); ++i) {
    if (now[i] != texts[i])
      throw Failure(ExitCode::temporary, folders[i] + ": the result was replaced or removed meanwhile; try again");
  }
}

ResultFolder::ResultFolder(std::string folder) : folder_(std::move(folder)), manifest_(read_manifest(folder_)) {
  require_numerics(path("run.json"), manifest_["numerics"]);
  if (is_shard()) return;
  summary_ = read_result_file(path("summary.json"), "tailbit.summary/1");
  require_numerics(path("summary.json"), summary_["numerics"]);
}

std::string ResultFolder::config_path() const {
  if (manifest_["inputs"].empty())
    throw Failure(ExitCode::bad_data, path("run.json") + ":/inputs: is empty; run the job again");
  return manifest_["inputs"][0]["path"].get<std::string>();
}

void ResultFolder::verify_output(const std::string& output) const {
  for (const nlohmann::json& listed : manifest_["outputs"]) {
    if (listed["path"] == output) return verify(path(output), listed, "run the job again", "run the job again");
  }
  throw Failure(ExitCode::bad_data, path("run.json") + ":/outputs: does not list " + output + "; run the job again");
}

void ResultFolder::verify_outputs() const {
  for (const nlohmann::json& listed : manifest_["outputs"]) verify_output(listed["path"].get<std::string>());
}

nlohmann::ordered_json ResultFolder::report() const {
  Problems problems;
  const auto text = read_regular_file(path(is_shard() ? "run.json" : "summary.json"), ExitCode::bad_data, problems);
  problems.throw_if_any();
  return nlohmann::ordered_json::parse(*text);
}

void ResultFolder::verify_inputs(const std::string& config_path) const {
  const std::string gone =
      "inputs are looked for where the run found them: work in the folder that it was started from, or name the config "
      "with --config";
  const std::string changed = "restore what the run read, or run the job again";
  const nlohmann::json& inputs = manifest_["inputs"];
  verify(config_path, inputs[0], gone, changed);
  Problems problems;
  const std::vector<std::string> paths = input_paths(read_config(config_path, flags(), problems));
  problems.throw_if_any();
  if (paths.size() != inputs.size())
    throw Failure(ExitCode::bad_data, path("run.json") + ":/inputs: is not what the config names; run the job again");
  for (std::size_t i = 1; i < paths.size(); ++i) verify(paths[i], inputs[i], gone, changed);
}

Overrides flags_of(const nlohmann::json& manifest) {
  const nlohmann::json& job = manifest["job"];
  Overrides flags;
  flags.scenarios = job["scenarios"].get<std::uint64_t>();
  flags.seed = job["seed"].get<std::uint64_t>();
  flags.precision = job["precision"] == "double" ? Precision::double_ : Precision::single;
  flags.greek_units = job["greek_units"] == "deribit" ? GreekUnits::deribit : GreekUnits::standard;
  if (manifest.contains("given")) {
    const nlohmann::json& given = manifest["given"];
    if (given.contains("market")) flags.market = given["market"].get<std::string>();
    flags.trades = given.value("trades", flags.trades);
  }
  return flags;
}

Overrides ResultFolder::overrides() const {
  Overrides overrides = flags();
  overrides.market = path("resolved/market.json");
  overrides.model = path("resolved/model.json");
  return overrides;
}

void refuse_manifest(const ResultFolder& result, const std::string& where, const std::string& what) {
  throw Failure(ExitCode::bad_data, result.path("run.json") + ":" + where + ": " + what +
                                        ", which no run writes; the manifest was changed");
}

Shard shard_of(const ResultFolder& result) {
  if (!result.manifest().contains("shard")) refuse_manifest(result, "/shard", "is missing");
  const nlohmann::json& said = result.manifest()["shard"];
  const Shard shard{said["rank"].get<std::uint32_t>(), said["count"].get<std::uint32_t>()};
  if (shard.rank >= shard.count) refuse_manifest(result, "/shard/rank", "is not below the count");
  return shard;
}

}  // namespace tailbit
