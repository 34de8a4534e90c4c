// A block of scenarios of a group's profits, reduced to what its measures need beside the tail.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/engine/quantum.hpp"
#include "tailbit/measure/moments.hpp"

namespace tailbit::measure {

// Least and greatest of some profits, quanta.
struct Extremes {
  std::int64_t least, greatest;
  // Sums beyond are not exact.
  HD bool too_large() const { return least <= -kMostQuanta || greatest >= kMostQuanta; }
};

// Of one profit at least.
HD Extremes extremes(const std::int64_t* quanta, std::size_t count) {
  Extremes result{quanta[0], quanta[0]};
  for (std::size_t i = 0; i < count; ++i) {
    result.least = quanta[i] < result.least ? quanta[i] : result.least;
    result.greatest = quanta[i] > result.greatest ? quanta[i] : result.greatest;
  }
  return result;
}

struct BlockSummary {
  Extremes extremes;
  BlockMoments moments;  // of the whole profit; nothing where the extremes are too large
};

// Of a block's profits.
HD BlockSummary block_summary(const std::int64_t* quanta, std::size_t count) {
  BlockSummary summary{extremes(quanta, count), {}};
  if (!summary.extremes.too_large()) summary.moments = block_moments(quanta, count, 0, Part::whole);
  return summary;
}

}  // namespace tailbit::measure
