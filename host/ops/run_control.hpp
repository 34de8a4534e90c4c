// What the supervisor of a run and its worker tell each other, in memory that both see. Either may end at any moment.
#pragma once

#include <atomic>
#include <cstdint>

namespace tailbit {

// CUDA's numbers of some devices, as many as a machine may have.
struct DeviceList {
  static constexpr std::uint32_t kMost = 64;
  std::uint32_t count = 0;
  int id[kMost] = {};

  void add(int device) {
    if (count < kMost) id[count++] = device;
  }
};

struct RunControl {
  // By the supervisor: end after the blocks begun, and keep them.
  std::atomic<bool> stop{false};
  // By the supervisor: how often a checkpoint was asked for.
  std::atomic<std::uint32_t> checkpoints{0};

  // By the worker: scenarios of this run that are done, and a number that moves as long as it does.
  std::atomic<std::uint64_t> done{0}, of{0}, beats{0};
  // By the worker: simulating is over, what remains is to measure and write.
  std::atomic<bool> finishing{false};
  // By the worker: --force has thrown away what there was, so that the next one goes on from its checkpoint.
  std::atomic<bool> begun_anew{false};
  // By the worker of a service: how often it has brought the result up to date.
  std::atomic<std::uint32_t> updates{0};
  // By workers of a service: one has run the job, so that what cannot be run is news; and has seen the inbox.
  std::atomic<bool> begun{false}, inbox_seen{false};

  // By the worker: CUDA is asked for devices, and may never answer; and what the worker computes on then. Who is lost
  // meanwhile was perhaps lost to them.
  std::atomic<bool> probing{false};
  DeviceList used;

  // By workers: how often an audit has found wrong bits. Never set back.
  std::atomic<std::uint32_t> audit_mismatches{0};

  // By the worker, before it ends because devices failed; looked at when it has ended.
  DeviceList failed;
  char failure[2048] = "";
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "shared between processes");

}  // namespace tailbit
