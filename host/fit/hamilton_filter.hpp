// What returns tell of a hidden Markov chain whose state says their law: Hamilton's (1989) filter forwards, Kim's
// (1994) smoother backwards.
#pragma once

#include <vector>

#include "host/fit/maximum_likelihood.hpp"

namespace tailbit::fit {

struct RegimePath {
  Rows filtered;  // [periods][states] probability, given what was seen up to this one
  Rows ahead;     // [periods + 1][states] given what was seen before it; the last of the period behind the last one
  std::vector<double> log_likelihoods;  // [periods in which anything was seen] given those before
};

// From the chain's long-run probabilities, or from equal ones where it has several long runs. `log_densities`:
// [periods][states] of what was seen in the period; an empty row where nothing was, which moves the chain and tells
// nothing of it.
RegimePath hamilton_filter(const Rows& log_densities, const Rows& transition);

struct SmoothedRegimes {
  Rows probabilities;  // [periods][states] given all that was seen
  Rows moves;          // [from][to] how often the chain is expected to have moved so
};

// Of one period or more.
SmoothedRegimes kim_smoother(const RegimePath& path, const Rows& transition);

}  // namespace tailbit::fit
