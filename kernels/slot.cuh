// A place for one batch in flight: its stream, its memory, what reduces it. While one slot's batch is reduced, copied
// and merged on the host, the other's is computed.
#pragma once

#include <optional>
#include <string>

#include <thrust/system_error.h>

#include "kernels/batch_memory.hpp"
#include "kernels/batch_plan.hpp"
#include "kernels/batch_stages.cuh"
#include "kernels/check.hpp"
#include "kernels/device_collector.hpp"
#include "kernels/device_plan.hpp"
#include "kernels/graph.hpp"
#include "kernels/scenario_queue.hpp"

namespace tailbit::cuda {

// What all slots of a device work on.
struct SlotJob {
  PlanView host_plan;
  PlanArena::View device_plan;
  const RunLaunches& launches;
  Precision precision;
  const DeviceRows& rows;
  measure::Collector& collector;
  std::uint64_t batches_of_slot;  // expected
};

class Slot {
 public:
  // For batches of up to `lanes` scenarios. `job` must outlive the slot.
  Slot(const SlotJob& job, std::size_t lanes)
      : job_(job),
        lanes_(lanes),
        system_(stream_),
        memory_(job.host_plan, job.precision, lanes),
        head_(1),
        collector_(system_, job.collector, job.rows, job.host_plan.leaves, lanes) {
    batch_.plan = job.device_plan.plan;
    batch_.leaves = job.device_plan.leaves;
    memory_.place(batch_);
  }

  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  // Nothing may be in flight when the memory goes.
  ~Slot() { forgive(cudaStreamSynchronize(stream_.get())); }

  // Returns while the device computes.
  void start(ScenarioRange range) {
    range_ = range;
    *head_.data() = {};
    head_.data()->first_scenario = range.first;
    system_.copy(batch_.head, head_.data(), 1);
    batch_.lanes = static_cast<std::uint32_t>(range.count);
    simulate();
    system_.copy(head_.data(), batch_.head, 1);
  }

  // Waits for what was started, and hands its profits over unless a term was out of range. Throws SumTooLarge.
  BatchHead finish() {
    system_.wait();
    const BatchHead head = *head_.data();
    if (head.first_bad == BatchHead{}.first_bad) reduce();
    return head;
  }

 private:
  void reduce() {
    try {
      collector_.take(reinterpret_cast<const std::int64_t*>(batch_.sums), lanes_, range_.first, range_.count);
    } catch (const thrust::system_error& error) {
      const std::string message = std::string("reducing a batch by Thrust: ") + error.what();
      if (error.code().value() == cudaErrorMemoryAllocation) throw OutOfMemory(message);
      throw Error(message, means_no_code(error.code().value()) ? Error::Kind::no_code : Error::Kind::failure);
    }
  }
  void simulate() {
    const bool whole = range_.count == lanes_;
    if (whole && record_) {
      if (!graph_) graph_.emplace(stream_, [this] { launch_all(); });
      graph_->start(stream_);
      return;
    }
    const std::size_t launches = launch_all();
    record_ = worth_recording(launches, job_.batches_of_slot);
  }
  std::size_t launch_all() {
    BatchStages stages(batch_, job_.host_plan, job_.launches, job_.precision, stream_);
    time_loop(job_.host_plan, stages);
    return stages.launches();
  }

  const SlotJob& job_;
  std::size_t lanes_;
  Stream stream_;
  StreamSystem system_;
  BatchMemory memory_;
  PinnedBuffer<BatchHead> head_;
  DeviceCollector<StreamSystem> collector_;
  Batch batch_{};
  ScenarioRange range_{};
  bool record_ = false;  // from the second batch on: recording needs kernels that have run
  std::optional<Graph> graph_;
};

}  // namespace tailbit::cuda
