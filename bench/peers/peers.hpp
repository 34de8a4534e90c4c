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

// A library of Python by a script beside this file, on one core of the CPU or on a GPU (script.cpp).
struct ScriptRun {
  Timed time;            // processor time on a CPU, wall time on a GPU
  std::string versions;  // of the libraries
  std::string device;    // the GPU, or empty
};
class ScriptPeer {
 public:
  // `device`: "cpu" or "gpu". Tries the interpreter that TAILBIT_BENCH_PYTHON names, else python3 and Debian's.
  ScriptPeer(std::string script, std::string device);
  const std::string& skipped() const { return skipped_; }  // why it cannot run here; else empty
  // Sets `profit`. Throws std::runtime_error where the script fails.
  ScriptRun run(const PeerProblem& problem, int repeats, std::vector<double>& profit) const;

 private:
  std::string script_, device_, python_, skipped_;
};

}  // namespace tailbit::bench
