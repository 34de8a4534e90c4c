// The CUDA backend: the plan resident on the device, batches of scenarios through the time loop, results measured where
// they lie.
#include <algorithm>
#include <chrono>

#include <thrust/system_error.h>

#include "kernels/cuda_backend.hpp"
#include "kernels/device_leaves.hpp"
#include "kernels/device_measure.hpp"
#include "kernels/device_plan.hpp"
#include "kernels/kernels.cuh"
#include "kernels/pending_steps.hpp"
#include "tailbit/engine/time_loop.hpp"

namespace tailbit::cuda {
namespace {

// Memory of one batch.
class BatchMemory {
 public:
  BatchMemory(const PlanView& plan, Precision precision, std::size_t lanes)
      : stride_(lanes),
        normals_((plan.factors + 1) * lanes),
        scale_(plan.mixing != nullptr ? lanes : 0),
        before_(plan.factors * lanes),
        factors_(std::size_t{plan.dates} * plan.factors * lanes),
        spot_vols_(plan.any_implied ? plan.underlyings * lanes : 0),
        period_base_(plan.max_move > 0.0 ? plan.underlyings * lanes : 0),
        period_factor_(plan.max_move > 0.0 ? plan.underlyings * lanes : 0),
        log_returns_(points(plan) * lanes),
        spots_(points(plan) * lanes),
        states_(plan.state_bytes * lanes) {
    if (precision == Precision::single) {
      log_returns_single_ = DeviceBuffer<float>(points(plan) * lanes);
      spots_single_ = DeviceBuffer<float>(points(plan) * lanes);
    }
  }

  static std::size_t bytes_per_lane(const PlanView& plan) {
    return plan.state_bytes +
           sizeof(double) * ((std::size_t{plan.dates} + 2) * plan.factors + 2 + 3 * std::size_t{plan.underlyings}) +
           (2 * sizeof(double) + 2 * sizeof(float)) * points(plan);
  }

  void place(Batch& batch) {
    batch.stride = stride_;
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
  }

 private:
  static std::size_t points(const PlanView& plan) { return std::size_t{plan.dates} * plan.underlyings; }

  std::size_t stride_;
  DeviceBuffer<double> normals_, scale_, before_, factors_, spot_vols_, period_base_, period_factor_, log_returns_,
      spots_;
  DeviceBuffer<float> log_returns_single_, spots_single_;
  DeviceBuffer<std::byte> states_;
};

// The time loop's stages as kernel launches, in order on one stream.
class BatchStages {
 public:
  BatchStages(const Batch& batch, const PlanView& host_plan, const DeviceLeaves& leaves, Precision precision)
      : batch_(batch),
        plan_(host_plan),
        leaves_(leaves),
        precision_(precision),
        blocks_((batch.lanes + kThreads - 1) / kThreads) {}

  void begin() {
    begin_kernel<<<blocks_, kThreads>>>(batch_);
    for_observers([&]<class P>(const ObserverRun& run) { begin_states_kernel<P><<<blocks_, kThreads>>>(batch_, run); });
    TB_CUDA(cudaPeekAtLastError());
  }
  void advance(std::uint32_t step) {
    pending_.add(step);
    spots_current_ = false;
  }
  void fix(std::uint32_t fixing) {
    advance_pending();
    if (const std::size_t bytes = shared_bytes(plan_.factors + 1); bytes != 0) {
      fix_kernel<true><<<blocks_, kThreads, bytes>>>(batch_, fixing);
    } else {
      fix_kernel<false><<<blocks_, kThreads>>>(batch_, fixing);
    }
    TB_CUDA(cudaPeekAtLastError());
  }
  void observe(std::uint32_t) {
    advance_pending();
    compute_spots();
    for_observers([&]<class P>(const ObserverRun& run) { observe_kernel<P><<<blocks_, kThreads>>>(batch_, run); });
    TB_CUDA(cudaPeekAtLastError());
  }
  void revalue(std::uint32_t node_index) {
    advance_pending();
    const RevaluationNode& node = plan_.nodes[node_index];
    if (!node.inside_step) compute_spots();
    begin_sums_kernel<<<blocks_, kThreads>>>(batch_, node_index);
    for (std::uint32_t r = node.first_run; r < node.first_run + node.run_count; ++r) {
      if (precision_ == Precision::double_) {
        launch_revalue<double>(r, node_index);
      } else {
        launch_revalue<float>(r, node_index);
      }
    }
    TB_CUDA(cudaPeekAtLastError());
  }
  // Accounts will act here; a book without them has nothing to do.
  void act(std::uint32_t) {}
  void end_step(std::uint32_t step) {
    if (!(plan_.max_move > 0.0 && plan_.step[step].ends_period)) return;
    advance_pending();
    end_period_kernel<<<blocks_, kThreads>>>(batch_);
    TB_CUDA(cudaPeekAtLastError());
  }

 private:
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
      const std::uint32_t count = leaves_.chunk_count(run);
      const std::size_t columns = leaves_.needs_columns(run) ? kColumnBytes : 0;
      if (columns != 0)  // more than a kernel may take unasked
        TB_CUDA(cudaFuncSetAttribute(revalue_kernel<Precise, P>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                     static_cast<int>(columns)));
      for (std::uint32_t first = 0; first < count; first += kMostChunks) {
        const dim3 grid(Body::scenario_blocks(batch_.lanes), std::min(kMostChunks, count - first));
        revalue_kernel<Precise, P>
            <<<grid, kThreads, columns>>>(batch_, plan_.runs[run], node, leaves_.first_chunk(run) + first);
      }
    });
  }
  void advance_pending() {
    pending_.take([&](std::uint32_t first, std::uint32_t count) {
      if (const std::size_t bytes = shared_bytes(Factors::columns(plan_.factors)); bytes != 0) {
        advance_kernel<true><<<blocks_, kThreads, bytes>>>(batch_, first, count);
      } else {
        advance_kernel<false><<<blocks_, kThreads>>>(batch_, first, count);
      }
      TB_CUDA(cudaPeekAtLastError());
    });
  }
  void compute_spots() {
    if (spots_current_) return;
    spots_kernel<<<blocks_, kThreads>>>(batch_);
    spots_current_ = true;
  }

  Batch batch_;
  const PlanView& plan_;
  const DeviceLeaves& leaves_;
  Precision precision_;
  std::uint32_t blocks_;
  bool spots_current_ = false;
  PendingSteps pending_;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Scenarios a batch may hold: half of what is free after the sums, and few enough for 32-bit lanes.
std::size_t batch_lanes(const PlanView& plan, std::uint64_t scenarios) {
  std::size_t free_bytes = 0, total_bytes = 0;
  TB_CUDA(cudaMemGetInfo(&free_bytes, &total_bytes));
  const std::size_t fitting = free_bytes / 2 / BatchMemory::bytes_per_lane(plan);
  return std::max<std::size_t>(kThreads, std::min<std::uint64_t>({scenarios, fitting, std::uint64_t{1} << 24}));
}

}  // namespace

Output run(const Plan& plan, const measure::Request& request, int device) {
  if (plan.scenarios >= (std::uint64_t{1} << 31)) {
    throw Error("more than 2^31 scenarios are not measured exactly on a device yet; use --device cpu");
  }
  Output output;
  const auto start = std::chrono::steady_clock::now();
  TB_CUDA(cudaSetDevice(device));
  const DevicePlan device_plan(plan);
  const DeviceLeaves device_leaves(plan);
  const PlanView host_view = tailbit::view(plan);
  DeviceBuffer<std::uint64_t> sums(plan.nodes.size() * plan.leaves * plan.scenarios);
  DeviceBuffer<unsigned long long> first_bad(std::vector<unsigned long long>{~0ull});
  DeviceBuffer<Tally> tally(std::vector<Tally>{{}});

  Batch batch{};
  batch.plan = device_plan.view();
  batch.leaves = device_leaves.view();
  batch.sums = sums.data();
  batch.sums_stride = plan.scenarios;
  batch.first_bad = first_bad.data();
  batch.tally = tally.data();
  {
    const std::size_t lanes = batch_lanes(host_view, plan.scenarios);
    BatchMemory memory(host_view, plan.precision, lanes);
    memory.place(batch);
    for (std::uint64_t first = 0; first < plan.scenarios; first += lanes) {
      batch.first_scenario = first;
      batch.lanes = static_cast<std::uint32_t>(std::min<std::uint64_t>(lanes, plan.scenarios - first));
      time_loop(host_view, BatchStages(batch, host_view, device_leaves, plan.precision));
    }
    TB_CUDA(cudaDeviceSynchronize());
  }  // the batch makes room for the measures

  unsigned long long bad = ~0ull;
  TB_CUDA(cudaMemcpy(&bad, first_bad.data(), sizeof bad, cudaMemcpyDeviceToHost));
  TB_CUDA(cudaMemcpy(&output.tally, tally.data(), sizeof output.tally, cudaMemcpyDeviceToHost));
  output.simulate_seconds = seconds_since(start);
  if (bad != ~0ull) {
    output.bad_scenario = bad;
    return output;
  }
  const auto measuring = std::chrono::steady_clock::now();
  try {
    DeviceSource source(reinterpret_cast<const std::int64_t*>(sums.data()), plan.leaves, plan.scenarios, request);
    output.results = measure::measure_all(source, plan.scenarios, request);
  } catch (const thrust::system_error& error) {
    throw Error(std::string("measuring by Thrust: ") + error.what());
  } catch (const std::bad_alloc&) {
    throw Error("measuring by Thrust: out of memory");
  }
  output.measure_seconds = seconds_since(measuring);
  return output;
}

}  // namespace tailbit::cuda
