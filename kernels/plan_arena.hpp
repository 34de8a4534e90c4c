// The compiled job as one piece of memory, so that one copy takes it to a device.
#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

#include "tailbit/engine/plan.hpp"

namespace tailbit::cuda {

class PlanArena {
 public:
  // `plan` must outlive the arena.
  explicit PlanArena(const Plan& plan) : plan_(plan), host_(tailbit::view(plan)) {
    each_array(host_, [&]<class T>(const T*&, const std::vector<T>& values) {
      bytes_ += (values.size() * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    });
  }

  std::size_t bytes() const { return bytes_; }

  void copy_to(std::byte* memory) const {
    PlanView at = view_at(memory);
    each_array(at, [&]<class T>(const T*& place, const std::vector<T>& values) {
      const std::size_t offset = static_cast<std::size_t>(reinterpret_cast<const std::byte*>(place) - memory);
      if (!values.empty()) std::memcpy(memory + offset, values.data(), values.size() * sizeof(T));
    });
  }

  // The plan as it reads where a copy begins at `memory`, which is aligned as allocations are.
  PlanView view_at(const std::byte* memory) const {
    PlanView view = host_;
    each_array(view, [&]<class T>(const T*& place, const std::vector<T>& values) {
      place = reinterpret_cast<const T*>(memory);
      memory += (values.size() * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    });
    if (host_.mixing == nullptr) view.mixing = nullptr;
    return view;
  }

 private:
  static constexpr std::size_t kAlignment = 256;  // as the device's allocations are

  // Calls with every pointer of the view and what it points to.
  template <class Callable>
  void each_array(PlanView& view, Callable&& callable) const {
    callable(view.spot_today, plan_.spot_today);
    callable(view.transitions, plan_.paths.transitions);
    callable(view.loading, plan_.paths.loading);
    callable(view.spots, plan_.paths.spots);
    callable(view.level_variance, plan_.paths.level_variance);
    callable(view.mixing, plan_.paths.mixing);
    callable(view.step, plan_.paths.steps);
    callable(view.shares, plan_.paths.shares);
    callable(view.fixings, plan_.paths.fixings);
    callable(view.bridges, plan_.paths.bridges);
    callable(view.nodes, plan_.nodes);
    callable(view.tenors, plan_.tenors);
    callable(view.runs, plan_.runs);
    callable(view.rows, plan_.rows);
    callable(view.weights, plan_.weights);
    callable(view.initial_sums, plan_.initial_sums);
    callable(view.observers, plan_.observers);
    callable(view.constants, plan_.constants);
  }

  const Plan& plan_;
  PlanView host_;
  std::size_t bytes_ = 0;
};

}  // namespace tailbit::cuda
