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
        transitions_(plan.paths.transitions),
        loading_(plan.paths.loading),
        spots_(plan.paths.spots),
        level_variance_(plan.paths.level_variance),
        mixing_(plan.paths.mixing),
        steps_(plan.paths.steps),
        shares_(plan.paths.shares),
        fixings_(plan.paths.fixings),
        bridges_(plan.paths.bridges),
        nodes_(plan.nodes),
        tenors_(plan.tenors),
        runs_(plan.runs),
        rows_(plan.rows),
        weights_(plan.weights),
        initial_sums_(plan.initial_sums),
        observers_(plan.observers),
        constants_(plan.constants) {}

  PlanView view() const {
    PlanView v = host_;
    v.spot_today = spot_today_.data();
    v.transitions = transitions_.data();
    v.loading = loading_.data();
    v.spots = spots_.data();
    v.level_variance = level_variance_.data();
    if (v.mixing != nullptr) v.mixing = mixing_.data();
    v.step = steps_.data();
    v.shares = shares_.data();
    v.fixings = fixings_.data();
    v.bridges = bridges_.data();
    v.nodes = nodes_.data();
    v.tenors = tenors_.data();
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
  DeviceBuffer<double> spot_today_;
  DeviceBuffer<Transition> transitions_;
  DeviceBuffer<double> loading_;
  DeviceBuffer<SpotMotion> spots_;
  DeviceBuffer<double> level_variance_, mixing_;
  DeviceBuffer<Step> steps_;
  DeviceBuffer<PeriodShare> shares_;
  DeviceBuffer<Fixing> fixings_;
  DeviceBuffer<Bridge> bridges_;
  DeviceBuffer<RevaluationNode> nodes_;
  DeviceBuffer<Tenor> tenors_;
  DeviceBuffer<Run> runs_;
  DeviceBuffer<Row> rows_;
  DeviceBuffer<Weight> weights_;
  DeviceBuffer<std::uint64_t> initial_sums_;
  DeviceBuffer<ObserverRun> observers_;
  DeviceBuffer<std::byte> constants_;
};

}  // namespace tailbit::cuda
