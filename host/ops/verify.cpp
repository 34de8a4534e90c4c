#include "host/ops/verify.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "host/ops/verify_statement.hpp"
#include "host/report/digest.hpp"
#include "host/report/part_file.hpp"
#include "host/report/publication.hpp"
#include "host/report/statement.hpp"

namespace tailbit {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct FileVerdict {
  std::string verdict, detail;  // right | changed | missing | unchecked
};

// A file against what is listed of it.
FileVerdict look_at(const std::string& path, const nlohmann::json& listed) {
  std::error_code none;
  const fs::file_type type = fs::status(path, none).type();
  if (type == fs::file_type::not_found) return {"missing", ""};
  if (type != fs::file_type::regular) return {"changed", "is not a file"};
  const std::uint64_t size = fs::file_size(path), wanted = listed["bytes"].get<std::uint64_t>();
  if (size != wanted)
    return {"changed", std::to_string(size) + " bytes, and " + std::to_string(wanted) + " are listed"};
  if (sha256_file(path) != listed["sha256"]) return {"changed", "another SHA-256"};
  return {"right", ""};
}

// What an output holds, beside being as it was: that of the run of the manifest, or "".
std::string why_not_of_run(const std::string& path, const std::string& name, const nlohmann::json& manifest) {
  const std::string run = manifest["run_id"].get<std::string>();
  std::string other;
  if (name.ends_with(".tbp")) {
    const PartCheck check = check_part_file(path);
    if (!check.why_not.empty()) return check.why_not;
    other = check.header.run_id;
  } else if (name == "summary.json") {
    nlohmann::json summary;
    try {
      summary = read_result_file(path, "tailbit.summary/1");
    } catch (const Failure&) {
      return "is no summary";
    }
    for (const auto& [key, of] : {std::pair("status", "status"), std::pair("scenarios", "scenarios_done")}) {
      if (summary.value(key, nlohmann::json()) != manifest[of])
        return std::string("says another ") + key + " than the manifest";
    }
    other = summary["run_id"].get<std::string>();
  } else {
    return "";
  }
  return other == run ? "" : "is of run " + other + ", and the manifest of " + run;
}

class FileList {
 public:
  void add(const char* kind, const std::string& path, const FileVerdict& found) {
    files_.push_back({{"kind", kind}, {"path", path}, {"verdict", found.verdict}, {"detail", found.detail}});
    changed_ = changed_ || found.verdict == "changed";
    missing_ = missing_ || found.verdict == "missing";
  }
  const Json& files() const { return files_; }
  ExitCode code() const {
    if (changed_) return ExitCode::bad_data;
    return missing_ ? ExitCode::input_missing : ExitCode::done;
  }

 private:
  Json files_ = Json::array();
  bool changed_ = false, missing_ = false;
};

void look_at_outputs(const std::string& folder, const nlohmann::json& manifest, FileList& list) {
  for (const auto& listed : manifest["outputs"]) {
    const std::string name = listed["path"].get<std::string>(), path = folder + "/" + name;
    if (!stays_inside(name)) {
      list.add("output", name, {"changed", "is listed, and lies outside the folder"});
      continue;
    }
    FileVerdict found = look_at(path, listed);
    if (found.verdict == "right") {
      if (const std::string why = why_not_of_run(path, name, manifest); !why.empty()) found = {"changed", why};
    }
    list.add("output", name, found);
  }
}

void look_at_inputs(const nlohmann::json& manifest, const std::optional<std::string>& config, FileList& list) {
  const auto& inputs = manifest["inputs"];
  std::vector<std::string> paths;
  for (const auto& listed : inputs) paths.push_back(listed["path"].get<std::string>());
  if (!paths.empty()) {
    const std::string place = config.value_or(paths[0]);
    if (config) paths.assign(1, place);
    if (look_at(place, inputs[0]).verdict == "right") {
      Problems problems;
      paths = input_paths(read_config(place, flags_of(manifest), problems));
      problems.throw_if_any();
    }
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (i < paths.size()) {
      list.add("input", paths[i], look_at(paths[i], inputs[i]));
    } else {
      list.add("input", inputs[i]["path"].get<std::string>(),
               {"unchecked", "the config that is there does not name it"});
    }
  }
  for (std::size_t i = inputs.size(); i < paths.size(); ++i)
    list.add("input", paths[i], {"changed", "the config names it, and the manifest does not list it"});
}

// Files in the folder that the manifest does not list, and folders that hold none it lists; sorted.
class Unlisted {
 public:
  Unlisted(std::string folder, const nlohmann::json& manifest) : folder_(std::move(folder)) {
    listed_ = {kManifest, kStatement, kStatementSignature};
    for (const auto& output : manifest["outputs"]) {
      const std::string name = fs::path(output["path"].get<std::string>()).lexically_normal().string();
      listed_.insert(name);
      for (fs::path above = fs::path(name).parent_path(); !above.empty() && above != above.root_path();
           above = above.parent_path())
        folders_.insert(above.string());
    }
    for (const auto& input : manifest["inputs"]) add_input(input["path"].get<std::string>());
    walk("");
    std::sort(found_.begin(), found_.end());
  }
  const std::vector<std::string>& names() const { return found_; }

 private:
  // `watch` keeps what it was told beside the results.
  void add_input(const std::string& path) {
    std::error_code none;
    const fs::path name = fs::weakly_canonical(path, none).lexically_relative(fs::weakly_canonical(folder_, none));
    if (name.empty() || *name.begin() == "..") return;
    listed_.insert(name.string());
    for (fs::path above = name.parent_path(); !above.empty(); above = above.parent_path())
      folders_.insert(above.string());
  }
  void walk(const std::string& below) {
    for (const auto& entry : fs::directory_iterator(folder_ + "/" + below)) {
      const std::string name = below + entry.path().filename().string();
      if (name == ".tailbit") continue;
      const bool is_folder = entry.is_directory() && !entry.is_symlink();
      if (is_folder && folders_.contains(name)) {
        walk(name + "/");
      } else if (!listed_.contains(name)) {
        found_.push_back(name + (is_folder ? "/" : ""));
      }
    }
  }

  std::string folder_;
  std::set<std::string> listed_, folders_;
  std::vector<std::string> found_;
};

// As read_manifest; where no run finished, that is what is missing.
nlohmann::json manifest_of(const std::string& folder) {
  try {
    return read_manifest(folder);
  } catch (const Failure& failure) {
    std::error_code none;
    if (failure.code() != ExitCode::bad_data || fs::exists(folder + "/" + kManifest, none)) throw;
    throw Failure(ExitCode::input_missing, failure.what());
  }
}

Verification verify_manifest(const std::string& folder, const nlohmann::json& manifest, const VerifyOptions& options) {
  const std::string manifest_path = folder + "/" + kManifest, digest = sha256_file(manifest_path);
  FileList list;
  look_at_outputs(folder, manifest, list);
  if (!options.outputs_only) look_at_inputs(manifest, options.config, list);
  const StatementVerdict statement = verify_statement(folder, manifest, digest, options.public_key);
  Verification found{{{"schema", "tailbit.verify/1"}, {"result", folder}}, list.code()};
  if (found.code == ExitCode::done || statement.code == ExitCode::bad_data) found.code = statement.code;
  for (const char* key : {"run_id", "status", "program", "numerics", "device", "finished"})
    found.report[key] = manifest[key];
  found.report["manifest_sha256"] = digest;
  found.report["files"] = list.files();
  found.report["unlisted"] = Unlisted(folder, manifest).names();
  found.report["statement"] = statement.report;
  if (options.recompute && found.code == ExitCode::done) {
    const ResultFolder result(folder);
    if (result.is_shard() && options.recompute->blocks) {
      throw Failure(ExitCode::usage, folder +
                                         ": is a shard, of which single blocks cannot be looked up; recompute all of "
                                         "it, or `tailbit merge` the shards and look at blocks of the result");
    }
    Recomputed again = recompute(result, options.config.value_or(result.config_path()), *options.recompute);
    found.report["recompute"] = std::move(again.report);
    if (!again.equal) found.code = ExitCode::compare_mismatch;
  }
  found.report["right"] = found.code == ExitCode::done;
  return found;
}

}  // namespace

Verification verify_result(const std::string& folder, const VerifyOptions& options) {
  manifest_of(folder);  // which tells of one that is missing
  return while_unchanged({folder}, [&] { return verify_manifest(folder, manifest_of(folder), options); });
}

}  // namespace tailbit
