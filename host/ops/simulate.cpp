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

// The CUDA device that the flag names, -1 for the CPU. Explains itself in `warnings` when `auto` finds none.
int choose_device(const std::string& device, std::vector<std::string>& warnings) {
  if (device == "cpu") return -1;
  const bool automatic = device == "auto";
  int wanted = 0;
  if (!automatic && device != "cuda") {
    const std::optional<double> id = device.starts_with("cuda:") ? parse_number(device.substr(5)) : std::nullopt;
    if (!id || *id < 0 || *id > 2147483647.0 || *id != static_cast<int>(*id)) {
      throw Failure(ExitCode::usage, "--device " + device + " is not understood; use auto, cpu, cuda or cuda:ID");
    }
    wanted = static_cast<int>(*id);
  }
  const CudaProbe probe = probe_cuda();
  for (const CudaDevice& found : probe.devices) {
    if (found.unusable.empty() && (automatic || found.id == wanted)) return found.id;
  }
  const std::string reason =
      probe.devices.empty() ? probe.reason : "there is no usable CUDA device " + std::to_string(wanted);
  if (!automatic) throw Failure(ExitCode::device_unavailable, "--device " + device + ": " + reason);
  warnings.push_back("running on the CPU: " + reason);
  return -1;
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
Simulation simulate_cuda(const CompiledJob& job, const measure::Request& request, int device) {
  Simulation simulation;
  cuda::Output output = cuda::run(job.plan, request, device);
  if (output.bad_scenario) refuse(cpu::find_bad_term(job.plan, *output.bad_scenario, 1), job);
  simulation.results = std::move(output.results);
  simulation.tally = output.tally;
  simulation.timings = {{"simulate", output.simulate_seconds}, {"measure", output.measure_seconds}};
  for (const CudaDevice& found : probe_cuda().devices) {
    if (found.id == device) simulation.device = found.name + " (cuda:" + std::to_string(device) + ")";
  }
  return simulation;
}
#endif

// On a device, or on the CPU for -1. With `auto`, a device that fails is replaced by the CPU, and the warnings say so.
Simulation simulate_on(int device, const CompiledJob& job, const measure::Request& request, const RunFlags& flags,
                       std::vector<std::string>& warnings) {
#if TAILBIT_HAS_CUDA
  try {
    if (device >= 0) return simulate_cuda(job, request, device);
  } catch (const cuda::Error& error) {
    if (flags.device != "auto")
      throw Failure(ExitCode::temporary, std::string("the CUDA device failed: ") + error.what());
    warnings.push_back(std::string("running on the CPU: the CUDA device failed: ") + error.what());
  }
#else
  (void)device;
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
  const int device = choose_device(flags.device, warnings);
  Simulation simulation;
  try {
    simulation = simulate_on(device, job, request, flags, warnings);
  } catch (const measure::SumTooLarge& error) {
    throw Failure(ExitCode::bad_data,
                  std::string(error.what()) + " in some scenario; check volatilities and the horizon");
  }
  simulation.warnings.insert(simulation.warnings.begin(), warnings.begin(), warnings.end());
  return simulation;
}

}  // namespace tailbit
