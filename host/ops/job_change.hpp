// What a job must compute again when its inputs have changed: nothing but the contracts that are held in another
// quantity, or whose underlying's market is another. The rest of the book has the same profits as before to the bit,
// since a scenario depends on nothing but seed and number, a contract's value on nothing but its own underlying, and
// sums over contracts are exact at the same quantum.
#pragma once

#include <algorithm>
#include <string>
#include <unordered_set>

#include "host/compile/compile.hpp"
#include "host/ops/job.hpp"

namespace tailbit {

struct JobChange {
  using Contracts = std::unordered_set<std::string>;

  std::string whole;     // why everything must be computed again; "" where these contracts are all
  Contracts held;        // in another quantity, at the same market
  Contracts gone, come;  // as they were, as they are: not held at one of the times, or of another market

  std::size_t size() const { return held.size() + std::max(gone.size(), come.size()); }
};
JobChange change_between(const NamedJob& before, const CompiledJob& job_before, const NamedJob& after,
                         const CompiledJob& job_after);

// [leaves] the name of the group that is the leaf alone.
std::vector<std::string> leaf_names(const CompiledJob& job);

}  // namespace tailbit
