// Order statistics of many integers without sorting them all: a histogram over equal parts of their range says which
// part holds a rank, and only parts that are asked for are sorted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace tailbit::measure {

// Ranks count from 0 at the least value. Not to be used by two threads at a time: what was sorted is kept.
class Order {
 public:
  // `values` must outlive the order.
  explicit Order(std::span<const std::int64_t> values) : values_(values) {
    if (values_.size() <= kFewEnough) {
      sorted_.assign(values_.begin(), values_.end());
      std::sort(sorted_.begin(), sorted_.end());
      return;
    }
    std::tie(least_, greatest_) = least_and_greatest();
    while ((distance(greatest_) >> shift_) >= kParts) ++shift_;
    first_rank_.assign(kParts + 1, 0);
    for (const std::int64_t v : values_) ++first_rank_[part_of(v) + 1];
    for (std::size_t part = 0; part < kParts; ++part) first_rank_[part + 1] += first_rank_[part];
  }

  Order(const Order&) = delete;
  Order& operator=(const Order&) = delete;

  std::int64_t at(std::uint64_t rank) const {
    if (rank < sorted_.size()) return sorted_[rank];
    if (rank + 1 == values_.size()) return greatest_;
    const std::size_t part = part_at(rank);
    if (shift_ == 0) return least_ + static_cast<std::int64_t>(part);  // a part holds one value
    return order_of(part).at(rank - first_rank_[part]);
  }

  // Ranks 0 .. count - 1.
  std::span<const std::int64_t> least(std::uint64_t count) const {
    if (count > sorted_.size()) {
      // Of the last part, only some.
      const std::size_t last = part_at(count - 1);
      sorted_.clear();
      sorted_.reserve(first_rank_[last + 1]);
      for (const std::int64_t v : values_) {
        if (part_of(v) <= last) sorted_.push_back(v);
      }
      std::nth_element(sorted_.begin(), sorted_.begin() + static_cast<std::ptrdiff_t>(count - 1), sorted_.end());
      sorted_.resize(count);
      std::sort(sorted_.begin(), sorted_.end());
    }
    return std::span(sorted_).first(count);
  }

 private:
  static constexpr std::size_t kParts = 1 << 13, kFewEnough = 1 << 12;

  std::pair<std::int64_t, std::int64_t> least_and_greatest() const {
    std::int64_t least = values_[0], greatest = values_[0];
    for (const std::int64_t v : values_) {
      least = v < least ? v : least;
      greatest = v > greatest ? v : greatest;
    }
    return {least, greatest};
  }
  std::uint64_t distance(std::int64_t v) const {
    return static_cast<std::uint64_t>(v) - static_cast<std::uint64_t>(least_);
  }
  std::size_t part_of(std::int64_t v) const { return distance(v) >> shift_; }
  std::size_t part_at(std::uint64_t rank) const {
    return static_cast<std::size_t>(std::upper_bound(first_rank_.begin(), first_rank_.end(), rank) -
                                    first_rank_.begin()) -
           1;
  }
  const Order& order_of(std::size_t part) const {
    if (by_part_.empty()) distribute();
    std::unique_ptr<Order>& found = parts_[part];
    if (!found) {
      const std::span<const std::int64_t> all(by_part_);
      found = std::make_unique<Order>(all.subspan(first_rank_[part], first_rank_[part + 1] - first_rank_[part]));
    }
    return *found;
  }
  void distribute() const {
    by_part_.resize(values_.size());
    std::vector<std::uint64_t> next(first_rank_);
    for (const std::int64_t v : values_) by_part_[next[part_of(v)]++] = v;
  }

  std::span<const std::int64_t> values_;
  std::int64_t least_ = 0, greatest_ = 0;
  int shift_ = 0;
  std::vector<std::uint64_t> first_rank_;      // [parts + 1]
  mutable std::vector<std::int64_t> sorted_;   // ranks from 0 on, as far as they were asked for
  mutable std::vector<std::int64_t> by_part_;  // all values, once a rank in the middle was asked for
  mutable std::map<std::size_t, std::unique_ptr<Order>> parts_;
};

}  // namespace tailbit::measure
