// The CUDA backend: on each device the plan, resident, and batches of scenarios in flight; one host thread per device,
// and all profits reduced into one collector.
#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "kernels/batch_loop.hpp"
#include "kernels/batch_plan.hpp"
#include "kernels/cuda_backend.hpp"
#include "kernels/device_plan.hpp"
#include "kernels/slot.cuh"

namespace tailbit::cuda {
namespace {

// What the devices of a run share.
class SharedRun {
 public:
  SharedRun(const Plan& of, ScenarioRange scenarios, measure::Collector& into, std::size_t device_count,
            const Options& how)
      : plan(of),
        range(scenarios),
        collector(into),
        rows(into),
        devices(device_count),
        options(how),
        queue(scenarios) {}

  const Plan& plan;
  const ScenarioRange range;
  measure::Collector& collector;
  const DeviceRows rows;
  const std::size_t devices;
  const Options options;
  ScenarioQueue queue;

  // A batch is done.
  void add(ScenarioRange batch, const BatchHead& head) {
    const std::lock_guard lock(mutex_);
    tally_ += head.tally;
    done_ += batch.count;
    if (options.progress) options.progress(done_);
    if (head.first_bad == BatchHead{}.first_bad) return;
    bad_scenario_ = std::min<std::uint64_t>(bad_scenario_.value_or(head.first_bad), head.first_bad);
    queue.stop_at(batch.first);
  }
  bool stop() const { return options.stop && options.stop(); }
  void too_large(const measure::SumTooLarge& error) {
    const std::lock_guard lock(mutex_);
    if (!too_large_) too_large_ = error;
    queue.stop_at(0);
  }
  void fail(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = failure;
    queue.stop_at(0);
  }

  // When all devices are done. A term out of range says more than a sum does.
  void throw_if_failed() const {
    if (failure_) std::rethrow_exception(failure_);
    if (too_large_ && !bad_scenario_) throw *too_large_;
  }
  Simulated simulated() const { return {queue.end(), tally_, bad_scenario_}; }

 private:
  std::mutex mutex_;  // guards what follows
  Tally tally_;
  std::uint64_t done_ = 0;
  std::optional<std::uint64_t> bad_scenario_;
  std::optional<measure::SumTooLarge> too_large_;
  std::exception_ptr failure_;
};

// One device's share of a run, by the thread that makes it.
class DeviceWorker {
 public:
  DeviceWorker(SharedRun& run, int device) : run_(run), device_(device) {}

  void work() {
    try {
      simulate();
    } catch (const measure::SumTooLarge& error) {
      run_.too_large(error);
    } catch (const Error& error) {
      run_.fail(std::make_exception_ptr(
          Error("cuda:" + std::to_string(device_) + ": " + error.what(), error.kind(), device_)));
    } catch (...) {
      run_.fail(std::current_exception());
    }
  }

 private:
  void simulate() {
    TB_CUDA(cudaSetDevice(device_));
    keep_pool_memory(device_);
    DevicePlan plan(run_.plan);
    const PlanView host_plan = tailbit::view(run_.plan);
    const double per_lane = BatchMemory::bytes_per_lane(host_plan) + run_.rows.bytes_per_lane();
    std::size_t free_bytes = 0, total_bytes = 0;
    TB_CUDA(cudaMemGetInfo(&free_bytes, &total_bytes));
    const BatchPlan batches =
        plan_batches(run_.range.count, free_bytes, {per_lane, run_.rows.tails}, run_.devices, run_.options.most_lanes);
    std::optional<SlotJob> job;
    const auto make_slots = [&](BatchPlan of) {
      job.emplace(SlotJob{host_plan, plan.view(), plan.launches(), run_.plan.precision, run_.rows, run_.collector,
                          run_.range.count / (of.lanes * of.slots * run_.devices)});
      std::vector<std::unique_ptr<Slot>> slots;
      for (std::size_t s = 0; s < of.slots; ++s) slots.push_back(std::make_unique<Slot>(*job, of.lanes));
      plan.wait();
      return slots;
    };
    try {
      run_batches(
          run_.queue, batches, make_slots, [&](ScenarioRange batch, const BatchHead& head) { run_.add(batch, head); },
          [&] { return run_.stop(); });
    } catch (const OutOfMemory& error) {
      const double needed = per_lane * static_cast<double>(ProfitSink::kBlock);
      throw Error("the smallest batch, of " + std::to_string(ProfitSink::kBlock) + " scenarios, takes some " +
                  std::to_string(static_cast<std::size_t>(needed)) + " bytes; after the plan the device had " +
                  std::to_string(free_bytes) + " of " + std::to_string(total_bytes) + " free: " + error.what());
    }
  }

  SharedRun& run_;
  int device_;
};

}  // namespace

Simulated run(const Plan& plan, ScenarioRange range, measure::Collector& collector, const std::vector<int>& devices,
              const Options& options) {
  SharedRun shared(plan, range, collector, devices.size(), options);
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < devices.size(); ++i)
      others.emplace_back([&shared, id = devices[i]] { DeviceWorker(shared, id).work(); });
    DeviceWorker(shared, devices.at(0)).work();
  }
  shared.throw_if_failed();
  return shared.simulated();
}

}  // namespace tailbit::cuda
