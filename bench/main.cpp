// tailbit_bench: what the engine can do, beside others, in one run.
//
//   tailbit_bench [FILE.json] [--only PART]... [--quick]
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <thread>

#include <CLI/CLI.hpp>

#include "bench/parts.hpp"
#include "host/ops/devices.hpp"

namespace tailbit::bench {

std::vector<cpu::Isa> measured_isas() {
  std::vector<cpu::Isa> isas = cpu::available_isas();
  std::erase(isas, cpu::Isa::baseline);
  return isas;
}

namespace {

// Peers right after our own rates, since their ratios are what counts most.
constexpr struct {
  const char* name;
  Json (*measure)(const Settings&);
} kParts[] = {{"reprices", measure_reprices},
              {"peers", measure_peers},
              {"random", measure_random},
              {"paths", measure_paths},
              {"model_parts", measure_model_parts},
              {"tails", measure_tails},
              {"threads", measure_threads},
              {"stages", measure_stages},
              {"large", measure_large},
              {"startup", measure_startup},
              {"reading", measure_reading}};

#if defined(__clang__)
constexpr const char* kCompiler = __VERSION__;
#else
constexpr const char* kCompiler = "g++ " __VERSION__;
#endif

Json machine() {
  Json isas = Json::array();
  for (const cpu::Isa isa : cpu::available_isas()) isas.push_back(cpu::isa_name(isa));
  return {{"cpu", cpu_name()}, {"cores", std::thread::hardware_concurrency()}, {"isas", isas}};
}

int main(int argc, char** argv) {
  CLI::App app("Measures the engine beside its peers, in one run.", "tailbit_bench");
  Settings settings;
  std::string out;
  std::vector<std::string> only, names;
  for (const auto& part : kParts) names.push_back(part.name);
  app.add_option("FILE", out, "where to write the results as JSON");
  app.add_option("--only", only, "measure this part alone; may be repeated")
      ->check(CLI::IsMember(names))
      ->allow_extra_args(false);
  app.add_flag("--quick", settings.quick, "few scenarios and repeats: shows that everything runs, measures nothing");
  CLI11_PARSE(app, argc, argv);
  if (measured_isas().empty()) {
    std::fprintf(stderr, "tailbit_bench: this processor has neither AVX2 nor AVX-512; there is nothing to measure\n");
    return 69;
  }
  if (settings.quick) settings.repeats = 3;

  Json results = {{"schema", "tailbit.bench/1"},
                  {"machine", machine()},
                  {"compiler", kCompiler},
                  {"quick", settings.quick},
                  {"repeats", settings.repeats}};
  std::printf("%s, %u cores, %s%s\n", cpu_name().c_str(), std::thread::hardware_concurrency(), kCompiler,
              settings.quick ? "; --quick: no measurement" : "");
  std::printf("Processor time of one thread, median of %d; +- is half the range of the repeats.\n", settings.repeats);
  for (const auto& part : kParts) {
    if (only.empty() || std::find(only.begin(), only.end(), part.name) != only.end())
      results[part.name] = part.measure(settings);
    std::fflush(stdout);
  }
  results["targets"] = compare_with_targets(results);
  if (!out.empty()) {
    std::ofstream file(out);
    if (!(file << results.dump(2) << '\n' << std::flush)) {
      std::fprintf(stderr, "tailbit_bench: %s cannot be written\n", out.c_str());
      return 73;
    }
  }
  return 0;
}

}  // namespace
}  // namespace tailbit::bench

int main(int argc, char** argv) {
  try {
    return tailbit::bench::main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tailbit_bench: %s\n", error.what());
    return 70;
  }
}
