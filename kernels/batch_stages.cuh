// The time loop's stages as kernel launches, in order on one stream.
#pragma once

#include "kernels/check.hpp"
#include "kernels/kernels.cuh"
#include "kernels/launch.cuh"
#include "kernels/pending_steps.hpp"
#include "kernels/stream.hpp"
#include "tailbit/engine/families.hpp"
#include "tailbit/engine/time_loop.hpp"

namespace tailbit::cuda {

class BatchStages {
 public:
  // The arguments must outlive the stages.
  BatchStages(const Batch& batch, const PlanView& host_plan, const RunLaunches& run_launches, Precision precision,
              const Stream& stream)
      : batch_(batch),
        plan_(host_plan),
        run_launches_(run_launches),
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
    pending_.add(step);
    spots_current_ = false;
  }
  void fix(std::uint32_t fixing) {
    advance_pending();
    const std::size_t shared = shared_bytes(plan_.factors + 1);
    launch("fix_kernel", shared != 0 ? fix_kernel<true> : fix_kernel<false>, blocks_, shared, batch_, fixing);
  }
  void observe(std::uint32_t) {
    advance_pending();
    compute_spots();
    for_observers(
        [&]<class P>(const ObserverRun& run) { launch("observe_kernel", observe_kernel<P>, blocks_, batch_, run); });
  }
  void revalue(std::uint32_t node_index) {
    advance_pending();
    const RevaluationNode& node = plan_.nodes[node_index];
    if (!node.inside_step) compute_spots();
    launch("begin_sums_kernel", begin_sums_kernel, blocks_, batch_, node_index);
    for (std::uint32_t r = node.first_run; r < node.first_run + node.run_count; ++r) {
      if (precision_ == Precision::double_) {
        launch_revalue<double>(r, node_index);
      } else {
        launch_revalue<float>(r, node_index);
      }
    }
  }
  // Accounts will act here; a book without them has nothing to do.
  void act(std::uint32_t) {}
  void end_step(std::uint32_t step) {
    if (!ends_with_work(plan_, step)) return;
    advance_pending();
    launch("end_period_kernel", end_period_kernel, blocks_, batch_);
  }

 private:
  template <class... Parameters>
  void launch(const char* name, void (*kernel)(Parameters...), dim3 grid,
              const std::type_identity_t<Parameters>&... of) {
    launch(name, kernel, grid, std::size_t{0}, of...);
  }
  // `shared`: bytes of dynamic shared memory.
  template <class... Parameters>
  void launch(const char* name, void (*kernel)(Parameters...), dim3 grid, std::size_t shared,
              const std::type_identity_t<Parameters>&... of) {
    start_kernel(kernel, grid, shared, stream_.get(), of...);
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
  // A grid's second dimension ends at 65,535, so the chunks of a very long run take several launches.
  template <class Precise>
  void launch_revalue(std::uint32_t run, std::uint32_t node) {
    constexpr std::uint32_t kMostChunks = 65'535;
    for_each_type<Pricers>([&]<class P, std::size_t id>() {
      if (plan_.runs[run].pricer != id) return;
      using Body = Revaluation<Precise, P>;
      const std::uint32_t count = run_launches_.chunk_count(run);
      const std::size_t columns = run_launches_.column_bytes(run);
      if (columns != 0)  // more than a kernel may take unasked
        TB_CUDA(cudaFuncSetAttribute(revalue_kernel<Precise, P>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                     static_cast<int>(columns)));
      for (std::uint32_t first = 0; first < count; first += kMostChunks) {
        const dim3 grid(Body::scenario_blocks(batch_.lanes), std::min(kMostChunks, count - first));
        launch("revalue_kernel", revalue_kernel<Precise, P>, grid, columns, batch_, plan_.runs[run], node,
               run_launches_.first_chunk(run) + first);
      }
    });
  }
  void advance_pending() {
    pending_.take([&](std::uint32_t first, std::uint32_t count) {
      const std::size_t shared = shared_bytes(Factors::columns(plan_));
      launch("advance_kernel", shared != 0 ? advance_kernel<true> : advance_kernel<false>, blocks_, shared, batch_,
             first, count);
    });
  }
  void compute_spots() {
    if (spots_current_) return;
    launch("spots_kernel", spots_kernel, blocks_, batch_);
    spots_current_ = true;
  }

  const Batch& batch_;
  const PlanView& plan_;
  const RunLaunches& run_launches_;
  Precision precision_;
  const Stream& stream_;
  std::uint32_t blocks_;
  std::size_t launches_ = 0;
  bool spots_current_ = false;
  PendingSteps pending_;
};

}  // namespace tailbit::cuda
