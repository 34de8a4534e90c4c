#include "host/cli/job_flags.hpp"

#include <cstdlib>

#include "host/cli/flags.hpp"
#include "host/cli/messages.hpp"
#include "host/ops/hardware.hpp"
#include "host/ops/shard.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::cli {

RunFlags to_flags(const RunOptions& o, const CLI::App& command) {
  RunFlags flags;
  const auto given = [&](const char* name) {
    const CLI::Option* option = command.get_option_no_throw(name);
    return option != nullptr && option->count() > 0;
  };
  if (given("--out")) flags.overrides.out = o.out;
  if (given("--market")) flags.overrides.market = o.market;
  flags.overrides.trades = o.trades;
  if (given("--scenarios")) flags.overrides.scenarios = parse_whole(o.scenarios);
  if (given("--seed")) flags.overrides.seed = parse_whole(o.seed);
  if (given("--precision"))
    flags.overrides.precision = o.precision == "double" ? Precision::double_ : Precision::single;
  if (given("--greek-units"))
    flags.overrides.greek_units = o.greek_units == "deribit" ? GreekUnits::deribit : GreekUnits::standard;
  if (given("--isa")) flags.isa = cpu::parse_isa(o.isa);
  if (given("--audit")) flags.audit = o.audit;
  if (given("--shard")) flags.shard = parse_shard(o.shard, [](const char* name) { return std::getenv(name); });
  flags.device = o.device;
  flags.threads = static_cast<unsigned>(*parse_whole(o.threads));
  flags.tile = *parse_whole(o.tile);
  flags.force = o.force;
  flags.resume = o.resume;
  flags.checkpoint_seconds = o.checkpoint_seconds;
  flags.max_seconds = o.max_seconds;
  flags.max_memory = static_cast<double>(o.max_memory);
  if (!o.quiet) flags.progress = make_progress();
  return flags;
}

void add_job_options(CLI::App& command, RunOptions& o) {
  command.add_option("CONFIG", o.config, "The job: a tailbit.run/1 file")->required();
  command.add_option("--market", o.market, "A market, instead of the config's")->check(not_empty());
  command.add_option("--trades", o.trades, "A book whose positions add to the config's; may be repeated")
      ->check(not_empty())
      ->allow_extra_args(false);
  command.add_option("--scenarios", o.scenarios, "Number of scenarios, instead of the config's")
      ->check(whole_number(1, random::kMaxScenarios - 1));
  command.add_option("--seed", o.seed, "Seed, instead of the config's")->check(whole_number(0, ~std::uint64_t{0}));
  command.add_option("--precision", o.precision, "double or single")->check(CLI::IsMember({"double", "single"}));
  command.add_option("--max-memory", o.max_memory, "Refuse a job that needs more: bytes, or such as 4GB")
      ->transform(CLI::AsSizeValue(false));
}

void add_computing_options(CLI::App& command, RunOptions& o) {
  command.add_option("--device", o.device, "auto, cpu, cuda, cuda:ID, cuda:ID,ID (several) or cuda:all");
  command
      .add_option("--threads", o.threads,
                  "CPU threads; default: as affinity and the container's quota allow (changes no bit)")
      ->check(whole_number(1, 4096));
  command
      .add_option("--tile", o.tile,
                  "Scenarios a CPU thread works on at a time; default: as its caches hold (changes no bit)")
      ->check(whole_number(1, 1 << 20));
  command.add_option("--isa", o.isa, "CPU instruction set: baseline, v3 (AVX2) or v4 (AVX-512) (changes no bit)")
      ->check(CLI::IsMember({"baseline", "v3", "v4"}));
  command
      .add_option("--audit", o.audit,
                  "Share of the scenarios to compute a second time on the CPU and compare, of each part one block of "
                  "512 at least; default: one block in each part that a device computes")
      ->check(CLI::Range(0.0, 1.0));
}

unsigned threads_to_start(unsigned asked) { return asked != 0 ? asked : cpu_facts().usable_threads(); }

}  // namespace tailbit::cli
