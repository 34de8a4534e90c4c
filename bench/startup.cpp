// From the start of the program to its first scenarios: the sample job, from files, by `tailbit run` itself. It says on
// stderr when a tenth of the scenarios is done; ten blocks of scenarios are asked for, so what is timed ends with the
// first block. The fastest of the repeats counts, since whatever else runs on the machine takes a core away.
#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "bench/child.hpp"
#include "bench/folder.hpp"
#include "bench/parts.hpp"
#include "tailbit/engine/pnl.hpp"

namespace tailbit::bench {

Json measure_startup(const Settings& settings) {
  const TemporaryFolder folder;
  const std::size_t scenarios = 10 * ProfitSink::kBlock;
  std::vector<double> wall, processor;
  for (int i = 0; i <= settings.repeats; ++i) {
    const FirstLine line = first_line_of({TAILBIT_PROGRAM, "run", TAILBIT_SAMPLE, "--device", "cpu", "--scenarios",
                                          std::to_string(scenarios), "--out", folder / "results"});
    if (line.text.find("scenarios_done") == std::string::npos)
      throw std::runtime_error("tailbit run does not say first that scenarios are done: " + line.text);
    if (i == 0) continue;  // files are read from the disk
    wall.push_back(line.wall_seconds);
    processor.push_back(line.processor_seconds);
  }
  const double fastest = *std::min_element(wall.begin(), wall.end());
  const Timed all = median(wall);
  const double worked = *std::min_element(processor.begin(), processor.end());
  std::printf("\n%-34s %-4s %14s %14s\n", "start of the program, sample job", "", "wall s", "processor s");
  std::printf("%-34s %-4s %14.4f %14.4f, +- %.1f %%\n", "to its first block of scenarios", "", fastest, worked,
              100.0 * all.spread);
  return {{"scenarios", ProfitSink::kBlock},
          {"seconds", rounded(fastest)},
          {"processor_seconds", rounded(worked)},
          {"spread", rounded(all.spread)}};
}

}  // namespace tailbit::bench
