// The CUDA backend as the host sees it: no CUDA header, so that every compiler can include it.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tailbit/engine/plan.hpp"
#include "tailbit/engine/pnl.hpp"
#include "tailbit/engine/scenario_range.hpp"
#include "tailbit/measure/collector.hpp"

namespace tailbit::cuda {

struct Device {
  int id;
  std::string name;
  int major, minor;  // compute capability
  std::size_t memory_bytes;
  std::string uuid, pci;  // "GPU-01234567-...", "0000:01:00.0"
  bool ecc = false;       // whether its memory corrects errors
  std::string failure{};  // why it does not answer; empty: it does
};

// The devices there are, or the reason why there are none. Never throws: any failure of the runtime means "no GPU,
// because ...".
struct Probe {
  std::vector<Device> devices;
  std::string reason;
  bool passes = false;  // there may be some in a while
  int driver_version = 0, runtime_version = 0;
};
Probe probe();

// A CUDA call failed; the message holds the call, the error's name and the size asked for.
class Error : public std::exception {
 public:
  enum class Kind {
    failure,
    no_code  // the program has none that the device runs: it never will
  };
  explicit Error(std::string message, Kind kind = Kind::failure, int device = -1)
      : message_(std::move(message)), kind_(kind), device_(device) {}
  const char* what() const noexcept override { return message_.c_str(); }
  Kind kind() const { return kind_; }
  int device() const { return device_; }  // that failed; -1: none in particular

 private:
  std::string message_;
  Kind kind_;
  int device_;
};

// The device has too little memory for what was asked; less may do.
class OutOfMemory : public Error {
 public:
  explicit OutOfMemory(std::string message) : Error(std::move(message)) {}
};

struct Simulated {
  std::uint64_t end = 0;  // scenarios before it are done
  Tally tally;
  // The first scenario in which a term was out of range (engine/quantum.hpp), if there is one; nothing else counts
  // then. The CPU backend, whose bits are the same, finds the contract.
  std::optional<std::uint64_t> bad_scenario;
};

struct Options {
  // Scenarios of a batch, at least 512; changes no bit. A thread for every one of some 2,000 that each of 132
  // processors holds is enough to keep them busy.
  static constexpr std::size_t kMostLanes = std::size_t{1} << 18;
  std::size_t most_lanes = kMostLanes;
  // Called now and then with the number of the range's scenarios done so far, from one thread at a time.
  std::function<void(std::uint64_t)> progress{};
  // Asked by any thread before a batch: whether to end here. What was begun is finished.
  std::function<bool()> stop{};
};

// Simulates scenarios on one device or several into the collector: the same bits as the CPU, whatever the devices.
// `range` begins with a block; all of it is done, or the first whole blocks where the run was told to stop. Throws
// Error when any device fails, and measure::SumTooLarge.
Simulated run(const Plan& plan, ScenarioRange range, measure::Collector& collector, const std::vector<int>& devices,
              const Options& options = {});

}  // namespace tailbit::cuda
