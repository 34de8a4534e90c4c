#include "host/ops/simulate.hpp"

#include <algorithm>
#include <chrono>

#include "host/backend_cpu/run.hpp"
#include "host/io/problems.hpp"
#include "host/io/text.hpp"
#include "host/ops/devices.hpp"
#include "tailbit/measure/collector.hpp"
#if TAILBIT_HAS_CUDA
#include "kernels/cuda_backend.hpp"
#endif

namespace tailbit {
namespace {

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

[[noreturn]] void refuse(const cpu::BadTerm& term, const CompiledJob& job) {
  throw Failure(ExitCode::bad_data,
                "scenario " + std::to_string(term.scenario) + ", contract " + job.contracts[term.contract] + ", " +
                    std::to_string(job.node_seconds[term.node]) + " s from as_of: quantity " +
                    number_text(term.quantity) + " times a change in value of " + number_text(term.change) +
                    " USD is not finite or leaves the range of exact sums, 128 times the book's scale; check the "
                    "contract's terms, the vols and the horizon, and set innovations.max_move under Student-t returns");
}

// The CUDA devices that the flag names, none for the CPU. Explains itself in `warnings` when `auto` finds none.
std::vector<CudaDevice> choose(const std::string& device, std::vector<std::string>& warnings) {
  const DeviceRequest request = parse_device(device);
  if (request.kind == DeviceRequest::Kind::cpu) return {};
  DeviceChoice choice = choose_devices(request, probe_cuda());
  if (!choice.devices.empty()) return std::move(choice.devices);
  if (request.kind != DeviceRequest::Kind::automatic)
    throw Failure(ExitCode::device_unavailable, "--device " + device + ": " + choice.reason);
  warnings.push_back("running on the CPU: " + choice.reason);
  return {};
}

Simulation simulate_cpu(const CompiledJob& job, const measure::Request& request, const RunFlags& flags) {
  const cpu::Isa isa = flags.isa.value_or(cpu::best_isa());
  const auto available = cpu::available_isas();
  if (std::find(available.begin(), available.end(), isa) == available.end()) {
    throw Failure(ExitCode::device_unavailable,
                  std::string("this processor lacks the instruction set ") + cpu::isa_name(isa) + "; leave --isa away");
  }
  if (isa == cpu::Isa::baseline && !flags.force) {
    throw Failure(ExitCode::device_unavailable,
                  "this processor has no FMA instruction (or --isa baseline was asked for): the run would give the "
                  "same bits, but " +
                      std::string("about fifty times slower; use --force to run all the same"));
  }
  Simulation simulation;
  const Stopwatch simulating;
  cpu::Options options;
  options.threads = flags.threads;
  options.tile = flags.tile;
  options.isa = isa;
  if (flags.progress) options.progress = [&](std::uint64_t done) { flags.progress(done, job.plan.scenarios); };
  try {
    measure::Collector collector(request, job.plan.leaves, job.plan.scenarios);
    simulation.tally = cpu::run(job.plan, options, collector);
    simulation.timings.emplace_back("simulate", simulating.seconds());
    const Stopwatch measuring;
    simulation.results = measure::measure_all(collector, job.plan.scenarios, request);
    simulation.timings.emplace_back("measure", measuring.seconds());
  } catch (const cpu::BadTermError& error) {
    refuse(error.term(), job);
  }
  simulation.device = cpu_name() + " (" + cpu::isa_name(isa) + ")";
  return simulation;
}

#if TAILBIT_HAS_CUDA
Simulation simulate_cuda(const CompiledJob& job, const measure::Request& request,
                         const std::vector<CudaDevice>& devices) {
  Simulation simulation;
  std::vector<int> ids;
  for (const CudaDevice& device : devices) {
    ids.push_back(device.id);
    simulation.device +=
        (simulation.device.empty() ? "" : ", ") + device.name + " (cuda:" + std::to_string(device.id) + ")";
  }
  cuda::Output output = cuda::run(job.plan, request, ids);
  if (output.bad_scenario) refuse(cpu::find_bad_term(job.plan, *output.bad_scenario, 1), job);
  simulation.results = std::move(output.results);
  simulation.tally = output.tally;
  simulation.timings = {{"simulate", output.simulate_seconds}, {"measure", output.measure_seconds}};
  return simulation;
}
#endif

// On devices, or on the CPU for none. With `auto`, a device that fails is replaced by the CPU, and the warnings say so.
Simulation simulate_on(const std::vector<CudaDevice>& devices, const CompiledJob& job, const measure::Request& request,
                       const RunFlags& flags, std::vector<std::string>& warnings) {
#if TAILBIT_HAS_CUDA
  try {
    if (!devices.empty()) return simulate_cuda(job, request, devices);
  } catch (const cuda::Error& error) {
    if (flags.device != "auto")
      throw Failure(ExitCode::temporary, std::string("the CUDA device failed: ") + error.what());
    warnings.push_back(std::string("running on the CPU: the CUDA device failed: ") + error.what());
  }
#else
  (void)devices;
  (void)warnings;
#endif
  return simulate_cpu(job, request, flags);
}

}  // namespace

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

Simulation simulate(const CompiledJob& job, const measure::Request& request, const RunFlags& flags) {
  std::vector<std::string> warnings;
  const std::vector<CudaDevice> devices = choose(flags.device, warnings);
  Simulation simulation;
  try {
    simulation = simulate_on(devices, job, request, flags, warnings);
  } catch (const measure::SumTooLarge& error) {
    throw Failure(ExitCode::bad_data,
                  std::string(error.what()) + " in some scenario; check volatilities and the horizon");
  }
  simulation.warnings.insert(simulation.warnings.begin(), warnings.begin(), warnings.end());
  return simulation;
}

}  // namespace tailbit
