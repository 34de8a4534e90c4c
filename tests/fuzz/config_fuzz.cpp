// tailbit.run/1.
#include <algorithm>

#include "host/io/readers.hpp"
#include "targets.hpp"

namespace tailbit::fuzz {

void config(std::string_view input) {
  RunConfig config;
  const std::string& path = as_file(input);
  if (!accepts([&](Problems& problems) { config = read_config(path, {}, problems); })) return;
  hold(config.scenarios >= 1 && config.scenarios < (std::uint64_t{1} << 40), "scenarios are in range");
  hold(config.steps >= 1 && config.steps <= config.horizon_seconds, "a step takes a second at least");
  hold(!config.levels.empty() && std::is_sorted(config.levels.begin(), config.levels.end()), "levels ascend");
  hold(config.levels.front() > 0.0 && config.levels.back() < 1.0, "levels are between 0 and 1");
  hold(!config.exposure_seconds.empty() && config.exposure_seconds.front() >= 1 &&
           config.exposure_seconds.back() <= config.horizon_seconds,
       "exposure dates are up to the horizon");
  hold(!config.book.empty() && !config.market.empty() && !config.model.empty(), "files are named");
}

}  // namespace tailbit::fuzz
