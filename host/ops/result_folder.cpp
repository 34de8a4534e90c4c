#include "host/ops/result_folder.hpp"

#include <filesystem>

#include "host/io/json_file.hpp"
#include "host/report/digest.hpp"
#include "host/report/summary.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::json;

Json read_json(const std::string& path, const std::string& schema) {
  Problems problems;
  const JsonFile file(path, ExitCode::bad_data, problems);
  const auto root = file.root();
  JsonObject(root).schema(schema);
  file.check_schema(schema);
  problems.throw_if_any();
  return root->value();
}

void require_numerics(const std::string& path, const Json& numerics) {
  if (numerics == kNumerics) return;
  throw Failure(ExitCode::bad_data, path + ": is of numerics " + numerics.dump() + ", this program computes numerics " +
                                        std::to_string(kNumerics) +
                                        ": take the program that made it, or run the job again");
}

void verify(const std::string& path, const Json& listed, const std::string& gone, const std::string& changed) {
  std::error_code none;
  if (!std::filesystem::exists(path, none)) throw Failure(ExitCode::input_missing, path + ": no such file; " + gone);
  if (sha256_file(path) == listed["sha256"]) return;
  throw Failure(ExitCode::bad_data, path + ": is not the file that the manifest lists (another SHA-256); " + changed);
}

}  // namespace

ResultFolder::ResultFolder(std::string folder) : folder_(std::move(folder)) {
  std::error_code none;
  if (!std::filesystem::is_directory(folder_, none))
    throw Failure(ExitCode::input_missing, folder_ + ": no such folder; name a result directory of `tailbit run`");
  if (!std::filesystem::exists(path("run.json"), none)) {
    throw Failure(ExitCode::bad_data, folder_ +
                                          ": has no manifest run.json, so no run finished here; name a complete "
                                          "result directory of `tailbit run`");
  }
  manifest_ = read_json(path("run.json"), "tailbit.manifest/1");
  require_numerics(path("run.json"), manifest_["numerics"]);
  summary_ = read_json(path("summary.json"), "tailbit.summary/1");
  require_numerics(path("summary.json"), summary_["numerics"]);
}

std::string ResultFolder::config_path() const {
  if (manifest_["inputs"].empty())
    throw Failure(ExitCode::bad_data, path("run.json") + ":/inputs: is empty; run the job again");
  return manifest_["inputs"][0]["path"].get<std::string>();
}

void ResultFolder::verify_output(const std::string& output) const {
  for (const Json& listed : manifest_["outputs"]) {
    if (listed["path"] == output) return verify(path(output), listed, "run the job again", "run the job again");
  }
  throw Failure(ExitCode::bad_data, path("run.json") + ":/outputs: does not list " + output + "; run the job again");
}

void ResultFolder::verify_inputs(const std::string& config_path) const {
  const std::string gone =
      "inputs are looked for where the run found them: work in the folder that it was started from, or name the config "
      "with --config";
  const std::string changed = "restore what the run read, or run the job again";
  const Json& inputs = manifest_["inputs"];
  verify(config_path, inputs[0], gone, changed);
  Problems problems;
  const std::vector<std::string> paths = input_paths(read_config(config_path, flags(), problems));
  problems.throw_if_any();
  if (paths.size() != inputs.size())
    throw Failure(ExitCode::bad_data, path("run.json") + ":/inputs: is not what the config names; run the job again");
  for (std::size_t i = 1; i < paths.size(); ++i) verify(paths[i], inputs[i], gone, changed);
}

Overrides ResultFolder::flags() const {
  Overrides flags;
  flags.scenarios = summary_["scenarios"].get<std::uint64_t>();
  flags.seed = summary_["seed"].get<std::uint64_t>();
  flags.precision = summary_["precision"] == "double" ? Precision::double_ : Precision::single;
  return flags;
}

Overrides ResultFolder::overrides() const {
  Overrides overrides = flags();
  overrides.market = path("resolved/market.json");
  overrides.model = path("resolved/model.json");
  return overrides;
}

}  // namespace tailbit
