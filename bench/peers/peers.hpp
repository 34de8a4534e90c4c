// The other ways to revalue the book. Each is the fastest straightforward use of what it is named after, on one thread.
#pragma once

#include <memory>
#include <string>

#include "bench/peers/problem.hpp"
#include "bench/timing.hpp"

namespace tailbit::bench {

// Adds the book's profit in the first profit.size() scenarios to `profit`, USD. What does not depend on the scenario is
// prepared once per option, outside the loop over scenarios.
void scalar_profit(const PeerProblem& problem, std::vector<double>& profit);            // scalar.cpp
void quantlib_formula_profit(const PeerProblem& problem, std::vector<double>& profit);  // quantlib_formula.cpp

// QuantLib's instruments with an AnalyticEuropeanEngine over quotes, as a system built on QuantLib revalues: set the
// quotes, ask for the value. Built once, since that takes longer than a scenario.
class QuantlibEngine {
 public:
  explicit QuantlibEngine(const PeerProblem& problem);
  ~QuantlibEngine();
  QuantlibEngine(const QuantlibEngine&) = delete;
  QuantlibEngine& operator=(const QuantlibEngine&) = delete;
  void profit(std::vector<double>& profit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// numpy and scipy in a process of their own, which times itself (numpy_black.py).
struct NumpyRun {
  std::string skipped;  // why it could not run; else empty
  Timed time;
  std::string versions;
};
NumpyRun numpy_profit(const PeerProblem& problem, int repeats, std::vector<double>& profit);

}  // namespace tailbit::bench
