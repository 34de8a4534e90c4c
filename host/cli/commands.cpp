#include "host/cli/commands.hpp"

#include <algorithm>
#include <cctype>
#include <iostream>
#include <memory>

#include "host/cli/flags.hpp"
#include "host/cli/messages.hpp"
#include "host/cli/print.hpp"
#include "host/io/files.hpp"
#include "host/io/log.hpp"
#include "host/ops/compare.hpp"
#include "host/ops/devices.hpp"
#include "host/ops/hardware.hpp"
#include "host/ops/selftest.hpp"
#include "host/ops/version.hpp"

namespace tailbit::cli {
namespace {

using Json = nlohmann::ordered_json;

void add_compare(CLI::App& app, int& exit_code) {
  struct Options {
    std::string a, b, junit;
    double tolerance = 0.0;
    bool json = false;
  };
  const auto o = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("compare", "Two results: equal bits, or within a tolerance; exit 11 on mismatch");
  begin_help_with(*command,
                  "  tailbit compare results-cpu results-gpu\n"
                  "  tailbit compare single double --tolerance 3e-6 --junit compared.xml\n");
  command->add_option("A", o->a, "A result directory")->required();
  command->add_option("B", o->b, "Another")->required();
  command
      ->add_option("--tolerance", o->tolerance,
                   "Largest difference relative to the largest expected shortfall; 0: equal bits")
      ->check(CLI::Range(0.0, 1e300));
  command->add_option("--junit", o->junit, "Also write the checks as JUnit XML to this file")->check(not_empty());
  command->add_flag("--json", o->json, "Print JSON");
  command->callback([o, &exit_code] {
    const Comparison comparison = compare_results(o->a, o->b, o->tolerance);
    if (!o->junit.empty()) write_file(o->junit, comparison.junit());
    if (o->json) {
      std::cout << json_shown(comparison.report) << '\n';
    } else {
      for (const Json& c : comparison.report["checks"]) {
        if (!c["pass"].get<bool>())
          std::cout << "differs  " << as_shown(c["check"].get<std::string>()) << ": "
                    << as_shown(c["detail"].get<std::string>()) << '\n';
      }
      for (const Json& note : comparison.report["notes"])
        std::cout << "note     " << as_shown(note.get<std::string>()) << '\n';
      std::cout << (comparison.equal ? "equal" : "different") << '\n';
    }
    if (!comparison.equal) exit_code = static_cast<int>(ExitCode::compare_mismatch);
  });
}

void add_devices(CLI::App& app, int&) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("devices", "What this machine can compute on, and why not");
  begin_help_with(*command, "  tailbit devices\n  tailbit devices --json\n");
  command->add_flag("--json", *json, "Print JSON");
  command->callback([json] {
    const Json devices = devices_json();
    std::cout << (*json ? json_shown(devices) + "\n" : devices_text(devices));
  });
}

void add_selftest(CLI::App& app, int& exit_code) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("selftest", "Known answers on every processor and device of this machine");
  begin_help_with(*command, "  tailbit selftest && tailbit run job.json\n");
  command->add_flag("--json", *json, "Print JSON");
  command->callback([json, &exit_code] {
    const Json report = selftest_json();
    if (*json) {
      std::cout << json_shown(report) << '\n';
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
  begin_help_with(*command, "  " + app.get_name() + " version --json\n");
  command->add_flag("--json", *json, "Print JSON");
  command->callback([json] {
    const Json version = version_json();
    if (*json) {
      std::cout << json_shown(version) << '\n';
    } else {
      std::cout << "tailbit " << version["version"].get<std::string>() << ", numerics " << version["numerics"].dump()
                << ", " << version["compiler"].get<std::string>()
                << ", CUDA backend: " << (version["cuda"].get<bool>() ? "yes" : "no") << '\n';
    }
  });
}

// Neither empty, nor "-" for the standard input, nor a number, which may begin with a minus.
bool may_be_a_name(const std::string& word) {
  if (word.empty() || word[0] != '-') return !word.empty();
  return word.size() > 1 && (std::isdigit(static_cast<unsigned char>(word[1])) == 0) && word[1] != '.';
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

void add_commands(CLI::App& app, int& exit_code, Ranks* ranks) {
  add_run(app, exit_code, ranks);
  if (ranks != nullptr) return add_version(app, exit_code);
  add_watch(app, exit_code);
  add_merge(app, exit_code);
  add_validate(app);
  add_price(app, exit_code);
  add_import(app);
  add_init(app);
  add_calibrate(app);
  add_describe(app);
  add_replay(app);
  add_backtest(app);
  add_compare(app, exit_code);
  add_verify(app, exit_code);
  add_attest(app);
  add_devices(app, exit_code);
  add_selftest(app, exit_code);
  add_schema(app);
  add_version(app, exit_code);
  add_completion(app);
}

std::string suggestion(const CLI::App& app, int argc, char** argv) {
  const CLI::App* scope = &app;
  for (int i = 1; i < argc; ++i) {
    if (!may_be_a_name(argv[i])) continue;
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
