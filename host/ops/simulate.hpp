// A whole job in memory: simulated and measured, nothing written. `run` itself does more (scenario_run.hpp).
#pragma once

#include <string>
#include <vector>

#include "host/ops/backend.hpp"
#include "tailbit/measure/results.hpp"

namespace tailbit {

struct Simulation {
  measure::Results results;
  Tally tally;
  std::string device;
  std::vector<std::string> warnings;
};

// Throws Failure, also DeviceFailure.
Simulation simulate(const CompiledJob& job, const measure::Request& request, const RunFlags& flags);

}  // namespace tailbit
