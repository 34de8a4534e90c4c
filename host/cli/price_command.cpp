// `tailbit price`: a list of contracts, by formula or by simulation.
#include <iostream>
#include <limits>
#include <memory>

#include "host/cli/commands.hpp"
#include "host/cli/flags.hpp"
#include "host/cli/messages.hpp"
#include "host/ops/price.hpp"
#include "host/ops/price_by_simulation.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::cli {
namespace {

struct PriceArguments {
  std::string file, model, paths = "1000000", steps = "1", seed = "42";
  bool json = false;
};

ExitCode price_on_paths(const PriceArguments& o) {
  const PathFlags flags{o.model, *parse_whole(o.paths), static_cast<std::uint32_t>(*parse_whole(o.steps)),
                        *parse_whole(o.seed)};
  const PricedByPaths done = price_by_simulation(o.file, flags, std::cout, o.json);
  log_warnings(done.warnings);
  return done.code;
}

}  // namespace

void add_price(CLI::App& app, int& exit_code) {
  constexpr std::uint64_t kMostPaths = random::kMaxScenarios - 1;
  constexpr std::uint64_t kMostSteps = 1'000'000;
  const auto o = std::make_shared<PriceArguments>();
  CLI::App* command = app.add_subcommand(
      "price", "Value and Greeks by formula, or with --model value and error by simulation: CSV in, CSV on stdout");
  begin_help_with(*command,
                  "  tailbit price contracts.csv > values.csv\n"
                  "  tailbit price contracts.csv --model model.json --paths 10000000 --steps 10\n");
  command
      ->add_option("FILE", o->file,
                   "id,family,option,spot,strike,expiry_years,rate,carry,vol and the family's own columns")
      ->required();
  CLI::Option* model =
      command->add_option("--model", o->model, "Value by simulating the paths of this tailbit.model/1 file instead")
          ->check(not_empty());
  command->add_option("--paths", o->paths, "With --model: paths per contract (default 1000000)")
      ->check(whole_number(2, kMostPaths))
      ->needs(model);
  command->add_option("--steps", o->steps, "With --model: steps to the expiry (default 1)")
      ->check(whole_number(1, kMostSteps))
      ->needs(model);
  command->add_option("--seed", o->seed, "With --model: seed of the paths (default 42)")
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->needs(model);
  command->add_flag("--json", o->json, "Print JSON");
  command->callback([o, model, &exit_code] {
    const bool simulated = model->count() > 0;
    exit_code = static_cast<int>(simulated ? price_on_paths(*o) : price(o->file, std::cout, o->json));
  });
}

}  // namespace tailbit::cli
