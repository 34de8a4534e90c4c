// The time loop's stages as kernel launches, in order on one stream.
#pragma once

#include "kernels/check.hpp"
#include "kernels/kernels.cuh"
#include "kernels/stream.hpp"
#include "tailbit/engine/families.hpp"
#include "tailbit/engine/time_loop.hpp"

namespace tailbit::cuda {

class BatchStages {
 public:
  // The arguments must outlive the stages.
  BatchStages(const Batch& batch, const PlanView& host_plan, Precision precision, const Stream& stream)
      : batch_(batch),
        plan_(host_plan),
        precision_(precision),
        stream_(stream),
        blocks_((batch.lanes + kThreads - 1) / kThreads) {}

  std::size_t launches() const { return launches_; }

  void begin() {
    launch("begin_kernel", begin_kernel, blocks_, batch_);
    for_observers([&]<class P>(const ObserverRun& run) {
      launch("begin_states_kernel", begin_states_kernel<P>, blocks_, batch_, run);
    });
  }
  void advance(std::uint32_t step) {
    launch("advance_kernel", advance_kernel, blocks_, batch_, step);
    spots_current_ = false;
  }
  void fix(std::uint32_t fixing) { launch("fix_kernel", fix_kernel, blocks_, batch_, fixing); }
  void observe(std::uint32_t) {
    compute_spots();
    for_observers(
        [&]<class P>(const ObserverRun& run) { launch("observe_kernel", observe_kernel<P>, blocks_, batch_, run); });
  }
  void revalue(std::uint32_t node_index) {
    const RevaluationNode& node = plan_.nodes[node_index];
    if (!node.inside_step) compute_spots();
    launch("begin_sums_kernel", begin_sums_kernel, blocks_, batch_, node_index);
    for (std::uint32_t r = node.first_run; r < node.first_run + node.run_count; ++r) {
      if (precision_ == Precision::double_) {
        launch_revalue<double>(plan_.runs[r], node_index);
      } else {
        launch_revalue<float>(plan_.runs[r], node_index);
      }
    }
  }
  // Accounts will act here; a book without them has nothing to do.
  void act(std::uint32_t) {}
  void end_step(std::uint32_t step) {
    if (plan_.max_move > 0.0 && plan_.step[step].ends_period)
      launch("end_period_kernel", end_period_kernel, blocks_, batch_);
  }

 private:
  template <class... Parameters>
  void launch(const char* name, void (*kernel)(Parameters...), dim3 grid,
              const std::type_identity_t<Parameters>&... of) {
    kernel<<<grid, kThreads, 0, stream_.get()>>>(of...);
    check(cudaPeekAtLastError(), name);
    ++launches_;
  }
  template <class Callable>
  void for_observers(Callable&& callable) {
    for (std::uint32_t o = 0; o < plan_.observer_count; ++o) {
      const ObserverRun& run = plan_.observers[o];
      for_each_type<Pricers>([&]<class P, std::size_t id>() {
        if constexpr (P::has_state) {
          if (run.pricer == id) callable.template operator()<P>(run);
        }
      });
    }
  }
  template <class Precise>
  void launch_revalue(const Run& run, std::uint32_t node) {
    for_each_type<Pricers>([&]<class P, std::size_t id>() {
      if (run.pricer != id) return;
      using Body = Revaluation<Precise, P>;
      const dim3 grid(Body::scenario_blocks(batch_.lanes), Body::chunks(run));
      launch("revalue_kernel", revalue_kernel<Precise, P>, grid, batch_, run, node);
    });
  }
  void compute_spots() {
    if (spots_current_) return;
    launch("spots_kernel", spots_kernel, blocks_, batch_);
    spots_current_ = true;
  }

  const Batch& batch_;
  const PlanView& plan_;
  Precision precision_;
  const Stream& stream_;
  std::uint32_t blocks_;
  std::size_t launches_ = 0;
  bool spots_current_ = false;
};

}  // namespace tailbit::cuda
