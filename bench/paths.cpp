// What the path of a scenario costs per date, by number of factors.
//
// The time of a whole simulation of 64 steps whose book is one coin, over scenarios times steps: all random numbers,
// the correlated moves of all factors, and once in 64 dates the coin's value and its sum. Nothing is subtracted.
#include <cstdio>

#include "bench/cases.hpp"
#include "bench/parts.hpp"
#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"

namespace tailbit::bench {
namespace {

struct World {
  const char* factors;  // per underlying
  int underlyings;
  void (*extend)(UnderlyingModel&);
};
void spot_alone(UnderlyingModel&) {}
void spot_and_level(UnderlyingModel& model) { model.level = LevelModel{5.0, 0.9, 0.5}; }
constexpr World kWorlds[] = {
    {"spot", 1, spot_alone},
    {"spot", 2, spot_alone},
    {"spot", 8, spot_alone},
    {"spot", 32, spot_alone},
    {"spot, level", 4, spot_and_level},
    {"spot, level, skew, basis", 2, shock},
};

Json measure(const Settings& settings, const World& world, cpu::Isa isa) {
  Inputs inputs = make_market(Smile::svi, world.underlyings);
  for (auto& [name, model] : inputs.model.underlyings) world.extend(model);
  inputs.config.steps = 64;
  const std::size_t factors = model_factors(inputs.model).size();
  const Timed time = time_paths(settings, std::move(inputs), isa);
  const double nanoseconds = 1e9 * time.seconds;
  std::printf("%2d x %-24s %5zu %-4s %14.2f %8.1f\n", world.underlyings, world.factors, factors, cpu::isa_name(isa),
              nanoseconds, 100.0 * time.spread);
  return {{"underlyings", world.underlyings},
          {"of_each", world.factors},
          {"factors", factors},
          {"isa", cpu::isa_name(isa)},
          {"nanoseconds", rounded(nanoseconds)},
          {"spread", rounded(time.spread)}};
}

}  // namespace

Timed time_paths(const Settings& settings, Inputs inputs, cpu::Isa isa) {
  inputs.config.scenarios = settings.quick ? 1'024 : 16'384;
  const std::string coin = inputs.market.underlyings.begin()->first;
  inputs.instruments.push_back({"coin", coin, 1.0, Spot::Terms{}});
  inputs.positions.push_back({.instrument = "coin", .quantity = 1.0});
  finish(inputs);
  const CompiledJob job = compile(inputs);
  cpu::Options options;
  options.threads = 1;
  options.isa = isa;
  Timed time = repeat(settings.repeats, [&] { cpu::run(job.plan, options); });
  time.seconds /= static_cast<double>(inputs.config.scenarios) * static_cast<double>(inputs.config.steps);
  return time;
}

Json measure_paths(const Settings& settings) {
  std::printf("\n%-29s %5s %-4s %14s %8s\n", "path, per scenario and date", "facts", "isa", "ns", "+- %");
  Json rows = Json::array();
  for (const cpu::Isa isa : measured_isas()) {
    for (const World& world : kWorlds) rows.push_back(measure(settings, world, isa));
  }
  return rows;
}

}  // namespace tailbit::bench
