// The CPU backend: the reference, and a product in its own right. Threads over tiles, scenarios in the lanes.
#pragma once

#include <functional>

#include "host/backend_cpu/hot_loops.hpp"
#include "tailbit/engine/pnl.hpp"
#include "tailbit/engine/scenario_range.hpp"

namespace tailbit::cpu {

struct Options {
  unsigned threads = 0;  // 0: as many as the machine has
  std::size_t tile = 0;  // scenarios that go through the loops together, 0: by the caches; changes no bit
  Isa isa = best_isa();  // changes no bit
  // Called now and then with the number of the range's scenarios done so far, from one thread at a time.
  std::function<void(std::uint64_t)> progress;
  // Asked by any thread before it takes more scenarios: whether to end here. What was begun is finished.
  std::function<bool()> stop;
};

// A term of the profit and loss that is not finite, or too large to be exact (128 times the book's scale, see
// engine/quantum.hpp).
struct BadTerm {
  std::uint64_t scenario;
  std::uint32_t node;
  std::uint32_t contract;
  double quantity, change;
};

// Thrown when a scenario makes a bad term.
class BadTermError : public std::exception {
 public:
  explicit BadTermError(const BadTerm& term) : term_(term) {}
  const BadTerm& term() const { return term_; }
  const char* what() const noexcept override { return "a profit-and-loss term is out of range"; }

 private:
  BadTerm term_;
};

// Simulates scenarios of the plan into the sink, `range` beginning with a block: all of them, or the first whole blocks
// where it was told to stop. Throws BadTermError for the first bad term by scenario, and what the sink throws.
struct Simulated {
  std::uint64_t end;  // those before it are done
  Tally tally;
};
Simulated run(const Plan& plan, ScenarioRange range, const Options& options, ProfitSink& sink);
// Everything, kept.
Pnl run(const Plan& plan, const Options& options);

// Bytes that a run takes beside what its sink keeps; 0 threads as in Options.
double working_bytes(const Plan& plan, unsigned threads);

// The first bad term among the scenarios [first, first + count), for a backend that only knows that there is one. There
// must be one.
BadTerm find_bad_term(const Plan& plan, std::uint64_t first, std::size_t count);

}  // namespace tailbit::cpu
