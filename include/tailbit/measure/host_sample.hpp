// A group's profits in host memory: all of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
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
  CentralMoments moments(Part part, std::int64_t offset) const { return central_moments(quanta_, offset, part); }

  // USD, in scenario order.
  std::vector<double> losses(double unit) const {
    std::vector<double> result;
    result.reserve(quanta_.size());
    for (const std::int64_t q : quanta_) result.push_back(loss_of(q, unit));
    return result;
  }
  // (scenario, quanta) of the `count` least profits, ties by scenario.
  std::vector<std::pair<std::uint64_t, std::int64_t>> worst_scenarios(std::uint32_t count) const {
    const std::size_t kept = std::min<std::size_t>(count, quanta_.size());
    if (kept == 0) return {};
    const std::int64_t last = at(kept - 1);
    std::vector<std::pair<std::uint64_t, std::int64_t>> result;
    for (std::size_t i = 0; i < quanta_.size(); ++i) {
      if (quanta_[i] <= last) result.emplace_back(i, quanta_[i]);
    }
    std::sort(result.begin(), result.end(),
              [](const auto& a, const auto& b) { return std::pair(a.second, a.first) < std::pair(b.second, b.first); });
    result.resize(kept);
    return result;
  }

 private:
  std::span<const std::int64_t> quanta_;
  Order order_;
};

}  // namespace tailbit::measure
