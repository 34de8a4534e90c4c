#include "host/cli/metrics_flags.hpp"

#include <utility>

#include "host/cli/flags.hpp"
#include "host/io/log.hpp"

namespace tailbit::cli {
namespace {

// A label's value that needs no escape in dashboards and alerts.
CLI::Validator label() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        const bool good = !text.empty() && text.size() <= 64 &&
                          text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
                              std::string::npos;
        return good ? "" : "\"" + text + "\" is not a name of letters, digits, _, . and -, at most 64";
      },
      "NAME");
}

}  // namespace

void add_metrics_flags(CLI::App& command, MetricsFlags& flags) {
  CLI::Option* file =
      command
          .add_option("--metrics", flags.file,
                      "Also tell how the run went, in Prometheus' text format, in this file: replaced at once, also "
                      "when the run fails")
          ->check(not_empty());
  command
      .add_option("--metrics-name", flags.name,
                  "The label `name` of its metrics, where several jobs of a machine have such a file")
      ->check(label())
      ->needs(file);
}

void require_writable(const MetricsFlags& flags) {
  if (!flags.file.empty()) require_writable_metrics(flags.file);
}

// The results are there, or the reason why not has been told: a fault of monitoring changes neither.
void write_or_warn(const MetricsFlags& flags, const nlohmann::ordered_json& summary, RunFacts facts) {
  if (flags.file.empty()) return;
  facts.name = flags.name;
  try {
    write_metrics(flags.file, summary, std::move(facts));
  } catch (const Failure& failure) {
    log::warning("metrics", std::string("the metrics are not written: ") + failure.what());
  }
}

void write_failure(const MetricsFlags& flags, RunFacts facts, int exit_code) {
  if (delivered(exit_code)) return;
  facts.finished = unix_seconds();
  facts.exit_code = exit_code;
  write_or_warn(flags, nullptr, std::move(facts));
}

}  // namespace tailbit::cli
