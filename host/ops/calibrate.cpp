#include "host/ops/calibrate.hpp"

#include <filesystem>

#include "host/fit/model.hpp"
#include "host/io/files.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"
#include "host/io/write_inputs.hpp"
#include "host/ops/calibration.hpp"
#include "host/ops/version.hpp"
#include "host/report/digest.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

// A model that `run` would refuse is a fault of the estimates, and is not written.
void check_readable(const std::string& path, const std::string& text) {
  Problems problems;
  Model model = read_model_text(path, text, problems);
  problems.throw_if_any();
  std::vector<std::string> warnings;
  fit_model(model, path, problems, warnings);
  problems.throw_if_any();
}

void make_folder_of(const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  if (!folder.empty()) make_folder(folder.string());
}

// Every file that was read, once.
Json inputs_json(const FilesRead& files) {
  Json out = Json::array();
  for (const auto& [path, digest] : files.digests)
    out.push_back({{"path", path}, {"bytes", digest.bytes}, {"sha256", digest.sha256}});
  return out;
}

// The residuals of a bootstrap as the CSV file that `innovations.history` names.
std::string history_csv(const BootstrapModel& bootstrap, const std::vector<Timestamp>& times) {
  std::string out = "time";
  for (const std::string& factor : bootstrap.factors) out += "," + factor;
  for (std::size_t r = 0; r < bootstrap.rows.size(); ++r) {
    out += "\n" + timestamp_text(times[r]);
    for (const double residual : bootstrap.rows[r]) out += "," + number_text(residual);
  }
  return out + "\n";
}

}  // namespace

Json calibrate_files(const std::string& config_path, const std::string& out) {
  Problems problems;
  FilesRead files{true, {}};
  problems.account(&files);
  const CalibrateConfig config = read_calibrate_config(config_path, out, problems);
  problems.throw_if_any();
  const Histories histories = read_histories(config, problems);
  problems.throw_if_any();
  Calibration found = calibrate(config, histories);

  Json written = model_to_json(found.model);
  check_readable(config.model, json_text(written));
  if (found.model.bootstrap) {
    // The same numbers, in a file that people and other programs read more easily.
    written["innovations"].erase("residuals");
    written["innovations"]["history"] = config.history;
    found.report["history"] = config.history_path();
  }
  const std::string model = json_text(written);
  found.report["model"] = config.model;
  found.report["report"] = config.report;
  found.report["inputs"] = inputs_json(files);
  make_folder_of(config.report);
  make_folder_of(config.model);
  write_file(config.report, json_text(found.report));
  if (found.model.bootstrap) {
    make_folder_of(config.history_path());
    write_file(config.history_path(), history_csv(*found.model.bootstrap, found.history_times));
  }
  write_file(config.model, model);
  return found.report;
}

}  // namespace tailbit
