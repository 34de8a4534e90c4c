#include "host/ops/backend.hpp"

#include <algorithm>
#include <stdexcept>

#include "host/backend_cpu/run.hpp"
#include "host/io/host_name.hpp"
#include "host/io/text.hpp"
#include "host/ops/devices.hpp"
#include "host/ops/hardware.hpp"
#if TAILBIT_HAS_CUDA
#include "kernels/cuda_backend.hpp"
#endif

namespace tailbit {
namespace {

[[noreturn]] void refuse(const cpu::BadTerm& term, const CompiledJob& job) {
  throw Failure(ExitCode::bad_data,
                "scenario " + std::to_string(term.scenario) + ", contract " + job.contracts[term.contract] + ", " +
                    std::to_string(job.node_seconds[term.node]) + " s from as_of: quantity " +
                    number_text(term.quantity) + " times a change in value of " + number_text(term.change) +
                    " USD is not finite or leaves the range of exact sums, 128 times the book's scale; check the "
                    "contract's terms, the vols and the horizon, and set innovations.max_move under Student-t returns");
}

Backend::Simulated simulate_on_cpu(const CompiledJob& job, ScenarioRange range, const cpu::Options& options,
                                   ProfitSink& sink) {
  try {
    const cpu::Simulated done = cpu::run(job.plan, range, options, sink);
    return {done.end, done.tally};
  } catch (const cpu::BadTermError& error) {
    refuse(error.term(), job);
  } catch (const measure::SumTooLarge& error) {
    refuse_too_large(error);
  }
}

class CpuBackend final : public Backend {
 public:
  CpuBackend(const CompiledJob& job, cpu::Options options) : job_(job), options_(std::move(options)) {}

  std::string name() const override { return cpu_name() + " (" + cpu::isa_name(options_.isa) + ")"; }

  Simulated simulate(ScenarioRange range, measure::Collector& collector, const Hooks& hooks) override {
    cpu::Options options = options_;
    options.stop = hooks.stop;
    options.progress = hooks.progress;
    return simulate_on_cpu(job_, range, options, collector);
  }

 private:
  const CompiledJob& job_;
  cpu::Options options_;
};

std::unique_ptr<Backend> make_cpu_backend(const CompiledJob& job, const RunFlags& flags) {
  cpu::Options options;
  options.threads = flags.threads;
  options.tile = flags.tile;
  options.isa = flags.isa.value_or(cpu::best_isa());
  const auto available = cpu::available_isas();
  if (std::find(available.begin(), available.end(), options.isa) == available.end()) {
    throw Failure(ExitCode::device_unavailable, std::string("this processor lacks the instruction set ") +
                                                    cpu::isa_name(options.isa) + "; leave --isa away");
  }
  if (options.isa == cpu::Isa::baseline && !flags.force) {
    throw Failure(ExitCode::device_unavailable,
                  "this processor has no FMA instruction (or --isa baseline was asked for): the run would give the "
                  "same bits, but " +
                      std::string("about fifty times slower; use --force to run all the same"));
  }
  return std::make_unique<CpuBackend>(job, std::move(options));
}

#if TAILBIT_HAS_CUDA
// Takes nothing.
class SumCheck final : public ProfitSink {
 public:
  explicit SumCheck(const measure::Collector& collector) : collector_(collector) {}
  void take(std::uint64_t first, std::size_t count, const std::int64_t* profits, std::size_t stride) override {
    collector_.require_exact(first, count, profits, stride);
  }

 private:
  const measure::Collector& collector_;
};

class CudaBackend final : public Backend {
 public:
  CudaBackend(const CompiledJob& job, std::vector<CudaDevice> devices) : job_(job), devices_(std::move(devices)) {}

  std::string name() const override {
    std::string text;
    for (const CudaDevice& device : devices_)
      text += (text.empty() ? "" : ", ") + device.name + " (cuda:" + std::to_string(device.id) + ")";
    return text;
  }
  std::vector<int> devices() const override {
    std::vector<int> ids;
    for (const CudaDevice& device : devices_) ids.push_back(device.id);
    return ids;
  }

  nlohmann::ordered_json hardware() const override {
    nlohmann::ordered_json json = Backend::hardware();
    for (const CudaDevice& device : devices_) json[0]["devices"].push_back(device_json(device));
    json[0]["driver"] = nvidia_facts().kernel_driver;
    return json;
  }

  Simulated simulate(ScenarioRange range, measure::Collector& collector, const Hooks& hooks) override {
    cuda::Options options;
    options.stop = hooks.stop;
    options.progress = hooks.progress;
    try {
      const cuda::Simulated done = cuda::run(job_.plan, range, collector, devices(), options);
      if (done.bad_scenario) refuse_scenario(*done.bad_scenario);
      return {done.end, done.tally};
    } catch (const measure::SumTooLarge& error) {
      refuse_sum(error.range(), collector);
    } catch (const cuda::Error& error) {
      const std::vector<int> failed = error.device() < 0 ? devices() : std::vector{error.device()};
      if (error.kind() != cuda::Error::Kind::no_code) throw DeviceFailure(error.what(), failed);
      throw DeviceFailure(error.what() + std::string("; ") + no_code(failed), failed, ExitCode::device_unavailable);
    }
  }

 private:
  std::string no_code(const std::vector<int>& failed) const {
    std::string capabilities;
    for (const CudaDevice& device : devices_) {
      if (std::count(failed.begin(), failed.end(), device.id) != 0)
        capabilities += (capabilities.empty() ? "" : " and ") + device.compute_capability;
    }
    return no_code_text(program_facts(), capabilities);
  }

  // The CPU, whose bits are the same, finds the contract. Where it finds none, it is the device that is wrong.
  [[noreturn]] void refuse_scenario(std::uint64_t scenario) {
    cpu::BadTerm term;
    try {
      term = cpu::find_bad_term(job_.plan, scenario, 1);
    } catch (const std::logic_error&) {
      throw DeviceFailure(name() + " found a term out of range in scenario " + std::to_string(scenario) +
                              ", and the CPU finds none there: it corrupts data",
                          devices());
    }
    refuse(term, job_);
  }

  // Likewise: what the device finds too large must be so on the CPU.
  [[noreturn]] void refuse_sum(ScenarioRange range, const measure::Collector& collector) {
    range.count = std::min(range.count, collector.scenarios() - range.first);
    SumCheck check(collector);
    simulate_on_cpu(job_, range, {}, check);
    throw DeviceFailure(name() + " found a sum out of range in the scenarios " + std::to_string(range.first) + " to " +
                            std::to_string(range.end() - 1) + ", and the CPU finds none there: it corrupts data",
                        devices());
  }

  const CompiledJob& job_;
  std::vector<CudaDevice> devices_;
};
#endif

// Asking may take for ever, or end the process; the supervisor is to know.
CudaProbe probe_watched(RunControl* control) {
  if (control != nullptr) control->probing = true;
  CudaProbe probe = probe_cuda();
  if (control != nullptr) control->probing = false;
  return probe;
}

// The CUDA devices that the flags name, none for the CPU. Explains itself in `warnings` when `auto` finds none.
std::vector<CudaDevice> choose(const RunFlags& flags, std::vector<std::string>& warnings) {
  if (flags.control != nullptr && flags.control->audit_mismatches != 0) {
    warnings.emplace_back(
        "an audit found wrong bits of a device: what it had computed was discarded and computed elsewhere; see the "
        "log, "
        "and take the device out of service");
  }
  DeviceRequest request = parse_device(flags.device);
  if (request.kind == DeviceRequest::Kind::cpu) return {};
  if (request.kind == DeviceRequest::Kind::automatic && flags.no_devices) {
    warnings.emplace_back(
        "running on the CPU: a worker was lost while it asked CUDA for devices; see whether nvidia-smi ends");
    return {};
  }
  const auto failed = [&](int id) {
    return std::find(flags.failed_devices.begin(), flags.failed_devices.end(), id) != flags.failed_devices.end();
  };
  std::erase_if(request.ids, failed);
  CudaProbe probe = probe_watched(flags.control);
  for (CudaDevice& device : probe.devices) {
    if (failed(device.id)) device.unusable = "it failed in this run";
  }
  const bool automatic = request.kind == DeviceRequest::Kind::automatic;
  if (flags.device_share && automatic) request.kind = DeviceRequest::Kind::all;
  DeviceChoice choice = choose_devices(request, probe);
  if (flags.device_share) choice.devices = share_out(choice.devices, *flags.device_share);
  if (flags.device_share && automatic && choice.devices.size() > 1) choice.devices.resize(1);
  if (!choice.devices.empty()) return std::move(choice.devices);
  if (!automatic && !flags.failed_devices.empty()) {
    if (flags.failed_for_good)
      throw Failure(ExitCode::device_unavailable, "no device of --device " + flags.device + " runs this program; " +
                                                      "see above, or use --device auto");
    throw Failure(ExitCode::temporary, "every device of --device " + flags.device +
                                           " failed in this run; run again to go on from the checkpoint");
  }
  if (!automatic)
    throw Failure(choice.passes ? ExitCode::temporary : ExitCode::device_unavailable,
                  "--device " + flags.device + ": " + choice.reason);
  warnings.push_back("running on the CPU: " + choice.reason + "; where the CPU is meant, use --device cpu");
  return {};
}

}  // namespace

nlohmann::ordered_json Backend::hardware() const {
  return nlohmann::ordered_json::array({{{"host", host_name()}, {"cpu", cpu_name()}}});
}

void refuse_too_large(const measure::SumTooLarge& error) {
  throw Failure(ExitCode::bad_data,
                std::string(error.what()) + " in some scenario; check volatilities and the horizon");
}

// Instruction sets come least first.
cpu::Isa auditing_isa(const Backend& audited) {
  const auto available = cpu::available_isas();
  const bool on_cpu = audited.devices().empty();
  return on_cpu && available.size() > 2 ? available[available.size() - 2] : available.back();
}

std::vector<std::string> tally_warnings(const Tally& tally) {
  std::vector<std::string> warnings;
  if (tally.vols_at_floor != 0) {
    warnings.push_back(std::to_string(tally.vols_at_floor) +
                       " reprices met a vol below 0.1 point and were made at that floor; smaller vols of level and " +
                       "skew avoid it");
  }
  if (tally.moves_limited != 0)
    warnings.push_back(std::to_string(tally.moves_limited) + " moves of a spot over a period were cut at max_move");
  return warnings;
}

std::unique_ptr<Backend> make_backend(const CompiledJob& job, const RunFlags& flags,
                                      std::vector<std::string>& warnings) {
  [[maybe_unused]] std::vector<CudaDevice> devices = choose(flags, warnings);
#if TAILBIT_HAS_CUDA
  if (!devices.empty()) {
    auto backend = std::make_unique<CudaBackend>(job, std::move(devices));
    if (flags.control != nullptr) {
      for (const int id : backend->devices()) flags.control->used.add(id);
    }
    return backend;
  }
#endif
  return make_cpu_backend(job, flags);
}

}  // namespace tailbit
