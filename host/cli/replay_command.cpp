// `tailbit replay`: single scenarios of a finished run again.
#include <iostream>
#include <memory>

#include "host/cli/commands.hpp"
#include "host/cli/flags.hpp"
#include "host/cli/print.hpp"
#include "host/ops/replay.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::cli {

void add_replay(CLI::App& app) {
  struct Options {
    std::string folder, scenario, worst, group = "book", top = "10", config;
    bool json = false;
  };
  const auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "replay", "Single scenarios of a finished run again: factor paths, top gains and losses by contract");
  begin_help_with(*command,
                  "  tailbit replay results --worst 3\n"
                  "  tailbit replay results --worst 1 --group desk=alpha --top 20\n"
                  "  tailbit replay results --scenario 1234 --json > scenario.json\n");
  command->add_option("DIR", o->folder, "A result directory of `tailbit run`")->required();
  CLI::Option* scenario = command->add_option("--scenario", o->scenario, "The scenario with this id, from 0")
                              ->check(whole_number(0, random::kMaxScenarios - 1));
  CLI::Option* worst = command->add_option("--worst", o->worst, "The K scenarios of largest loss")
                           ->check(whole_number(1, 1000))
                           ->excludes(scenario);
  command->add_option("--group", o->group,
                      "A group as in summary.json: rank by its losses, and list its contracts (default: book)");
  command->add_option("--top", o->top, "How many contracts to list that lost, and that gained (default 10)")
      ->check(whole_number(0, 1'000'000));
  command->add_option("--config", o->config, "Where the run's config is now, if it is not where the run found it")
      ->check(not_empty());
  command->add_flag("--json", o->json, "Print JSON, with every date and contract");
  command->callback([o, scenario, worst] {
    if (scenario->count() + worst->count() == 0) throw CLI::RequiredError("--scenario N or --worst K");
    ReplayOptions options;
    if (scenario->count() > 0) {
      options.scenario = parse_whole(o->scenario);
    } else {
      options.worst = *parse_whole(o->worst);
    }
    options.group = o->group;
    if (!o->json) options.top = parse_whole(o->top);
    if (!o->config.empty()) options.config = o->config;
    const nlohmann::ordered_json replay = replay_result(o->folder, options);
    std::cout << (o->json ? json_shown(replay) + "\n" : replay_text(replay));
  });
}

}  // namespace tailbit::cli
