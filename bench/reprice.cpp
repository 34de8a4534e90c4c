// How many contracts a core fully values in a second, beside QuantLib's blackFormula in the same run.
//
//   tailbit_bench [FILE.json]     prints a table; also writes JSON if a file is named
//
// Four underlyings, 2,000 European options, 65,536 scenarios over one day. The time of a whole simulation (random
// numbers, paths, values, exact sums) divides contracts x scenarios; one thread, processor time, median of seven runs.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>

#include <nlohmann/json.hpp>

#include "bench/peers.hpp"
#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/fit/correlation.hpp"
#include "host/ops/devices.hpp"
#include "host/report/measure.hpp"

namespace tailbit::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kDay = 86'400;
constexpr Timestamp kAsOf{1'767'225'600};
constexpr std::uint64_t kScenarios = 65'536;
constexpr int kOptionsPerUnderlying = 500;

enum class Smile { own, flat, svi, svi_blend };

Inputs make_inputs(Smile smile, Precision precision) {
  Inputs inputs;
  inputs.config.horizon_seconds = kDay;
  inputs.config.scenarios = kScenarios;
  inputs.config.seed = 42;
  inputs.config.precision = precision;
  inputs.config.levels = {0.99};
  inputs.config.exposure_seconds = {kDay};
  inputs.market.as_of = kAsOf;
  for (const char* name : {"AAA", "BBB", "CCC", "DDD"}) {
    inputs.model.underlyings[name] = {0.0, 0.6};
    UnderlyingMarket& market = inputs.market.underlyings[name];
    market.spot = 100.0;
    if (smile == Smile::flat) market.surface = FlatSurface{0.6};
    if (smile == Smile::svi || smile == Smile::svi_blend) {
      SviSurface surface;
      for (int i = 1; i <= 5; ++i)
        surface.slices.push_back({{kAsOf.seconds + i * 40 * kDay}, 0.01 * i, 0.08 * i, -0.2, 0.02, 0.3});
      market.surface = surface;
    }
    for (int i = 0; i < kOptionsPerUnderlying; ++i) {
      const double strike = 60.0 + 0.16 * i;
      // On the slices' own dates, or between them.
      const std::int64_t days = smile == Smile::svi ? 40 * (1 + i % 5) : 41 + i % 150;
      std::optional<double> vol;
      if (smile == Smile::own) vol = 0.4 + 0.001 * (i % 300);
      const std::string id = std::string(name) + "-" + std::to_string(i);
      inputs.instruments.push_back({id, name, 1.0,
                                    European::Terms{i % 2 == 0 ? OptionKind::call : OptionKind::put,
                                                    strike,
                                                    {kAsOf.seconds + days * kDay},
                                                    Settlement::usd,
                                                    vol}});
      Position position;
      position.instrument = id;
      position.quantity = (i * 7 % 11) - 5.3;
      inputs.positions.push_back(position);
    }
  }
  Problems problems;
  fit_correlation(inputs.model, "bench", problems);
  problems.throw_if_any();
  return inputs;
}

// Median of seven, seconds of this process's processor time.
double median_seconds(const std::function<void()>& work) {
  work();  // warm
  std::vector<double> seconds;
  for (int i = 0; i < 7; ++i) {
    const std::clock_t start = std::clock();
    work();
    seconds.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  std::nth_element(seconds.begin(), seconds.begin() + 3, seconds.end());
  return seconds[3];
}

double reprices_per_second(Smile smile, Precision precision, cpu::Isa isa) {
  const CompiledJob job = compile(make_inputs(smile, precision));
  cpu::Options options;
  options.threads = 1;
  options.isa = isa;
  const double seconds = median_seconds([&] { cpu::run(job.plan, options); });
  return static_cast<double>(job.reprices_per_scenario * kScenarios) / seconds;
}

double quantlib_per_second() {
#if TAILBIT_HAS_QUANTLIB
  std::vector<PeerOption> options;
  for (int i = 0; i < kOptionsPerUnderlying; ++i)
    options.push_back({i % 2 == 0, 60.0 + 0.16 * i, 0.2 + 0.001 * (i % 300)});
  std::vector<double> forwards;
  for (int i = 0; i < 4096; ++i) forwards.push_back(90.0 + 20.0 * i / 4096.0);
  volatile double sink = 0.0;
  const double seconds = median_seconds([&] { sink = sink + quantlib_black_formula(options, forwards); });
  return static_cast<double>(options.size() * forwards.size()) / seconds;
#else
  return 0.0;
#endif
}

// Seconds for VaR and ES of a million losses, sorting included.
double measure_seconds() {
  std::vector<std::int64_t> quanta(1'000'000);
  for (std::size_t i = 0; i < quanta.size(); ++i) {
    const auto x = random::Philox4x32::generate(random::make_counter(i, 0, 0, 0), {1, 2});
    quanta[i] = static_cast<std::int32_t>(x.x0) * std::int64_t{1'000'003} + x.x1;
  }
  return median_seconds([&] {
    const measure::HostSample sample(quanta);
    measure::tail_estimate(sample, measure::make_level(0.99), 1.0);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const double quantlib = quantlib_per_second();
  Json rows = Json::array();
  std::printf("%-34s %14s %14s\n", "variant", "million/s/core", "x QuantLib");
  const auto report = [&](const std::string& name, double rate) {
    Json row;
    row["variant"] = name;
    row["reprices_per_second"] = rate;
    if (quantlib > 0.0) row["ratio_to_quantlib"] = rate / quantlib;
    rows.push_back(row);
    std::printf("%-34s %14.1f %14.1f\n", name.c_str(), rate / 1e6, quantlib > 0.0 ? rate / quantlib : 0.0);
  };
  if (quantlib > 0.0) report("QuantLib blackFormula", quantlib);
  const std::pair<const char*, Smile> smiles[] = {{"own vol", Smile::own},
                                                  {"flat surface", Smile::flat},
                                                  {"SVI slice", Smile::svi},
                                                  {"SVI between slices", Smile::svi_blend}};
  for (const cpu::Isa isa : cpu::available_isas()) {
    if (isa == cpu::Isa::baseline) continue;
    for (const auto& [name, smile] : smiles) {
      for (const Precision precision : {Precision::double_, Precision::single}) {
        report(std::string(name) + (precision == Precision::double_ ? ", double, " : ", single, ") + cpu::isa_name(isa),
               reprices_per_second(smile, precision, isa));
      }
    }
  }
  const double measure = measure_seconds();
  std::printf("VaR and ES of 1,000,000 losses: %.2f ms\n", measure * 1e3);
  if (quantlib == 0.0) std::printf("QuantLib was not found when this was built; no ratios\n");
  if (argc > 1) {
    Json result;
    result["schema"] = "tailbit.bench/1";
    result["cpu"] = cpu_name();
    result["rows"] = rows;
    result["measure_1e6_seconds"] = measure;
    std::ofstream(argv[1]) << result.dump(2) << '\n';
  }
  return 0;
}

}  // namespace tailbit::bench

int main(int argc, char** argv) { return tailbit::bench::main(argc, argv); }
