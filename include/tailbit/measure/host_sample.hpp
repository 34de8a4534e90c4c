// A group's profits in host memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "tailbit/measure/moments.hpp"
#include "tailbit/measure/order.hpp"

namespace tailbit::measure {

class HostSample {
 public:
  // `quanta` in scenario order; must outlive the sample.
  explicit HostSample(std::span<const std::int64_t> quanta) : quanta_(quanta), order_(quanta) {}

  std::uint64_t size() const { return quanta_.size(); }
  std::int64_t at(std::uint64_t rank) const { return order_.at(rank); }
  std::vector<std::int64_t> worst(std::uint64_t count) const {
    const std::span<const std::int64_t> least = order_.least(count);
    return {least.begin(), least.end()};
  }
  __int128 sum(Part part, std::int64_t offset) const {
    __int128 total = 0;
    for (const std::int64_t q : quanta_) total += part_of(offset + q, part);
    return total;
  }
  std::vector<double> losses(double unit) const {
    std::vector<double> result;
    result.reserve(quanta_.size());
    for (const std::int64_t q : quanta_) result.push_back(loss_of(q, unit));
    return result;
  }
  PowerSums power_sums(Part part, std::int64_t offset, double centre) const {
    PowerSums total;
    for (std::size_t first = 0; first < quanta_.size(); first += kBlock) {
      const std::size_t count = std::min(kBlock, quanta_.size() - first);
      add(total, block_power_sums(quanta_.data() + first, count, offset, part, centre));
    }
    return total;
  }

 private:
  std::span<const std::int64_t> quanta_;
  Order order_;
};

}  // namespace tailbit::measure
