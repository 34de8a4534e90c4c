// `tailbit describe`: what is in a book.
#include <iostream>
#include <memory>

#include "host/cli/commands.hpp"
#include "host/cli/flags.hpp"
#include "host/cli/messages.hpp"
#include "host/cli/print.hpp"
#include "host/ops/describe.hpp"

namespace tailbit::cli {

void add_describe(CLI::App& app) {
  struct Options {
    std::string config, top = "10", surfaces = "0";
    bool stressed = false, json = false;
  };
  const auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "describe", "What is in the book: by underlying, expiry, family, venue, desk; Greeks; how good the market is");
  begin_help_with(*command, "  tailbit describe job.json\n  tailbit describe job.json --top 30 --json\n");
  command->add_option("CONFIG", o->config, "The job: a tailbit.run/1 file")->required();
  command->add_option("--top", o->top, "How many contracts to list")->check(whole_number(0, 1'000'000));
  command
      ->add_option(
          "--surfaces", o->surfaces,
          "Also simulate this many surfaces at the horizon, shocked as in 2026, not by the model, and count arbitrage")
      ->check(whole_number(1, 1'000'000'000));
  command->add_flag("--stressed", o->stressed, "Shock surfaces as in a crash");
  command->add_flag("--json", o->json, "Print JSON");
  command->callback([o] {
    const nlohmann::ordered_json description =
        describe_job(o->config, {*parse_whole(o->top), *parse_whole(o->surfaces), o->stressed});
    log_warnings(description["warnings"]);
    std::cout << (o->json ? json_shown(description) + "\n" : describe_text(description));
  });
}

}  // namespace tailbit::cli
