// A group's profits of which only the tail, the greatest and the moments were kept.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tailbit/measure/moments.hpp"

namespace tailbit::measure {

class TailSample {
 public:
  // `worst`: the least profits, ascending; `blocks`: of all scenarios in order.
  TailSample(std::uint64_t scenarios, std::vector<std::int64_t> worst, std::int64_t greatest,
             std::vector<BlockMoments> blocks)
      : scenarios_(scenarios), worst_(std::move(worst)), greatest_(greatest), blocks_(std::move(blocks)) {}

  std::uint64_t size() const { return scenarios_; }
  std::int64_t at(std::uint64_t rank) const {
    if (rank < worst_.size()) return worst_[rank];
    if (rank + 1 == scenarios_) return greatest_;
    throw std::logic_error("TailSample: a rank that was not kept");
  }
  std::vector<std::int64_t> worst(std::uint64_t count) const {
    if (count > worst_.size()) throw std::logic_error("TailSample: more of the tail than was kept");
    return {worst_.begin(), worst_.begin() + static_cast<std::ptrdiff_t>(count)};
  }
  // The whole profit's only.
  CentralMoments moments(Part part, std::int64_t offset) const {
    if (part != Part::whole || offset != 0) throw std::logic_error("TailSample: moments that were not kept");
    return combine(blocks_, scenarios_);
  }

 private:
  std::uint64_t scenarios_;
  std::vector<std::int64_t> worst_;
  std::int64_t greatest_;
  std::vector<BlockMoments> blocks_;
};

}  // namespace tailbit::measure
