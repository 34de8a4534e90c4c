// What computes scenarios: the CPU, or CUDA devices. The one place where the two meet.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/compile/compile.hpp"
#include "host/io/problems.hpp"
#include "host/ops/run_flags.hpp"
#include "tailbit/engine/pnl.hpp"
#include "tailbit/engine/scenario_range.hpp"
#include "tailbit/measure/collector.hpp"

namespace tailbit {

// Devices failed, and may be left out; nothing is wrong with the job. `device_unavailable`: they will never do.
class DeviceFailure : public Failure {
 public:
  DeviceFailure(const std::string& message, std::vector<int> devices, ExitCode code = ExitCode::temporary)
      : Failure(code, message), devices_(std::move(devices)) {}
  const std::vector<int>& devices() const { return devices_; }  // CUDA's numbers

 private:
  std::vector<int> devices_;
};

// An audit found wrong bits: what was computed and kept before is no better.
class WrongBits : public Failure {
 public:
  using Failure::Failure;
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string name() const = 0;
  // CUDA's numbers; none for the CPU.
  virtual std::vector<int> devices() const { return {}; }

  // The hosts and devices that it computes on, for records.
  virtual nlohmann::ordered_json hardware() const;

  // Whether it audits what it computes, where it is computed; else nobody has yet.
  virtual bool audits() const { return false; }

  struct Simulated {
    std::uint64_t end;  // scenarios of the range before it are done
    Tally tally;
    std::uint64_t audited_blocks = 0;  // by itself
  };
  struct Hooks {
    std::function<bool()> stop{};                        // asked by any thread: end after the blocks begun
    std::function<void(std::uint64_t done)> progress{};  // from one thread at a time
  };
  // `range` begins with a block. Throws Failure: bad_data when a contract's value leaves the range of exact sums;
  // DeviceFailure; WrongBits.
  virtual Simulated simulate(ScenarioRange range, measure::Collector& collector, const Hooks& hooks) = 0;
};

// What audits what a backend has computed: on the CPU another instruction set, one with FMA where there are three.
cpu::Isa auditing_isa(const Backend& audited);

// Throws Failure (bad_data).
[[noreturn]] void refuse_too_large(const measure::SumTooLarge& error);

// What scenarios met on the way.
std::vector<std::string> tally_warnings(const Tally& tally);

// What the flags ask for; `job` must outlive it. Throws Failure (device_unavailable) when the device asked for, or FMA,
// is not there. Explains itself in `warnings` where `auto` finds no device.
std::unique_ptr<Backend> make_backend(const CompiledJob& job, const RunFlags& flags,
                                      std::vector<std::string>& warnings);

}  // namespace tailbit
