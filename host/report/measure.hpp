// What is to be measured of a compiled job.
#pragma once

#include "host/compile/compile.hpp"
#include "tailbit/measure/results.hpp"

namespace tailbit {

measure::Request make_request(const CompiledJob& job, const RunConfig& config);

}  // namespace tailbit
