// Device memory of one batch.
#pragma once

#include <cstddef>

#include "kernels/batch.hpp"
#include "kernels/buffer.hpp"

namespace tailbit::cuda {

class BatchMemory {
 public:
  BatchMemory(const PlanView& plan, Precision precision, std::size_t lanes)
      : stride_(lanes),
        head_(1),
        normals_((plan.factors + 1) * lanes),
        scale_(plan.mixing != nullptr ? lanes : 0),
        before_(plan.factors * lanes),
        factors_(std::size_t{plan.dates} * plan.factors * lanes),
        spot_vols_(plan.any_implied ? plan.underlyings * lanes : 0),
        period_base_(plan.max_move > 0.0 ? plan.underlyings * lanes : 0),
        period_factor_(plan.max_move > 0.0 ? plan.underlyings * lanes : 0),
        log_returns_(points(plan) * lanes),
        spots_(points(plan) * lanes),
        log_returns_single_(precision == Precision::single ? points(plan) * lanes : 0),
        spots_single_(precision == Precision::single ? points(plan) * lanes : 0),
        states_(plan.state_bytes * lanes),
        sums_(std::size_t{plan.node_count} * plan.leaves * lanes) {}

  // At most; not all plans need all arrays.
  static double bytes_per_lane(const PlanView& plan) {
    const std::size_t doubles = (std::size_t{plan.dates} + 2) * plan.factors + 2 + 3 * std::size_t{plan.underlyings} +
                                2 * points(plan) + std::size_t{plan.node_count} * plan.leaves;
    return static_cast<double>(plan.state_bytes + sizeof(double) * doubles + 2 * sizeof(float) * points(plan));
  }

  // All but the plan and the number of lanes in use.
  void place(Batch& batch) {
    batch.stride = stride_;
    batch.head = head_.data();
    batch.normals = normals_.data();
    batch.scale = scale_.data();
    batch.before = before_.data();
    batch.factors = factors_.data();
    batch.spot_vols = spot_vols_.data();
    batch.period_base = period_base_.data();
    batch.period_factor = period_factor_.data();
    batch.log_returns = log_returns_.data();
    batch.spots = spots_.data();
    batch.log_returns_single = log_returns_single_.data();
    batch.spots_single = spots_single_.data();
    batch.states = states_.data();
    batch.sums = sums_.data();
  }

 private:
  static std::size_t points(const PlanView& plan) { return std::size_t{plan.dates} * plan.underlyings; }

  std::size_t stride_;
  DeviceBuffer<BatchHead> head_;
  DeviceBuffer<double> normals_, scale_, before_, factors_, spot_vols_, period_base_, period_factor_, log_returns_,
      spots_;
  DeviceBuffer<float> log_returns_single_, spots_single_;
  DeviceBuffer<std::byte> states_;
  DeviceBuffer<std::uint64_t> sums_;  // [nodes][leaves][lanes]
};

}  // namespace tailbit::cuda
