// Device memory of one batch.
#pragma once

#include <cstddef>

#include "kernels/batch.hpp"
#include "kernels/buffer.hpp"

namespace tailbit::cuda {

class BatchMemory {
 public:
  BatchMemory(const PlanView& plan, Precision precision, std::size_t lanes)
      : plan_(plan),
        stride_(lanes),
        head_(1),
        paths_(path_entries(plan) * lanes),
        log_returns_single_(precision == Precision::single ? points(plan) * lanes : 0),
        spots_single_(precision == Precision::single ? points(plan) * lanes : 0),
        states_(plan.state_bytes * lanes),
        sums_(std::size_t{plan.node_count} * plan.leaves * lanes) {}

  // At most: not all precisions need all arrays.
  static double bytes_per_lane(const PlanView& plan) {
    const std::size_t doubles = path_entries(plan) + std::size_t{plan.node_count} * plan.leaves;
    return static_cast<double>(plan.state_bytes + sizeof(double) * doubles + 2 * sizeof(float) * points(plan));
  }

  // All but the plan and the number of lanes in use.
  void place(Batch& batch) {
    batch.stride = stride_;
    batch.head = head_.data();
    static_cast<PathArrays&>(batch) = place_path_arrays(plan_, paths_.data(), stride_);
    batch.log_returns_single = log_returns_single_.data();
    batch.spots_single = spots_single_.data();
    batch.states = states_.data();
    batch.sums = sums_.data();
  }

 private:
  static std::size_t points(const PlanView& plan) { return std::size_t{plan.dates} * plan.underlyings; }

  PlanView plan_;
  std::size_t stride_;
  DeviceBuffer<BatchHead> head_;
  DeviceBuffer<double> paths_;
  DeviceBuffer<float> log_returns_single_, spots_single_;
  DeviceBuffer<std::byte> states_;
  DeviceBuffer<std::uint64_t> sums_;  // [nodes][leaves][lanes]
};

}  // namespace tailbit::cuda
