// Picks the backend and simulates: the one place where CPU and CUDA meet.
#pragma once

#include <string>

#include "host/compile/compile.hpp"
#include "host/ops/run.hpp"
#include "host/report/summary.hpp"
#include "tailbit/engine/pnl.hpp"
#include "tailbit/measure/results.hpp"

namespace tailbit {

struct Simulation {
  measure::Results results;
  Tally tally;
  std::string device;
  Timings timings;  // simulate, measure
  std::vector<std::string> warnings;
};

// What scenarios met on the way.
std::vector<std::string> tally_warnings(const Tally& tally);

// Throws Failure: device_unavailable when the device asked for (or FMA) is not there, bad_data when a contract's value
// leaves the range of exact sums.
Simulation simulate(const CompiledJob& job, const measure::Request& request, const RunFlags& flags);

}  // namespace tailbit
