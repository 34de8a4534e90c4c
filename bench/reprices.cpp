// How many contracts a core fully values in a second, by family, shape, precision and instruction set.
//
// The time is that of a whole simulation of one day in one step through the CPU backend on one thread: random numbers,
// paths, values, exact sums. Nothing is subtracted.
#include <cstdio>

#include "bench/cases.hpp"
#include "bench/parts.hpp"
#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"

namespace tailbit::bench {
namespace {

Json measure(const Settings& settings, const Case& of, Precision precision, cpu::Isa isa) {
  const Size size = settings.quick ? Size{of.per_underlying / 10, 1'024} : Size{of.per_underlying, 32'768};
  const CompiledJob job = compile(make_inputs(of, size, precision));
  cpu::Options options;
  options.threads = 1;
  options.isa = isa;
  const Timed time = repeat(settings.repeats, [&] { cpu::run(job.plan, options); });
  const double rate = static_cast<double>(job.reprices_per_scenario * size.scenarios) / time.seconds;
  const char* settlement = of.settlement == Settlement::usd ? "usd" : "coin";
  const char* arithmetic = precision == Precision::double_ ? "double" : "single";
  std::printf("%-18s %-5s %-19s %-7s %-4s %9zu %14.1f %8.1f\n", of.family, settlement, smile_name(of.smile), arithmetic,
              cpu::isa_name(isa), job.reprices_per_scenario, rate / 1e6, 100.0 * time.spread);
  return {{"family", of.family},           {"settlement", settlement},
          {"smile", smile_name(of.smile)}, {"precision", arithmetic},
          {"isa", cpu::isa_name(isa)},     {"contracts", job.reprices_per_scenario},
          {"scenarios", size.scenarios},   {"reprices_per_second", rounded(rate)},
          {"spread", rounded(time.spread)}};
}

}  // namespace

Json measure_reprices(const Settings& settings) {
  std::printf("\n%-18s %-5s %-19s %-7s %-4s %9s %14s %8s\n", "family", "pays", "smile", "in", "isa", "contracts",
              "million/s/core", "+- %");
  Json rows = Json::array();
  for (const cpu::Isa isa : measured_isas()) {
    for (const Case& of : cases()) {
      for (const Precision precision : {Precision::double_, Precision::single})
        rows.push_back(measure(settings, of, precision, isa));
    }
  }
  return rows;
}

}  // namespace tailbit::bench
