#include <cmath>
#include <iostream>
#include <memory>

#include "host/cli/commands.hpp"
#include "host/cli/flags.hpp"
#include "host/cli/guard.hpp"
#include "host/cli/job_flags.hpp"
#include "host/cli/messages.hpp"
#include "host/io/log.hpp"
#include "host/io/text.hpp"
#include "host/ops/supervisor.hpp"
#include "host/ops/watch.hpp"

namespace tailbit::cli {
namespace {

using Json = nlohmann::ordered_json;

struct WatchArguments : RunOptions {
  std::string inbox, pipe;
  double interval = 1.0;
};

std::string seconds_text(double seconds) { return number_text(std::round(seconds * 1000.0) / 1000.0) + " s"; }

// "2026-03-27T08:00:00.123Z  published 8a8065c507a3cdf0 in 0.041 s, 2 of 56 contracts computed: VaR and ES at 99 % ..."
std::string event_text(const Json& event, const JobDone* done) {
  const std::string what = event["event"];
  if (what == "failed") return event["message"].get<std::string>() + "\nThe result that is there stays.";
  if (what == "rejected") return event["message"].get<std::string>();
  if (what == "ignored") {
    return event["file"].get<std::string>() +
           ": is none of .market.json, .trades.csv, .trades.json, .trades.jsonl; "
           "rename it or take it away";
  }
  std::string text = log::time_text(static_cast<std::int64_t>(unix_seconds() * 1000.0)) + "  " + what + "  ";
  if (what == "filed") return text + event["file"].get<std::string>();
  text += event["run_id"].get<std::string>() + " in " + seconds_text(event["seconds"]) + ", " +
          std::to_string(event["computed"].get<std::size_t>()) + " of " +
          std::to_string(event["contracts"].get<std::size_t>()) + " contracts computed";
  if (const std::string whole = event["whole"]; !whole.empty()) text += " (" + whole + ")";
  if (done == nullptr || done->report["measures"].empty()) return text;
  for (const Json& measure : done->report["measures"]) {
    if (measure["group"] != "book") break;
    text += "; " + number_text(100.0 * measure["level"].get<double>()) + " %: VaR " +
            number_text(std::round(measure["var"].get<double>())) + ", ES " +
            number_text(std::round(measure["es"].get<double>()));
  }
  return text;
}

void tell(const WatchArguments& o, const Json& event, const JobDone* done) {
  const std::string what = event["event"];
  const bool bad = what == "failed" || what == "rejected" || what == "ignored";
  log::write(bad ? log::Level::warning : log::Level::info, what, event_text(event, done), event);
  if (done != nullptr && !done->up_to_date) log_warnings(done->report["warnings"]);
  if (o.json) {
    std::cout << event.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
  } else if (!o.quiet && !bad) {
    std::cout << event_text(event, done) << '\n' << std::flush;
  }
  if (!std::cout) {  // a full disk may have room again
    log::warning("output", "standard output cannot be written; what was told there is lost");
    std::cout.clear();
  }
  if (done != nullptr) {
    write_or_warn(o.metrics, done->report, done->facts);
  } else if (what == "failed") {
    RunFacts facts;
    facts.started = facts.finished = unix_seconds();
    facts.exit_code = event["code"];
    write_or_warn(o.metrics, nullptr, facts);
  }
}

int work(const WatchArguments& o, const RunFlags& flags) {
  return guarded([&] {
    WatchOptions options;
    options.config = o.config;
    options.overrides = flags.overrides;
    if (!o.inbox.empty()) options.inbox = o.inbox;
    if (!o.pipe.empty()) options.pipe = o.pipe;
    options.interval_seconds = o.interval;
    std::optional<JobDone> last;  // that the result is of
    options.tell = [&](const Json& event, const JobDone* done) {
      if (done != nullptr) last = *done;
      tell(o, event, done);
    };
    options.still = [&] {
      const double later = unix_seconds() - last->facts.finished;
      last->facts.started += later;
      last->facts.finished += later;
      write_or_warn(o.metrics, last->report, last->facts);
    };
    try {
      return static_cast<int>(watch(options, flags));
    } catch (const DeviceFailure& failure) {
      report_failure(failure, *flags.control);
      return static_cast<int>(failure.code());
    }
  });
}

}  // namespace

void add_watch(CLI::App& app, int& exit_code) {
  const auto o = std::make_shared<WatchArguments>();
  CLI::App* command = app.add_subcommand("watch", "Stay, and publish the result anew whenever an input changes");
  begin_help_with(*command,
                  "  tailbit watch job.json --inbox incoming\n"
                  "  feed | tailbit watch job.json --pipe - --json\n");
  add_job_options(*command, *o);
  command->add_option("--out", o->out, "Folder for the results, instead of the config's")->check(not_empty());
  CLI::Option* inbox =
      command
          ->add_option("--inbox", o->inbox,
                       "Folder for NAME.market.json and NAME.trades.csv, .json or .jsonl; default: `inbox` in OUT")
          ->check(not_empty());
  command
      ->add_option("--pipe", o->pipe,
                   "Take messages from a pipe, - for the standard input, and file them in OUT/inbox; ends with it")
      ->check(not_empty())
      ->excludes(inbox);
  command->add_option("--interval", o->interval, "Seconds between looks at the files")
      ->check(CLI::Range(0.01, 86400.0));
  add_computing_options(*command, *o);
  command
      ->add_option("--stall-seconds", o->stall_seconds,
                   "Give a worker up that simulates without progress for so long, 0: never")
      ->check(CLI::Range(0.0, 1e9));
  command->add_option("--greek-units", o->greek_units, "Units of greeks.csv: standard, or deribit as in its API")
      ->check(CLI::IsMember({"standard", "deribit"}));
  command->add_flag("--quiet", o->quiet, "No progress and no lines on stdout");
  command->add_flag("--json", o->json, "Print a JSON object for each event");
  add_metrics_flags(*command, o->metrics);
  command->callback([o, command, &exit_code] {
    RunFlags flags = to_flags(*o, *command);
    flags.threads = threads_to_start(flags.threads);
    flags.progress = nullptr;  // it would tell of every update
    require_writable(o->metrics);
    SupervisorOptions options;
    options.device = o->device;
    options.stall_seconds = o->stall_seconds;
    options.tell = [](const std::string& message) { log::warning("worker", message); };
    RunFacts facts;
    facts.started = unix_seconds();
    const Supervised ended = supervise(options, flags, [&](const RunFlags& now) { return work(*o, now); });
    exit_code = ended.exit_code;
    facts.restarts = ended.restarts;
    facts.audit_mismatches = ended.audit_mismatches;
    write_failure(o->metrics, facts, exit_code);
  });
}

}  // namespace tailbit::cli
