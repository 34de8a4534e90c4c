// Where the time of a whole run goes: 5,000 contracts in 100,000 scenarios from files to results, on one thread, and
// the same over its hot loop.
//
// The hot loop is the simulation of the book less the simulation of a book of one coin in the same scenarios: what the
// reprices alone take. Stages are the run's own figures, wall time; the whole and the hot loop are processor time.
#include <algorithm>
#include <cstdio>

#include "bench/cases.hpp"
#include "bench/job.hpp"
#include "bench/parts.hpp"
#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/run.hpp"

namespace tailbit::bench {
namespace {

// Of each of four underlyings.
constexpr struct {
  const char* family;
  Settlement settlement;
  Smile smile;
  int contracts;
} kBook[] = {{"european", Settlement::coin, Smile::svi, 700},
             {"european", Settlement::usd, Smile::svi_between, 500},
             {"digital", Settlement::usd, Smile::svi, 25},
             {"future", Settlement::coin, Smile::none, 23},
             {"perpetual, funded", Settlement::coin, Smile::none, 1},
             {"spot", Settlement::usd, Smile::none, 1}};

Inputs make_job(bool quick) {
  Inputs inputs = make_market(Smile::svi, 4);
  for (const auto& part : kBook) {
    const int contracts = quick ? std::max(1, part.contracts / 10) : part.contracts;
    add_contracts(inputs, find_case(part.family, part.settlement, part.smile), contracts);
  }
  finish(inputs);
  return inputs;
}

Timed simulation(const Settings& settings, const Inputs& inputs) {
  const CompiledJob job = compile(inputs);
  cpu::Options options;
  options.threads = 1;
  return repeat(settings.repeats, [&] { cpu::run(job.plan, options); });
}

// The reprices alone: with the book less without it.
Timed hot_loop(const Settings& settings, const std::string& config) {
  Inputs inputs = resolve(config, {}).inputs;
  const Timed with_book = simulation(settings, inputs);
  inputs.instruments = {{"coin", inputs.market.underlyings.begin()->first, 1.0, Spot::Terms{}}};
  inputs.positions = {};
  inputs.positions.push_back({.instrument = "coin", .quantity = 1.0});
  const double paths = simulation(settings, inputs).seconds;
  return {with_book.seconds - paths, with_book.spread};
}

}  // namespace

Json measure_stages(const Settings& settings) {
  const TemporaryFolder folder;
  const Inputs inputs = make_job(settings.quick);
  const std::uint64_t scenarios = settings.quick ? 2'000 : 100'000;
  const std::string config = write_job(inputs, folder, "job", scenarios);
  RunFlags flags;
  flags.device = "cpu";
  flags.threads = 1;
  std::vector<Json> timings;
  std::vector<double> wall, processor;
  for (int i = 0; i <= settings.repeats; ++i) {
    const double wall_start = wall_seconds(), processor_start = thread_seconds();
    const JobDone done = run_job(config, flags);
    if (i == 0) continue;  // warms up
    processor.push_back(thread_seconds() - processor_start);
    wall.push_back(wall_seconds() - wall_start);
    timings.push_back(done.report.at("timings"));
  }
  const Timed whole = median(processor);
  const Timed loop = hot_loop(settings, config);
  const Json stages = stages_of(timings, wall);

  std::printf("\nstages of a run: %zu contracts, %zu scenarios, one thread\n", inputs.instruments.size(),
              static_cast<std::size_t>(scenarios));
  for (const auto& [stage, seconds] : stages.items())
    std::printf("%-34s %-4s %14.4f s wall\n", stage.c_str(), "", seconds.get<double>());
  std::printf("%-34s %-4s %14.4f s of the processor, +- %.1f %%\n", "whole run", "", whole.seconds, 100 * whole.spread);
  std::printf("%-34s %-4s %14.4f s of the processor, +- %.1f %%\n", "reprices alone", "", loop.seconds,
              100 * loop.spread);
  return {{"contracts", inputs.instruments.size()},
          {"scenarios", scenarios},
          {"wall_seconds", stages},
          {"whole_seconds", rounded(whole.seconds)},
          {"reprices_seconds", rounded(loop.seconds)},
          {"ratio", rounded(whole.seconds / loop.seconds)},
          {"spread", rounded(whole.spread + loop.spread)}};
}

}  // namespace tailbit::bench
