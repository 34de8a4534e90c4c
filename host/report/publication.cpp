#include "host/report/publication.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "host/report/digest.hpp"
#include "host/report/statement.hpp"

namespace tailbit {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What any result may hold; an input of such a name in the folder of the results would be lost.
constexpr const char* kOutputs[] = {"summary.json", "losses.npy",       "exposure.csv",         "greeks.csv",
                                    kManifest,      "metrics.prom",     "resolved/market.json", "resolved/model.json",
                                    kStatement,     kStatementSignature};

// The manifest before, as long as its files are being replaced.
constexpr const char* kReplaced = "replaced.json";

// What a file holds, discarded where that is not JSON or there is none. Throws Failure where it cannot be read: nobody
// knows then what it is.
Json parse_file(const std::string& path) {
  if (std::error_code none; !fs::exists(path, none)) return Json::value_t::discarded;
  Problems problems;
  const std::optional<std::string> text = read_regular_file(path, ExitCode::bad_data, problems);
  if (text) return Json::parse(*text, nullptr, false);
  try {
    problems.throw_if_any();
  } catch (const Failure& failure) {
    if (failure.code() != ExitCode::bad_data) throw;
  }
  return Json::value_t::discarded;
}

bool is_manifest(const Json& json) {
  return json.is_object() && json.value("schema", Json()) == "tailbit.manifest/1" && json.contains("outputs") &&
         json["outputs"].is_array();
}

// A manifest that a result rests on. Throws Failure.
Json read_manifest(const std::string& path) {
  Json json = parse_file(path);
  if (!is_manifest(json))
    throw Failure(ExitCode::bad_data, path + ": is not a manifest; remove it and run the job again");
  return json;
}

// The outputs that a manifest lists, as far as they are paths inside its folder.
std::vector<std::string> listed(const Json& manifest) {
  std::vector<std::string> names;
  if (!is_manifest(manifest)) return names;
  for (const Json& output : manifest["outputs"]) {
    if (!output.is_object() || !output.contains("path") || !output["path"].is_string()) continue;
    if (const auto name = output["path"].get<std::string>(); stays_inside(name)) names.push_back(name);
  }
  return names;
}

void remove_folder(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error)
    throw Failure(ExitCode::io_error, path + ": cannot be removed: " + error.message() + "; remove it by hand");
}

// Itself, not what a link leads to.
fs::file_type type_of(const std::string& path) {
  std::error_code none;
  return fs::symlink_status(path, none).type();
}

bool is_there(const std::string& path) { return type_of(path) != fs::file_type::not_found; }

// A statement about the result that was there, and its signature, are not of the new one.
void remove_statement(const std::string& folder) {
  const std::string statement = folder + "/" + kStatement;
  if (!is_statement(parse_file(statement))) return;  // a file of the user's own
  for (const std::string& name : {folder + "/" + kStatementSignature, statement}) {
    std::error_code gone;
    fs::remove(name, gone);
  }
}

// Files and folders of `from`, but for the two manifests, into place; the folders that were written into are `touched`.
void move_into_place(const std::string& from, const std::string& to, std::vector<std::string>& touched) {
  touched.push_back(to);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(from)) names.push_back(entry.path().filename().string());
  for (const std::string& name : names) {
    const std::string source = from + "/" + name, target = to + "/" + name;
    const fs::file_type type = type_of(source);
    if (type == fs::file_type::directory) {
      make_folder(target);
      require_real_folder(target);
      move_into_place(source, target, touched);
    } else if (type != fs::file_type::regular) {
      throw Failure(ExitCode::bad_data, source +
                                            ": is neither a file nor a folder, which no run writes there; remove " +
                                            to + "/.tailbit, which somebody has changed");
    } else if (name != kManifest && name != kReplaced) {
      move_file(source, target);
    }
  }
}

// While files are being replaced there is no manifest, also after a loss of power.
void take_manifest_away(const std::string& published, const std::string& commit) {
  const std::string replaced = commit + "/" + kReplaced;
  if (!is_there(published) || is_there(replaced)) return;
  move_file(published, replaced);
  sync_folder(commit);
  sync_folder(fs::path(published).parent_path().string());
}

// Whether the way from the folder to what is named in it leads through no link.
bool below_real_folders(const std::string& folder, const std::string& name) {
  std::string place = folder;
  for (const fs::path& step : fs::path(name).parent_path()) {
    place += "/" + step.string();
    if (type_of(place) != fs::file_type::directory) return false;
  }
  return true;
}

// What the result before had, and the new one has not, would seem to be the new one's.
void remove_what_is_not_new(const std::string& results, const std::string& commit) {
  if (!is_there(commit + "/" + kReplaced)) return;
  const std::vector<std::string> names = listed(read_manifest(commit + "/" + kManifest));
  for (const std::string& name : listed(parse_file(commit + "/" + kReplaced))) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    std::error_code gone;
    if (below_real_folders(results, name)) fs::remove(results + "/" + name, gone);
  }
}

}  // namespace

bool stays_inside(const std::string& name) {
  const fs::path path = name;
  return !path.empty() && path.is_relative() && std::find(path.begin(), path.end(), "..") == path.end();
}

Staging::Staging(const WorkFolder& folder) : folder_(folder) {
  remove_folder(folder_.path("new"));
  make_folder(folder_.path("new"));
}

Staging::~Staging() {
  std::error_code ignored;
  fs::remove_all(folder_.path("new"), ignored);
}

std::string Staging::place(const std::string& name) {
  std::string path = folder_.path("new/" + name);
  const std::string subfolder = fs::path(path).parent_path().string();
  if (subfolder != folder_.path("new") &&
      std::find(subfolders_.begin(), subfolders_.end(), subfolder) == subfolders_.end()) {
    make_folder(subfolder);
    subfolders_.push_back(subfolder);
  }
  return path;
}

void Staging::add_pieces(const std::string& name, const std::function<void(const ByteSink&)>& produce) {
  NewFile file(place(name), folder_.results() + "/" + name);
  Sha256 hash;
  OutputFile output{name, 0, ""};
  produce([&](std::string_view bytes) {
    file.write(bytes);
    hash.update(bytes);
    output.bytes += bytes.size();
  });
  file.finish();
  output.sha256 = hash.hex();
  files_.push_back(std::move(output));
}

void Staging::adopt(const std::string& name, const std::string& work_path) {
  const std::string path = place(name);
  OutputFile output{name, fs::file_size(work_path), sha256_file(work_path)};
  std::error_code error;
  fs::create_hard_link(work_path, path, error);  // so that it is not lost where this publication is
  if (error) move_file(work_path, path);
  files_.push_back(std::move(output));
}

void Staging::publish(const Json& manifest) {
  NewFile file(folder_.path("new/" + std::string(kManifest)), folder_.results() + "/" + kManifest);
  file.write(manifest.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  file.finish();
  for (const std::string& subfolder : subfolders_) sync_folder(subfolder);
  sync_folder(folder_.path("new"));
  move_file(folder_.path("new"), folder_.path("commit"));
  sync_folder(folder_.path(""));
  roll_forward(folder_);
}

void roll_forward(const WorkFolder& folder) {
  remove_folder(folder.path("new"));
  const std::string commit = folder.path("commit"), manifest = commit + "/" + kManifest;
  const std::string published = folder.results() + "/" + kManifest;
  if (!is_there(commit)) return;
  require_real_folder(commit);
  if (is_there(manifest)) {
    take_manifest_away(published, commit);
    std::vector<std::string> touched;
    move_into_place(commit, folder.results(), touched);
    remove_what_is_not_new(folder.results(), commit);
    remove_statement(folder.results());
    for (const std::string& each : touched) sync_folder(each);
    move_file(manifest, published);
    sync_folder(folder.results());
  }
  // A result that is complete needs no checkpoint; from one that was stopped early a run goes on.
  // It goes before `commit`, by which it is known.
  if (read_manifest(published).value("status", "") != "stopped_early" && is_there(folder.path("parts"))) {
    remove_folder(folder.path("parts"));
    sync_folder(folder.path(""));
  }
  remove_folder(commit);
}

void require_free_place(const std::string& result_folder, const std::vector<std::string>& inputs) {
  for (const char* name : kOutputs) {
    const std::string output = result_folder + "/" + name;
    std::error_code none;
    if (fs::is_directory(output, none)) {
      throw Failure(ExitCode::cannot_create_output,
                    output + ": is a folder; choose another place for the results or remove it");
    }
    for (const std::string& input : inputs) {
      if (fs::equivalent(input, output, none)) {
        throw Failure(ExitCode::cannot_create_output,
                      output + ": the results would overwrite this input; choose another --out");
      }
    }
  }
  if (const std::string resolved = result_folder + "/resolved"; is_there(resolved)) require_real_folder(resolved);
  const std::string manifest = result_folder + "/" + kManifest;
  if (!is_there(manifest) || is_manifest(parse_file(manifest))) return;
  throw Failure(
      ExitCode::cannot_create_output,
      manifest + ": is there and is not a manifest of results; choose another place for the results or remove it");
}

}  // namespace tailbit
