// The CUDA backend as the host sees it: no CUDA header, so that every compiler can include it.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "tailbit/engine/plan.hpp"
#include "tailbit/engine/pnl.hpp"
#include "tailbit/measure/results.hpp"

namespace tailbit::cuda {

struct Device {
  int id;
  std::string name;
  int major, minor;  // compute capability
  std::size_t memory_bytes;
};

// The devices there are, or the reason why there are none. Never throws: any failure of the runtime means "no GPU,
// because ...".
struct Probe {
  std::vector<Device> devices;
  std::string reason;
  int driver_version = 0, runtime_version = 0;
};
Probe probe();

// A CUDA call failed; the message holds the call, the error's name and the size asked for.
class Error : public std::exception {
 public:
  explicit Error(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

// The device has too little memory for what was asked; less may do.
class OutOfMemory : public Error {
 public:
  explicit OutOfMemory(std::string message) : Error(std::move(message)) {}
};

struct Output {
  measure::Results results;
  Tally tally;
  double simulate_seconds = 0.0, measure_seconds = 0.0;
  // The first scenario in which a term was out of range (engine/quantum.hpp), if there is one; there are no results
  // then. The CPU backend, whose bits are the same, finds the contract.
  std::optional<std::uint64_t> bad_scenario;
};

struct Options {
  // Scenarios of a batch, at least 512; changes no bit. A thread for every one of some 2,000 that each of 132
  // processors holds is enough to keep them busy.
  std::size_t most_lanes = std::size_t{1} << 18;
};

// Simulates all scenarios on one device or several, and measures them: the same bits as the CPU, whatever the devices.
// Throws Error when any of them fails, and measure::SumTooLarge.
Output run(const Plan& plan, const measure::Request& request, const std::vector<int>& devices,
           const Options& options = {});

}  // namespace tailbit::cuda
