// The compiled job and its leaf terms as one piece of memory, so that one copy takes it to a device.
#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

#include "kernels/revaluation.hpp"

namespace tailbit::cuda {

class PlanArena {
 public:
  // `plan` must outlive the arena.
  explicit PlanArena(const Plan& plan)
      : plan_(plan), leaves_(leaf_terms(plan, chunk_rows(plan))), launches_(leaves_), host_{tailbit::view(plan), {}} {
    each_array(host_, [&]<class T>(const T*&, const std::vector<T>& values) {
      bytes_ += (values.size() * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    });
  }

  std::size_t bytes() const { return bytes_; }
  const RunLaunches& launches() const { return launches_; }

  // The plan and its leaf terms in one memory.
  struct View {
    PlanView plan;
    LeafView leaves;
  };

  void copy_to(std::byte* memory) const {
    View at = view_at(memory);
    each_array(at, [&]<class T>(const T*& place, const std::vector<T>& values) {
      const std::size_t offset = static_cast<std::size_t>(reinterpret_cast<const std::byte*>(place) - memory);
      if (!values.empty()) std::memcpy(memory + offset, values.data(), values.size() * sizeof(T));
    });
  }

  // The plan as it reads where a copy begins at `memory`, which is aligned as allocations are.
  View view_at(const std::byte* memory) const {
    View view = host_;
    each_array(view, [&]<class T>(const T*& place, const std::vector<T>& values) {
      place = reinterpret_cast<const T*>(memory);
      memory += (values.size() * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    });
    if (host_.plan.mixing == nullptr) view.plan.mixing = nullptr;
    return view;
  }

 private:
  static constexpr std::size_t kAlignment = 256;  // as the device's allocations are

  // Calls with every pointer of the view and what it points to.
  template <class Callable>
  void each_array(View& view, Callable&& callable) const {
    callable(view.plan.spot_today, plan_.spot_today);
    callable(view.plan.transitions, plan_.paths.transitions);
    callable(view.plan.loading, plan_.paths.loading);
    callable(view.plan.spots, plan_.paths.spots);
    callable(view.plan.is_variance, plan_.paths.is_variance);
    callable(view.plan.level_variance, plan_.paths.level_variance);
    callable(view.plan.mixing, plan_.paths.mixing);
    callable(view.plan.step, plan_.paths.steps);
    callable(view.plan.shares, plan_.paths.shares);
    callable(view.plan.fixings, plan_.paths.fixings);
    callable(view.plan.bridges, plan_.paths.bridges);
    callable(view.plan.is_bridged, plan_.paths.is_bridged);
    callable(view.plan.residuals, plan_.paths.residuals);
    callable(view.plan.correlation_root, plan_.paths.correlation_root);
    callable(view.plan.marginals, plan_.paths.marginals);
    callable(view.plan.marginal_tables, plan_.paths.marginal_tables);
    callable(view.plan.regime_probabilities, plan_.paths.regime_probabilities);
    callable(view.plan.vol_by_regime, plan_.paths.vol_by_regime);
    callable(view.plan.has_vol_by_regime, plan_.paths.has_vol_by_regime);
    callable(view.plan.intensity_by_regime, plan_.paths.intensity_by_regime);
    callable(view.plan.jumps, plan_.paths.jumps);
    callable(view.plan.jump_effects, plan_.paths.jump_effects);
    callable(view.plan.reversion, plan_.paths.reversion);
    callable(view.plan.sobol.directions, plan_.paths.directions);
    callable(view.plan.sobol.scrambles, plan_.paths.scrambles);
    callable(view.plan.path_steps, plan_.paths.path_steps);
    callable(view.plan.path_splits, plan_.paths.path_splits);
    callable(view.plan.nodes, plan_.nodes);
    callable(view.plan.tenors, plan_.tenors);
    callable(view.plan.runs, plan_.runs);
    callable(view.plan.rows, plan_.rows);
    callable(view.plan.weights, plan_.weights);
    callable(view.plan.initial_sums, plan_.initial_sums);
    callable(view.plan.observers, plan_.observers);
    callable(view.plan.constants, plan_.constants);
    callable(view.leaves.chunks, leaves_.chunks);
    callable(view.leaves.holdings, leaves_.holdings);
    callable(view.leaves.terms, leaves_.terms);
  }

  const Plan& plan_;
  LeafTerms leaves_;
  RunLaunches launches_;
  View host_;
  std::size_t bytes_ = 0;
};

}  // namespace tailbit::cuda
