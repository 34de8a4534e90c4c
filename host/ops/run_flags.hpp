// What the command line says about how a job is run. Nothing here changes a bit of a complete result but `overrides`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/backend_cpu/hot_loops.hpp"
#include "host/io/read_inputs.hpp"
#include "host/ops/devices.hpp"
#include "host/ops/run_control.hpp"
#include "host/report/manifest.hpp"

namespace tailbit {

class Ranks;

struct RunFlags {
  Overrides overrides;
  std::string device = "auto";  // auto | cpu | cuda | cuda:ID[,ID...] | cuda:all
  unsigned threads = 0;         // 0: all
  std::size_t tile = 0;         // 0: by the caches
  std::optional<cpu::Isa> isa;  // absent: the best there is
  bool force = false;           // run without FMA, and where there is a complete result of the same job already

  bool resume = false;               // what is there of another job is an error, not removed
  double checkpoint_seconds = 30.0;  // between checkpoints; 0: none
  double max_seconds = 0.0;          // for the whole run; 0: no limit
  double max_memory = 0.0;           // bytes; 0: what the machine has
  std::optional<double> audit;  // share of the blocks to compute again; absent: one block of each part of a device's
  std::optional<Shard> shard;

  // Of a run on several ranks, at rank 0 and the others.
  Ranks* ranks = nullptr;
  std::optional<DeviceShare> device_share;
  double stall_seconds = 0.0;  // that a rank may take for a chunk; 0: no limit

  // Set by the supervisor.
  RunControl* control = nullptr;
  std::vector<int> failed_devices;  // CUDA's numbers, not to be used again
  bool failed_for_good = false;     // all of them, since the program has no code for them
  bool no_devices = false;          // a worker was lost while it asked for them: `auto` is the CPU
  std::uint32_t restarts = 0;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  std::function<void(std::uint64_t done, std::uint64_t of)> progress;
};

}  // namespace tailbit
