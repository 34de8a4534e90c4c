// The compiled job in device memory, for the whole run.
#pragma once

#include <optional>

#include "kernels/plan_arena.hpp"
#include "kernels/stream.hpp"

namespace tailbit::cuda {

class DevicePlan {
 public:
  // The copy goes on while the caller does other things; see wait().
  explicit DevicePlan(const Plan& plan) : arena_(plan), memory_(arena_.bytes()), staging_(arena_.bytes()) {
    arena_.copy_to(staging_->data());
    StreamSystem(stream_).copy(memory_.data(), std::as_const(*staging_).data(), arena_.bytes());
  }

  DevicePlan(const DevicePlan&) = delete;
  DevicePlan& operator=(const DevicePlan&) = delete;
  ~DevicePlan() { forgive(cudaStreamSynchronize(stream_.get())); }

  PlanArena::View view() const { return arena_.view_at(memory_.data()); }
  const RunLaunches& launches() const { return arena_.launches(); }
  // Before the plan is read.
  void wait() {
    if (!staging_) return;
    stream_.wait();
    staging_.reset();
  }

 private:
  PlanArena arena_;
  Stream stream_;
  DeviceBuffer<std::byte> memory_;
  std::optional<PinnedBuffer<std::byte>> staging_;
};

}  // namespace tailbit::cuda
