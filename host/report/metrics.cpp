#include "host/report/metrics.hpp"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include <unistd.h>

#include "host/io/files.hpp"
#include "host/io/problems.hpp"
#include "host/io/text.hpp"
#include "host/report/summary.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;
using Labels = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kBeginning = "# HELP tailbit_";
constexpr const char* kLastSuccess = "tailbit_last_success_timestamp_seconds";

// A label's value: any UTF-8 with \, " and line ends escaped.
std::string label_text(const std::string& value) {
  const bool text = first_bad_line(value) == 0;
  std::string result = "\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') {
      result += std::string("\\") + c;
    } else if (c == '\n') {
      result += "\\n";
    } else {
      result += text || (c > 0 && c < 0x7f) ? c : '?';
    }
  }
  return result + '"';
}

// Metrics one after another, each with its samples.
class Text {
 public:
  explicit Text(std::string name) : name_(std::move(name)) {}

  // A metric; its samples follow. Without a sample it is left out.
  void metric(const std::string& metric, const std::string& help) {
    metric_ = metric;
    heading_ = "# HELP " + metric + " " + help + "\n# TYPE " + metric + " gauge\n";
  }
  void sample(const std::string& number, Labels labels = {}) {
    if (!name_.empty()) labels.insert(labels.begin(), {"name", name_});
    text += std::exchange(heading_, "") + metric_;
    for (std::size_t i = 0; i < labels.size(); ++i)
      text += (i == 0 ? "{" : ",") + labels[i].first + "=" + label_text(labels[i].second);
    text += (labels.empty() ? " " : "} ") + number + "\n";
  }
  void sample(double number, Labels labels = {}) {
    if (std::isfinite(number)) sample(number_text(number), std::move(labels));
  }
  // A number of the summary, digits and all; nothing where it is not there.
  void sample(const Json& number, Labels labels = {}) {
    if (number.is_number_integer()) {
      sample(number.dump(), std::move(labels));
    } else if (number.is_number()) {
      sample(number.get<double>(), std::move(labels));
    }
  }

  std::string text;

 private:
  std::string name_, metric_, heading_;
};

Json value_of(const Json& object, const char* key) { return object.is_object() ? object.value(key, Json()) : Json(); }

void add_run(Text& out, const RunFacts& facts) {
  out.metric("tailbit_build_info", "The program that ran; always 1.");
  out.sample(1.0, {{"version", TAILBIT_VERSION}, {"numerics", std::to_string(kNumerics)}});
  out.metric("tailbit_last_exit_code", "Exit code of the last run: 0 done, 10 limit breached, 12 stopped early.");
  out.sample(static_cast<double>(facts.exit_code));
  out.metric("tailbit_last_run_timestamp_seconds", "When the last run ended.");
  out.sample(facts.finished);
  out.metric(kLastSuccess, "When a run last ended with results.");
  if (delivered(facts.exit_code)) {
    out.sample(facts.finished);
  } else if (facts.earlier_success) {
    out.sample(*facts.earlier_success);
  }
  out.metric("tailbit_run_duration_seconds", "From start to end of the last run.");
  out.sample(facts.finished - facts.started);
  out.metric("tailbit_run_restarts", "Workers that the last run started in place of one that ended.");
  out.sample(static_cast<double>(facts.restarts));
  out.metric("tailbit_run_fell_back_to_cpu", "1 where the last run was on the CPU although devices were looked for.");
  out.sample(facts.fell_back_to_cpu ? 1.0 : 0.0);
  out.metric("tailbit_scenarios_resumed", "Scenarios that the last run took from checkpoints.");
  out.sample(std::to_string(facts.resumed_scenarios));
  out.metric("tailbit_audit_blocks", "Blocks of scenarios that were simulated again and compared.");
  if (facts.audited_blocks) out.sample(std::to_string(*facts.audited_blocks));
  out.metric("tailbit_audit_mismatches", "Audits that found other bits; any is a fault of hardware or program.");
  out.sample(std::to_string(facts.audit_mismatches));
  out.metric("tailbit_written_bytes", "Bytes of results that the last run wrote.");
  out.sample(std::to_string(facts.written_bytes));
}

// A number of each level of the book.
void add_measure(Text& out, const Json& measures, const char* metric, const char* help, const char* key) {
  out.metric(metric, help);
  if (!measures.is_array()) return;
  for (const Json& m : measures) {
    const Json level = value_of(m, "level");
    if (value_of(m, "group") == "book" && level.is_number())
      out.sample(value_of(m, key), {{"group", "book"}, {"level", number_text(level.get<double>())}});
  }
}

void add_results(Text& out, const Json& summary) {
  const Json measures = value_of(summary, "measures");
  add_measure(out, measures, "tailbit_var_usd", "Value at risk of the book; a loss is positive.", "var");
  add_measure(out, measures, "tailbit_var_standard_error_usd", "Standard error of tailbit_var_usd.", "var_se");
  add_measure(out, measures, "tailbit_es_usd", "Expected shortfall of the book; a loss is positive.", "es");
  add_measure(out, measures, "tailbit_es_standard_error_usd", "Standard error of tailbit_es_usd.", "es_se");
  add_measure(out, measures, "tailbit_tail_scenarios", "Scenarios in the tail of a level.", "tail_scenarios");
  for (const auto& [metric, help, key] :
       {std::tuple{"tailbit_base_value_usd", "Value of the book today.", "base_value"},
        {"tailbit_gross_notional_usd", "Absolute spot notionals of the book, summed.", "gross_notional"},
        {"tailbit_scenarios", "Scenarios of the result.", "scenarios"},
        {"tailbit_positions", "Positions of the book.", "positions"},
        {"tailbit_contracts", "Contracts of the book after netting.", "contracts"},
        {"tailbit_reprices", "Contracts valued in scenarios.", "reprices"},
        {"tailbit_reprices_per_second", "Rate of tailbit_reprices while simulating.", "reprices_per_second"}}) {
    out.metric(metric, help);
    out.sample(value_of(summary, key));
  }
}

void add_circumstances(Text& out, const Json& summary) {
  out.metric("tailbit_market_timestamp_seconds", "The moment that the market is of.");
  if (const Json as_of = value_of(summary, "as_of"); as_of.is_string()) {
    if (const auto moment = parse_timestamp(as_of.get<std::string>())) out.sample(std::to_string(moment->seconds));
  }
  out.metric("tailbit_stopped_early", "1 where the result has not all scenarios, or not the error asked for.");
  if (const Json status = value_of(summary, "status"); status.is_string()) out.sample(status == "complete" ? 0.0 : 1.0);
  out.metric("tailbit_warnings", "Warnings of the result.");
  if (const Json warnings = value_of(summary, "warnings"); warnings.is_array())
    out.sample(static_cast<double>(warnings.size()));
  out.metric("tailbit_stage_duration_seconds", "Time of a stage.");
  if (const Json timings = value_of(summary, "timings"); timings.is_object()) {
    for (const auto& [stage, seconds] : timings.items()) out.sample(seconds, {{"stage", stage}});
  }
  out.metric("tailbit_device_info", "What the result was computed on; always 1.");
  if (const Json device = value_of(summary, "device"); device.is_string())
    out.sample(1.0, {{"device", device.get<std::string>()}});
}

bool holds_something_else(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string first(kBeginning.size(), '\0');
  file.read(first.data(), static_cast<std::streamsize>(first.size()));
  return file.gcount() > 0 && first != kBeginning;
}

}  // namespace

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

bool delivered(int exit_code) {
  return exit_code == static_cast<int>(ExitCode::done) || exit_code == static_cast<int>(ExitCode::limit_breached) ||
         exit_code == static_cast<int>(ExitCode::stopped_early);
}

std::string metrics_text(const Json& summary, const RunFacts& facts) {
  Text out(facts.name);
  add_run(out, facts);
  if (!summary.is_object()) return out.text;
  add_results(out, summary);
  add_circumstances(out, summary);
  return out.text;
}

std::optional<double> last_success_in(const std::string& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(kLastSuccess)) continue;
    const std::optional<double> seconds = parse_number(line.substr(line.rfind(' ') + 1));
    if (seconds && *seconds >= 0.0) return seconds;
  }
  return std::nullopt;
}

void require_writable_metrics(const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    throw Failure(ExitCode::cannot_create_output,
                  path + ": the metrics cannot be written: " + why + "; choose another --metrics");
  };
  std::error_code none;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  if (!std::filesystem::is_directory(folder, none)) refuse("there is no folder " + folder);
  if (std::filesystem::is_directory(path, none)) refuse("it is a folder");
  if (std::filesystem::exists(path, none) && !std::filesystem::is_regular_file(path, none)) refuse("it is not a file");
  if (holds_something_else(path)) refuse("it is there, and holds no metrics of tailbit");
  if (std::filesystem::path(path).filename() == kMetricsOutput && std::filesystem::exists(folder + "/run.json", none))
    refuse("it is one of the files of the result there");
  if (access(folder.c_str(), W_OK | X_OK) != 0) refuse("the folder may not be written to");
}

void write_metrics(const std::string& path, const Json& summary, RunFacts facts) {
  require_writable_metrics(path);
  if (!delivered(facts.exit_code) && !facts.earlier_success) facts.earlier_success = last_success_in(path);
  FileReplacement file(path);
  file.let_all_read();  // a collector runs as somebody else
  file.write(metrics_text(summary, facts));
  file.commit();
}

}  // namespace tailbit
