// Two cores over one: wall time of one simulation on one thread and on two, in turn. The fastest of each counts, since
// whatever else runs on the machine takes a core away; processor time would not see that a thread waits.
#include <algorithm>
#include <cstdio>
#include <thread>

#include "bench/cases.hpp"
#include "bench/parts.hpp"
#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"

namespace tailbit::bench {

Json measure_threads(const Settings& settings) {
  std::printf("\n%-34s %-4s %14s %8s\n", "two cores over one", "", "times", "+- %");
  if (std::thread::hardware_concurrency() < 2) {
    std::printf("skipped: this machine has one core\n");
    return {{"skipped", "this machine has one core"}};
  }
  const Size size = settings.quick ? Size{50, 4'096} : Size{500, 65'536};
  const CompiledJob job =
      compile(make_inputs(find_case("european", Settlement::usd, Smile::svi), size, Precision::double_));
  std::vector<double> seconds[2];
  for (int i = 0; i <= settings.repeats; ++i) {
    for (unsigned threads = 1; threads <= 2; ++threads) {
      cpu::Options options;
      options.threads = threads;
      const double start = wall_seconds();
      cpu::run(job.plan, options);
      if (i > 0) seconds[threads - 1].push_back(wall_seconds() - start);  // the first warms up
    }
  }
  const Timed one = median(seconds[0]);
  const Timed two = median(seconds[1]);
  const double fastest[] = {*std::min_element(seconds[0].begin(), seconds[0].end()),
                            *std::min_element(seconds[1].begin(), seconds[1].end())};
  const double ratio = fastest[0] / fastest[1];
  std::printf("%-34s %-4s %14.3f %8.1f\n", "SVI slice, double, wall, fastest", "", ratio,
              100.0 * (one.spread + two.spread));
  return {{"one_seconds", rounded(fastest[0])},
          {"two_seconds", rounded(fastest[1])},
          {"ratio", rounded(ratio)},
          {"spread", rounded(one.spread + two.spread)}};
}

}  // namespace tailbit::bench
