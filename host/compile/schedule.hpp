// When things happen: the step grid, the dates at which the book is revalued, and the dates inside steps that need a
// price.
//
// The grid depends only on horizon and steps, never on the book. Inside a step, prices come from a fixed binary tree of
// bridges over its whole seconds: the second in the middle is drawn given the step's ends, the middle of each half
// given that and an end, and so on (Levy's construction). A date is its own draw and those of its at most 17 ancestors
// in a day's step, all keyed by their offset, so dates in the same step have the joint law of one Brownian path, and a
// new contract changes no existing path.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "host/io/inputs.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit {

// Where a date, in seconds from as_of, lies on the grid. Exact: step k spans [H k/n, H (k+1)/n] seconds.
struct GridDate {
  std::uint32_t step;  // the step that ends at or after the date and starts before it
  bool at_step_end;
  double share;                  // of the step that has passed
  std::uint32_t offset_seconds;  // into the step, whole seconds: the random counter of a date inside it
};
// 0 < seconds <= horizon.
GridDate locate(std::int64_t seconds, std::int64_t horizon_seconds, std::uint32_t steps);

struct Schedule {
  double step_years;
  std::vector<Fixing> fixings;  // ascending in step; within one, every date after those it is bridged between
  struct Ends {
    double passed, rest;  // years since the fixing's left date, until its right one
  };
  std::vector<Ends> ends;                  // [fixings]
  std::map<std::int64_t, DateId> date_at;  // of the fixings, by seconds from as_of
  std::vector<RevaluationNode> nodes;      // runs and tenors not filled in yet
  std::uint32_t dates;                     // the present and the fixings
};

Schedule make_schedule(const Inputs& inputs);

}  // namespace tailbit
