// The compiled job in device memory, for the whole run.
#pragma once

#include "kernels/device_buffer.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit::cuda {

class DevicePlan {
 public:
  explicit DevicePlan(const Plan& plan)
      : host_(tailbit::view(plan)),
        spot_today_(plan.spot_today),
        drift_(plan.diffusion.drift),
        loading_(plan.diffusion.loading),
        fixings_(plan.fixings),
        nodes_(plan.nodes),
        runs_(plan.runs),
        rows_(plan.rows),
        weights_(plan.weights),
        initial_sums_(plan.initial_sums),
        observers_(plan.observers),
        constants_(plan.constants) {}

  PlanView view() const {
    PlanView v = host_;
    v.spot_today = spot_today_.data();
    v.drift = drift_.data();
    v.loading = loading_.data();
    v.fixings = fixings_.data();
    v.nodes = nodes_.data();
    v.runs = runs_.data();
    v.rows = rows_.data();
    v.weights = weights_.data();
    v.initial_sums = initial_sums_.data();
    v.observers = observers_.data();
    v.constants = constants_.data();
    return v;
  }

 private:
  PlanView host_;
  DeviceBuffer<double> spot_today_, drift_, loading_;
  DeviceBuffer<Fixing> fixings_;
  DeviceBuffer<RevaluationNode> nodes_;
  DeviceBuffer<Run> runs_;
  DeviceBuffer<Row> rows_;
  DeviceBuffer<Weight> weights_;
  DeviceBuffer<std::uint64_t> initial_sums_;
  DeviceBuffer<ObserverRun> observers_;
  DeviceBuffer<std::byte> constants_;
};

}  // namespace tailbit::cuda
