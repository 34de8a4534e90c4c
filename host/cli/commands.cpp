#include "host/cli/commands.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include <unistd.h>

#include "host/cli/flags.hpp"
#include "host/cli/print.hpp"
#include "host/io/files.hpp"
#include "host/ops/compare.hpp"
#include "host/ops/devices.hpp"
#include "host/ops/run.hpp"
#include "host/ops/selftest.hpp"
#include "host/ops/version.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::cli {
namespace {

using Json = nlohmann::ordered_json;

// A bar on a terminal, a JSON line a tenth of the way otherwise; on stderr, so that results stay clean.
std::function<void(std::uint64_t, std::uint64_t)> make_progress() {
  return
      [terminal = isatty(STDERR_FILENO) != 0, shown = std::uint64_t{0}](std::uint64_t done, std::uint64_t of) mutable {
        const std::uint64_t steps = terminal ? 50 : 10;
        const std::uint64_t now = done * steps / of;
        if (now == shown) return;
        shown = now;
        if (terminal) {
          std::cerr << "\r[" << std::string(now, '#') << std::string(steps - now, ' ') << "]"
                    << (now == steps ? "\r\033[K" : "") << std::flush;
        } else {
          std::cerr << Json{{"event", "progress"}, {"scenarios_done", done}, {"scenarios", of}}.dump() << std::endl;
        }
      };
}

struct RunOptions {
  std::string config, out, precision, greek_units, isa, device = "auto";
  std::string scenarios, seed, threads = "0", tile = "0";  // whole numbers as typed, see whole_number
  bool quiet = false, json = false, force = false;
};

RunFlags to_flags(const RunOptions& o, const CLI::App& command) {
  RunFlags flags;
  const auto given = [&](const char* name) {
    const CLI::Option* option = command.get_option_no_throw(name);
    return option != nullptr && option->count() > 0;
  };
  if (given("--out")) flags.overrides.out = o.out;
  if (given("--scenarios")) flags.overrides.scenarios = parse_whole(o.scenarios);
  if (given("--seed")) flags.overrides.seed = parse_whole(o.seed);
  if (given("--precision"))
    flags.overrides.precision = o.precision == "double" ? Precision::double_ : Precision::single;
  if (given("--greek-units"))
    flags.overrides.greek_units = o.greek_units == "deribit" ? GreekUnits::deribit : GreekUnits::standard;
  if (given("--isa")) flags.isa = cpu::parse_isa(o.isa);
  flags.device = o.device;
  flags.threads = static_cast<unsigned>(*parse_whole(o.threads));
  flags.tile = *parse_whole(o.tile);
  flags.force = o.force;
  if (!o.quiet) flags.progress = make_progress();
  return flags;
}

void add_job_options(CLI::App& command, RunOptions& o) {
  command.add_option("CONFIG", o.config, "The job: a tailbit.run/1 file")->required();
  command.add_option("--scenarios", o.scenarios, "Number of scenarios, instead of the config's")
      ->check(whole_number(1, random::kMaxScenarios - 1));
  command.add_option("--seed", o.seed, "Seed, instead of the config's")->check(whole_number(0, ~std::uint64_t{0}));
  command.add_option("--precision", o.precision, "double or single")->check(CLI::IsMember({"double", "single"}));
}

void print_warnings(const Json& result) {
  for (const Json& warning : result["warnings"])
    std::cerr << "tailbit: warning: " << warning.get<std::string>() << '\n';
}

void add_run(CLI::App& app, int&) {
  const auto o = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Fit, compile, simulate, revalue, measure, write");
  add_job_options(*command, *o);
  command->add_option("--out", o->out, "Folder for the results, instead of the config's")->check(not_empty());
  command->add_option("--device", o->device, "auto, cpu, cuda, cuda:ID, cuda:ID,ID (several) or cuda:all");
  command->add_option("--greek-units", o->greek_units, "Units of greeks.csv: standard, or deribit as in its API")
      ->check(CLI::IsMember({"standard", "deribit"}));
  command->add_option("--threads", o->threads, "CPU threads (changes no bit)")->check(whole_number(1, 4096));
  command
      ->add_option("--tile", o->tile,
                   "Scenarios a CPU thread works on at a time; default: as its caches hold (changes no bit)")
      ->check(whole_number(1, 1 << 20));
  command->add_option("--isa", o->isa, "CPU instruction set: baseline, v3 (AVX2) or v4 (AVX-512) (changes no bit)")
      ->check(CLI::IsMember({"baseline", "v3", "v4"}));
  command->add_flag("--force", o->force, "Run even on a processor without FMA");
  command->add_flag("--quiet", o->quiet, "No progress and no table");
  command->add_flag("--json", o->json, "Print summary.json instead of a table");
  command->callback([o, command] {
    const RunFlags flags = to_flags(*o, *command);
    const auto [summary, folder] = run_job(o->config, flags);
    print_warnings(summary);
    if (o->json) {
      std::cout << summary.dump(2) << '\n';
    } else if (!o->quiet) {
      std::cout << summary_text(summary, folder);
    }
  });
}

void add_validate(CLI::App& app, int&) {
  const auto o = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("validate", "Read and check every input, print the plan; no run");
  add_job_options(*command, *o);
  command->add_flag("--json", o->json, "Print JSON");
  command->callback([o, command] {
    const Json plan = validate_job(o->config, to_flags(*o, *command));
    print_warnings(plan);
    std::cout << (o->json ? plan.dump(2) + "\n" : plan_text(plan));
  });
}

void add_compare(CLI::App& app, int& exit_code) {
  struct Options {
    std::string a, b, junit;
    double tolerance = 0.0;
    bool json = false;
  };
  const auto o = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("compare", "Two results: equal bits, or within a tolerance; exit 11 on mismatch");
  command->add_option("A", o->a, "A result directory")->required();
  command->add_option("B", o->b, "Another")->required();
  command
      ->add_option("--tolerance", o->tolerance,
                   "Largest difference relative to the largest expected shortfall; 0: equal bits")
      ->check(CLI::Range(0.0, 1e300));
  command->add_option("--junit", o->junit, "Also write the checks as JUnit XML to this file");
  command->add_flag("--json", o->json, "Print JSON");
  command->callback([o, &exit_code] {
    const Comparison comparison = compare_results(o->a, o->b, o->tolerance);
    if (!o->junit.empty()) write_file(o->junit, comparison.junit());
    if (o->json) {
      std::cout << comparison.report.dump(2) << '\n';
    } else {
      for (const Json& c : comparison.report["checks"]) {
        if (!c["pass"].get<bool>())
          std::cout << "differs  " << c["check"].get<std::string>() << ": " << c["detail"].get<std::string>() << '\n';
      }
      std::cout << (comparison.equal ? "equal" : "different") << '\n';
    }
    if (!comparison.equal) exit_code = static_cast<int>(ExitCode::compare_mismatch);
  });
}

void add_devices(CLI::App& app, int&) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("devices", "What this machine can compute on, and why not");
  command->add_flag("--json", *json, "Print JSON");
  command->callback([json] {
    const Json devices = devices_json();
    std::cout << (*json ? devices.dump(2) + "\n" : devices_text(devices));
  });
}

void add_selftest(CLI::App& app, int& exit_code) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("selftest", "Known answers on every processor and device of this machine");
  command->add_flag("--json", *json, "Print JSON");
  command->callback([json, &exit_code] {
    const Json report = selftest_json();
    if (*json) {
      std::cout << report.dump(2) << '\n';
    } else {
      for (const Json& c : report["checks"]) {
        std::cout << (c["pass"].get<bool>() ? "ok      " : "FAILED  ") << c["device"].get<std::string>() << ": "
                  << c["check"].get<std::string>() << "  " << c["detail"].get<std::string>() << '\n';
      }
      if (report.contains("cuda_reason"))
        std::cout << "skipped cuda: " << report["cuda_reason"].get<std::string>() << '\n';
    }
    if (!report["pass"].get<bool>()) exit_code = static_cast<int>(ExitCode::internal_error);
  });
}

void add_version(CLI::App& app, int&) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("version", "Version, numerics and build");
  command->add_flag("--json", *json, "Print JSON");
  command->callback([json] {
    const Json version = version_json();
    if (*json) {
      std::cout << version.dump(2) << '\n';
    } else {
      std::cout << "tailbit " << version["version"].get<std::string>() << ", numerics " << version["numerics"].dump()
                << ", " << version["compiler"].get<std::string>()
                << ", CUDA backend: " << (version["cuda"].get<bool>() ? "yes" : "no") << '\n';
    }
  });
}

// Levenshtein's distance decides in did_you_mean; here only the candidates are gathered.
std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

}  // namespace

void add_commands(CLI::App& app, int& exit_code) {
  add_run(app, exit_code);
  add_validate(app, exit_code);
  add_price(app, exit_code);
  add_import(app);
  add_init(app);
  add_describe(app);
  add_replay(app);
  add_compare(app, exit_code);
  add_devices(app, exit_code);
  add_selftest(app, exit_code);
  add_schema(app);
  add_version(app, exit_code);
}

std::string suggestion(const CLI::App& app, int argc, char** argv) {
  const CLI::App* scope = &app;
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] == '\0') continue;
    const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    const std::vector<std::string> names = names_of(*scope);
    if (std::find(names.begin(), names.end(), word) != names.end()) {
      // The value of a flag may be spelt as a command of another scope.
      const auto named = [&](const CLI::App* command) { return command->get_name() == word; };
      if (const auto inner = scope->get_subcommands(named); !inner.empty()) scope = inner.front();
      continue;
    }
    if (word[0] == '-' || scope == &app) return " (\"" + word + "\" is not known)" + did_you_mean(word, names);
  }
  return "";
}

}  // namespace tailbit::cli
