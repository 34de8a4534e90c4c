#include <algorithm>
#include <cmath>

#include "host/io/text.hpp"
#include "host/ops/hardware.hpp"

namespace tailbit {
namespace {

bool has(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// One decimal below ten, none above.
std::string gigabytes(double bytes, double (*round)(double) = std::round) {
  const double tenths = bytes < 1e10 ? 10.0 : 1.0;
  return number_text(round(bytes / 1e9 * tenths) / tenths) + " GB";
}

std::string cpus_text(double cpus) { return number_text(cpus) + (cpus == 1.0 ? " CPU" : " CPUs"); }

// "13.0" of 13000.
std::string cuda_version(int number) {
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

// A compute capability "9.0" as 90, an architecture "90-real" as 90; 0 where it is neither.
int architecture_number(const std::string& text) {
  std::string digits;
  for (const char c : text.substr(0, text.find('-'))) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits.empty() || digits.size() > 4 ? 0 : std::stoi(digits);
}

// Machine code runs on devices of its major number from its minor number on; PTX on all that are newer.
bool has_machine_code(const ProgramFacts& program, int capability) {
  return std::any_of(program.architectures.begin(), program.architectures.end(), [&](const std::string& a) {
    const int made_for = architecture_number(a);
    return !a.ends_with("-virtual") && made_for / 10 == capability / 10 && made_for <= capability;
  });
}
// "native", "all" and no list at all do not.
bool tells_capabilities(const ProgramFacts& program) {
  return !program.architectures.empty() && std::all_of(program.architectures.begin(), program.architectures.end(),
                                                       [](const std::string& a) { return architecture_number(a) > 0; });
}
bool has_ptx(const ProgramFacts& program, int capability) {
  return std::any_of(program.architectures.begin(), program.architectures.end(), [&](const std::string& a) {
    return !a.ends_with("-real") && architecture_number(a) <= capability;
  });
}

std::string list_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void add_cpu_hints(const HardwareFacts& facts, const Wishes& wishes, std::vector<Hint>& out) {
  const CpuFacts& cpu = facts.cpu;
  if (facts.program.used == "baseline") {
    out.push_back({"no_fma",
                   "this processor has no FMA instruction: runs give the same bits about fifty times slower and need "
                   "--force; use another machine"});
  } else if (has(cpu.features, "avx512f") && facts.program.used != "v4") {
    out.push_back({"avx512_unused",
                   "AVX-512 is there but without all of F, DQ, CD, BW and VL, so AVX2 is used; a virtual machine may "
                   "hide them"});
  }
  const double allowed = std::min(cpu.quota.value_or(1e9), cpu.threads_allowed > 0 ? cpu.threads_allowed : 1e9);
  const double started = wishes.threads > 0 ? wishes.threads : cpu.usable_threads();
  if (started > std::ceil(allowed)) {
    out.push_back({"fewer_cpus", number_text(started) + " threads would share the " + cpus_text(allowed) +
                                     " that this process may use; use --threads " +
                                     number_text(std::max(1.0, std::ceil(allowed))) + " or allow it more"});
  }
}

// More than is allowed is refused; here, what others hold of it counts too.
void add_memory_hint(const HardwareFacts& facts, const Wishes& wishes, std::vector<Hint>& out) {
  const std::uint64_t allowed = facts.memory.allowed(), available = facts.memory.available;
  const auto free = static_cast<double>(available > 0 ? std::min(allowed, available) : allowed);
  if (free <= 0.0 || wishes.memory_bytes <= free) return;
  out.push_back({"memory", "the job needs " + gigabytes(wishes.memory_bytes, std::ceil) + " of memory and " +
                               gigabytes(free, std::floor) +
                               " are free for it now; wait, or use fewer scenarios or exposure dates"});
}

void add_device_hints(const CudaDevice& device, const ProgramFacts& program, std::vector<Hint>& out) {
  const std::string name = "cuda:" + std::to_string(device.id) + " (" + device.name + ", compute capability " +
                           device.compute_capability + ")";
  const int capability = architecture_number(device.compute_capability);
  constexpr int kOldest = 80;
  if (capability < kOldest) {
    out.push_back({"gpu_too_old", name + " cannot be used: 8.0 is the oldest that the program knows"});
  } else if (!has_code_for(program, device.compute_capability)) {
    out.push_back({"gpu_without_code", name + " cannot be used: " + no_code_text(program, device.compute_capability)});
  } else if (!tells_capabilities(program) || has_machine_code(program, capability)) {
    return;
  } else {
    out.push_back(
        {"gpu_needs_jit",
         name + " is newer than this program, which has machine code for " + list_text(program.architectures) +
             ": the driver translates its PTX at every start, or once with CUDA_CACHE_PATH=FOLDER; build with "
             "this architecture in CMAKE_CUDA_ARCHITECTURES to start at once"});
  }
}

void add_driver_hints(const HardwareFacts& facts, std::vector<Hint>& out) {
  const NvidiaFacts& nvidia = facts.nvidia;
  if (!facts.program.cuda) {
    if (nvidia.device_files || !nvidia.kernel_driver.empty()) {
      out.push_back(
          {"built_without_cuda",
           "there is an NVIDIA GPU here, and this program was built without CUDA; build it where nvcc is, with "
           "the preset cuda-release"});
    }
    return;
  }
  if (!nvidia.probe) return;
  const CudaProbe& probe = *nvidia.probe;
  if (probe.driver_version == 0) {
    out.push_back({"no_driver", nvidia.device_files
                                    ? "there is an NVIDIA GPU here, but no driver library; in a container, start it "
                                      "with the NVIDIA runtime"
                                    : "this program can use CUDA, but there is no driver here; runs are on the CPU"});
  } else if (probe.driver_version / 1000 < probe.runtime_version / 1000) {
    out.push_back({"old_driver", "the driver knows CUDA " + cuda_version(probe.driver_version) +
                                     " and this program needs " + cuda_version(probe.runtime_version) +
                                     "; update the driver, or build with an older toolkit"});
  } else if (probe.devices.empty() && nvidia.visible) {
    out.push_back({"hidden_gpus", "CUDA_VISIBLE_DEVICES is \"" + *nvidia.visible +
                                      "\" and leaves no GPU; unset it, or name one that is there"});
  }
  for (const CudaDevice& device : probe.devices) add_device_hints(device, facts.program, out);
}

}  // namespace

bool has_code_for(const ProgramFacts& program, const std::string& capability) {
  const int number = architecture_number(capability);
  return !tells_capabilities(program) || has_machine_code(program, number) || has_ptx(program, number);
}

std::string no_code_text(const ProgramFacts& program, const std::string& capability) {
  return "this program was built for " +
         (program.architectures.empty() ? "other architectures" : list_text(program.architectures)) +
         ", and has nothing that compute capability " + capability +
         " runs: build with this architecture in CMAKE_CUDA_ARCHITECTURES";
}

std::vector<Hint> hints(const HardwareFacts& facts, const Wishes& wishes) {
  std::vector<Hint> out;
  add_cpu_hints(facts, wishes, out);
  add_memory_hint(facts, wishes, out);
  add_driver_hints(facts, out);
  return out;
}

std::string hardware_line(const HardwareFacts& facts) {
  const CpuFacts& cpu = facts.cpu;
  std::string line = (cpu.name.empty() ? "unknown CPU" : cpu.name) + ", " + std::to_string(cpu.threads_allowed) +
                     " of " + std::to_string(cpu.threads_there) + " threads allowed";
  if (cpu.quota) line += ", time of " + cpus_text(*cpu.quota);
  line += ", instructions " + facts.program.used + "; memory " + gigabytes(static_cast<double>(facts.memory.there));
  if (facts.memory.allowed() < facts.memory.there)
    line += ", " + gigabytes(static_cast<double>(facts.memory.allowed())) + " allowed";
  line += std::string("; built with ") + facts.program.compiler + (facts.program.cuda ? " and" : ", without") + " CUDA";
  if (!facts.nvidia.kernel_driver.empty()) line += "; NVIDIA driver " + facts.nvidia.kernel_driver;
  return line;
}

}  // namespace tailbit
