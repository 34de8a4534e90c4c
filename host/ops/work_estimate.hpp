// How long a job takes, roughly, before it is run.
#pragma once

#include "host/compile/compile.hpp"

namespace tailbit {

// Seconds of a recent core in double precision, for orientation only; `bench` measures.
struct WorkEstimate {
  double paths = 0.0;   // to simulate the factors
  double prices = 0.0;  // to value the contracts and add them up

  double seconds() const { return paths + prices; }
};
WorkEstimate work_estimate(const CompiledJob& job);

}  // namespace tailbit
