// `tailbit calibrate`: a model from histories.
#include <iostream>
#include <memory>

#include "host/cli/commands.hpp"
#include "host/cli/flags.hpp"
#include "host/cli/messages.hpp"
#include "host/cli/print.hpp"
#include "host/ops/calibrate.hpp"

namespace tailbit::cli {

void add_calibrate(CLI::App& app) {
  struct Options {
    std::string config, out;
    bool json = false;
  };
  const auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "calibrate", "A model from histories of prices, vols, basis and funding, with the error of every estimate");
  begin_help_with(*command,
                  "  tailbit calibrate calibrate.json\n  tailbit calibrate calibrate.json --out model --json\n");
  command->add_option("CONFIG", o->config, "What to estimate, from which files: a tailbit.calibrate/1 file")
      ->required();
  command->add_option("--out", o->out, "Folder that model and report are written to, in place of the config's")
      ->check(not_empty());
  command->add_flag("--json", o->json, "Print the report");
  command->callback([o] {
    const nlohmann::ordered_json report = calibrate_files(o->config, o->out);
    log_warnings(report["warnings"]);
    std::cout << (o->json ? json_shown(report) + "\n" : calibration_text(report));
  });
}

}  // namespace tailbit::cli
