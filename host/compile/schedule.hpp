// When things happen: the step grid, the dates at which the book is revalued, and the dates inside steps that need a
// price.
//
// The grid depends only on horizon and steps, never on the book, so that adding a contract changes no existing path.
#pragma once

#include <cstdint>
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
GridDate locate(std::int64_t seconds, std::int64_t horizon_seconds, std::uint32_t steps);

struct Schedule {
  double step_years;
  std::vector<Fixing> fixings;               // ascending in date
  std::vector<std::int64_t> fixing_seconds;  // [fixings] from as_of
  std::vector<RevaluationNode> nodes;        // runs not filled in yet
  std::uint32_t points;

  // Index of the fixing at a date; there must be one.
  std::size_t fixing_at(std::int64_t seconds) const;
};

Schedule make_schedule(const Inputs& inputs, std::uint32_t underlyings);

}  // namespace tailbit
