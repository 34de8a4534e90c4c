#include <cstring>
#include <iostream>
#include <memory>

#include "host/cli/commands.hpp"
#include "host/cli/flags.hpp"
#include "host/cli/guard.hpp"
#include "host/cli/job_flags.hpp"
#include "host/cli/messages.hpp"
#include "host/cli/metrics_flags.hpp"
#include "host/cli/print.hpp"
#include "host/io/log.hpp"
#include "host/ops/backend.hpp"
#include "host/ops/hardware.hpp"
#include "host/ops/rank_service.hpp"
#include "host/ops/run.hpp"
#include "host/ops/stop_signals.hpp"
#include "host/ops/supervisor.hpp"
#include "host/report/work_folder.hpp"

namespace tailbit::cli {
namespace {

using Json = nlohmann::ordered_json;

void add_scheduling_options(CLI::App& command, RunOptions& o) {
  constexpr double kLongest = 1e9;
  command
      .add_option(
          "--max-seconds", o.max_seconds,
          "End in time: measure and save the scenarios done by then and exit 12, of a shard save them and exit 75; "
          "0: no limit")
      ->check(CLI::Range(0.0, kLongest));
  command.add_option("--checkpoint-seconds", o.checkpoint_seconds, "Time between checkpoints, 0: only when stopped")
      ->check(CLI::Range(0.0, kLongest));
  command
      .add_option("--stall-seconds", o.stall_seconds,
                  "Give a worker up that simulates, or asks for devices, without progress for so long; 0: never")
      ->check(CLI::Range(0.0, kLongest));
  command.add_flag("--resume", o.resume, "Refuse a checkpoint of another job, instead of removing it");
  command.add_option(
      "--shard", o.shard,
      "Do a share of the scenarios, for `tailbit merge`: RANK/COUNT with ranks from 0, or auto[/COUNT] by "
      "what Slurm, Kubernetes or MPI say");
  command.add_flag("--force", o.force, "Run where the result is there already, and on a processor without FMA");
}

void log_hints(const HardwareFacts& facts, const Wishes& wishes) {
  for (const Hint& hint : hints(facts, wishes)) log::info("hint", hint.text, {{"hint", hint.what}});
}

// Without asking for devices: that binds a process to CUDA, which a worker does in its own time.
void log_start(const RunOptions& o, unsigned threads) {
  if (!log::shows(log::Level::info)) return;
  const HardwareFacts facts = hardware_facts(std::nullopt);
  log::info("started", "run " + o.config + " on " + hardware_line(facts),
            {{"config", o.config}, {"hardware", hardware_json(facts)}});
  log_hints(facts, {threads, 0.0});
}

void log_done(const JobDone& done) {
  Json fields;
  for (const char* key : {"run_id", "status", "device", "scenarios", "reprices", "timings"}) {
    if (done.report.contains(key)) fields[key] = done.report[key];
  }
  fields["results"] = done.folder;
  if (done.up_to_date) return log::info("up_to_date", done.folder + " holds the result of this job already", fields);
  log::info("done", "results in " + done.folder, fields);
}

void print_done(const JobDone& done, bool json, bool quiet) {
  log_warnings(done.report["warnings"]);
  log_done(done);
  if (json) {
    std::cout << json_shown(done.report) << '\n';
  } else if (!quiet) {
    std::cout << (done.report.contains("shard") ? shard_text(done.report, done.folder)
                                                : summary_text(done.report, done.folder));
    if (done.up_to_date) std::cout << "up to date: they are of this job, and nothing was computed\n";
  }
}

// Of a result that is there.
void tell_done(const JobDone& done, const Telling& o) {
  print_done(done, o.json, o.quiet);
  write_or_warn(o.metrics, done.report.contains("shard") ? Json() : done.report, done.facts);
}

// Of a process that an MPI launcher started beside others: what each of these does is the whole run.
std::string hint_of_mpi(const RunFlags& flags) {
  if (flags.ranks != nullptr || flags.shard) return "";
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    const char* size = std::getenv(name);
    if (size != nullptr && parse_whole(size).value_or(0) > 1) {
      return "; this is one of " + std::string(size) +
             " processes that MPI has started, each of which would do the whole run: use tailbit-mpi, or --shard auto";
    }
  }
  return "";
}

int work(const RunOptions& o, const RunFlags& flags) {
  return guarded([&] {
    try {
      const JobDone done = run_job(o.config, flags);
      tell_done(done, o);
      return static_cast<int>(done.code);
    } catch (const DeviceFailure& failure) {
      report_failure(failure, *flags.control);
      return static_cast<int>(failure.code());
    } catch (const FolderInUse& failure) {
      throw Failure(failure.code(), failure.what() + hint_of_mpi(flags));
    }
  });
}

// The flags of a rank.
void join_ranks(RunFlags& flags, const RunOptions& o, Ranks& ranks) {
  if (flags.shard)
    throw Failure(ExitCode::usage, "--shard: ranks of MPI share the scenarios already; leave it away, or use tailbit");
  const RankPlace& place = ranks.place();
  if (!place.binding.empty()) log::warning("binding", place.binding);
  flags.ranks = &ranks;
  flags.stall_seconds = o.stall_seconds;
  if (flags.threads == 0) flags.threads = place.processors;
  if (place.shares_devices) flags.device_share = {place.local_rank, place.local_count};
}

void tell_of_worker(const std::string& message) { log::warning("worker", message); }

// Under MPI there is no worker that could be started again: a rank that is lost ends all, and the next run goes on from
// the checkpoint.
Supervised run_alone(const RunOptions& o, RunFlags flags) {
  RunControl control;
  flags.control = &control;
  const StopSignals signals(control, flags.force, tell_of_worker);
  const int code = work(o, flags);
  return {code, 0, control.audit_mismatches};
}

Supervised run_supervised(const RunOptions& o, const RunFlags& flags) {
  SupervisorOptions options;
  options.device = o.device;
  options.stall_seconds = o.stall_seconds;
  options.tell = tell_of_worker;
  return supervise(options, flags, [&](const RunFlags& now) { return work(o, now); });
}

}  // namespace

void report_failure(const DeviceFailure& failure, RunControl& control) {
  std::strncpy(control.failure, failure.what(), sizeof control.failure - 1);
  for (const int device : failure.devices()) control.failed.add(device);
}

void add_run(CLI::App& app, int& exit_code, Ranks* ranks) {
  const auto o = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Fit, compile, simulate, revalue, measure, write");
  if (ranks == nullptr) {
    begin_help_with(*command,
                    "  tailbit run job.json --out results\n"
                    "  tailbit run job.json --scenarios 1000000 --device cuda --json > summary.json\n"
                    "  tailbit run job.json --max-seconds 240 --metrics /var/lib/tailbit-metrics/job.prom\n"
                    "  tailbit run job.json --shard auto --out results\n");
  } else {
    begin_help_with(*command, "  mpirun -n 8 --bind-to none tailbit-mpi run job.json --out results\n");
  }
  add_job_options(*command, *o);
  command->add_option("--out", o->out, "Folder for the results, instead of the config's")->check(not_empty());
  add_computing_options(*command, *o);
  add_scheduling_options(*command, *o);
  command->add_option("--greek-units", o->greek_units, "Units of greeks.csv: standard, or deribit as in its API")
      ->check(CLI::IsMember({"standard", "deribit"}));
  command->add_flag("--quiet", o->quiet, "No progress and no table");
  command->add_flag("--json", o->json, "Print summary.json instead of a table");
  add_metrics_flags(*command, o->metrics);
  command->callback([o, command, ranks, &exit_code] {
    RunFlags flags = to_flags(*o, *command);
    if (ranks != nullptr) {
      join_ranks(flags, *o, *ranks);
    } else {
      flags.threads = threads_to_start(flags.threads);
    }
    if (ranks != nullptr && ranks->place().rank != 0) {
      exit_code = serve_rank(*ranks, o->config, flags);
      return;
    }
    log_start(*o, flags.threads);
    require_writable(o->metrics);
    RunFacts facts;
    facts.started = unix_seconds();
    const Supervised ended = ranks != nullptr ? run_alone(*o, flags) : run_supervised(*o, flags);
    exit_code = ended.exit_code;
    facts.restarts = ended.restarts;
    facts.audit_mismatches = ended.audit_mismatches;
    write_failure(o->metrics, facts, exit_code);  // of a result the worker has told
  });
}

void add_merge(CLI::App& app, int& exit_code) {
  struct Options : MergeOptions, Telling {
    std::string config_path;
    std::uint64_t memory = 0;
  };
  const auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("merge", "Shards of one run into one result: the bits of the unsharded run");
  begin_help_with(*command,
                  "  tailbit run job.json --shard 0/2 --out results; tailbit run job.json --shard 1/2 --out results\n"
                  "  tailbit merge results\n");
  command->add_option("OUT", o->out, "Folder for the result")->required()->check(not_empty());
  command->add_option("DIR", o->folders, "Folders of shards, or that hold shard-*; default: OUT");
  command->add_option("--config", o->config_path, "Where the job's config is now, if not where the shards found it")
      ->check(not_empty());
  command->add_option("--max-memory", o->memory, "Refuse a job that needs more: bytes, or such as 4GB")
      ->transform(CLI::AsSizeValue(false));
  command->add_flag("--quiet", o->quiet, "No table");
  command->add_flag("--json", o->json, "Print summary.json instead of a table");
  add_metrics_flags(*command, o->metrics);
  command->callback([o, &exit_code] {
    if (!o->config_path.empty()) o->config = o->config_path;
    o->max_memory = static_cast<double>(o->memory);
    require_writable(o->metrics);
    RunFacts facts;
    facts.started = unix_seconds();
    exit_code = guarded([&] {
      const JobDone done = merge_shards(*o);
      tell_done(done, *o);
      return static_cast<int>(done.code);
    });
    write_failure(o->metrics, facts, exit_code);
  });
}

void add_validate(CLI::App& app) {
  const auto o = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("validate", "Read and check every input, print the plan; no run");
  begin_help_with(*command, "  tailbit validate job.json\n  tailbit validate job.json --scenarios 1000000 --json\n");
  add_job_options(*command, *o);
  command->add_flag("--json", o->json, "Print JSON");
  command->callback([o, command] {
    const Json plan = validate_job(o->config, to_flags(*o, *command));
    log_warnings(plan["warnings"]);
    if (log::shows(log::Level::info)) log_hints(hardware_facts(std::nullopt), {0, plan["memory_bytes"].get<double>()});
    std::cout << (o->json ? json_shown(plan) + "\n" : plan_text(plan));
  });
}

}  // namespace tailbit::cli
