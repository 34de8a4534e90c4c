// A group's profits in host memory, in scenario order and sorted.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "tailbit/measure/moments.hpp"

namespace tailbit::measure {

// Ascending, by least-significant-digit radix sort over 16-bit digits (digits that all values share are skipped).
inline std::vector<std::int64_t> sorted(std::span<const std::int64_t> values) {
  constexpr std::size_t kDigits = 1 << 16;
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;  // puts negative values first
  std::vector<std::int64_t> from(values.begin(), values.end());
  if (values.size() < 4096) {
    std::sort(from.begin(), from.end());
    return from;
  }
  std::vector<std::int64_t> to(values.size());
  std::vector<std::size_t> start(kDigits);
  for (int shift = 0; shift < 64; shift += 16) {
    const auto digit = [shift](std::int64_t v) {
      return ((static_cast<std::uint64_t>(v) ^ kSign) >> shift) & (kDigits - 1);
    };
    std::fill(start.begin(), start.end(), 0);
    for (const std::int64_t v : from) ++start[digit(v)];
    if (start[digit(from[0])] == from.size()) continue;
    std::size_t sum = 0;
    for (std::size_t& s : start) sum += std::exchange(s, sum);
    for (const std::int64_t v : from) to[start[digit(v)]++] = v;
    std::swap(from, to);
  }
  return from;
}

class HostSample {
 public:
  // `quanta` in scenario order; must outlive the sample.
  explicit HostSample(std::span<const std::int64_t> quanta) : quanta_(quanta), sorted_(sorted(quanta)) {}

  std::uint64_t size() const { return quanta_.size(); }
  std::int64_t at(std::uint64_t rank) const { return sorted_[rank]; }
  std::vector<std::int64_t> worst(std::uint64_t count) const {
    return {sorted_.begin(), sorted_.begin() + static_cast<std::ptrdiff_t>(count)};
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
  std::vector<std::int64_t> sorted_;
};

}  // namespace tailbit::measure
