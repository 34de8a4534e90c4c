// Order statistics of many integers without sorting them all: a histogram over equal parts of their range says which
// part holds a rank, and only parts that are asked for are gathered and sorted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
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
    const auto [least, greatest] = least_and_greatest();
    least_ = least;
    while ((distance(greatest) >> shift_) >= kParts) ++shift_;
    first_rank_.assign(kParts + 1, 0);
    for (const std::int64_t v : values_) ++first_rank_[part_of(v) + 1];
    for (std::size_t part = 0; part < kParts; ++part) first_rank_[part + 1] += first_rank_[part];
  }

  Order(const Order&) = delete;
  Order& operator=(const Order&) = delete;

  std::int64_t at(std::uint64_t rank) const {
    if (rank < sorted_.size()) return sorted_[rank];
    const std::size_t part = part_at(rank);
    if (shift_ == 0) return least_ + static_cast<std::int64_t>(part);  // a part holds one value
    return order_of(part).at(rank - first_rank_[part]);
  }

  // Ranks 0 .. count - 1.
  std::span<const std::int64_t> least(std::uint64_t count) const {
    if (count > sorted_.size()) {
      const std::size_t parts = part_at(count - 1) + 1;
      sorted_.clear();
      sorted_.reserve(first_rank_[parts]);
      for (const std::int64_t v : values_) {
        if (part_of(v) < parts) sorted_.push_back(v);
      }
      std::sort(sorted_.begin(), sorted_.end());
    }
    return std::span(sorted_).first(count);
  }

 private:
  static constexpr std::size_t kParts = 1 << 13, kFewEnough = 1 << 12;

  // Of one part, for values that crowd together.
  explicit Order(std::vector<std::int64_t>&& held) : Order(std::span<const std::int64_t>(held)) {
    held_ = std::move(held);  // the span stays: moving a vector moves no element
  }

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
    std::unique_ptr<Order>& found = parts_[part];
    if (!found) {
      std::vector<std::int64_t> values;
      values.reserve(first_rank_[part + 1] - first_rank_[part]);
      for (const std::int64_t v : values_) {
        if (part_of(v) == part) values.push_back(v);
      }
      found.reset(new Order(std::move(values)));
    }
    return *found;
  }

  std::span<const std::int64_t> values_;
  std::int64_t least_ = 0;
  int shift_ = 0;
  std::vector<std::uint64_t> first_rank_;     // [parts + 1]
  mutable std::vector<std::int64_t> sorted_;  // ranks from 0 on, as far as they were asked for
  mutable std::map<std::size_t, std::unique_ptr<Order>> parts_;
  std::vector<std::int64_t> held_;  // the values, where nobody else holds them
};

}  // namespace tailbit::measure
