#include "host/ops/devices.hpp"

#include <fstream>
#include <thread>

#include "host/backend_cpu/hot_loops.hpp"
#if TAILBIT_HAS_CUDA
#include "kernels/cuda_backend.hpp"
#endif

namespace tailbit {

CudaProbe probe_cuda() {
#if TAILBIT_HAS_CUDA
  CudaProbe result;
  const cuda::Probe probe = cuda::probe();
  result.reason = probe.reason;
  for (const cuda::Device& device : probe.devices) {
    result.devices.push_back({device.id, device.name, std::to_string(device.major) + "." + std::to_string(device.minor),
                              device.memory_bytes, device.major < 8 ? "needs compute capability 8.0 or newer" : ""});
  }
  return result;
#else
  return {{}, "this program was built without CUDA (no nvcc was found); build with the preset cuda-release"};
#endif
}

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "x86-64 CPU";
}

nlohmann::ordered_json devices_json() {
  using Json = nlohmann::ordered_json;
  Json isas = Json::array();
  for (const cpu::Isa isa : cpu::available_isas()) isas.push_back(cpu::isa_name(isa));
  const CudaProbe probe = probe_cuda();
  Json cuda = Json::array();
  for (const CudaDevice& d : probe.devices) {
    Json device = {
        {"id", d.id}, {"name", d.name}, {"compute_capability", d.compute_capability}, {"memory_bytes", d.memory_bytes}};
    device["usable"] = d.unusable.empty();
    if (!d.unusable.empty()) device["reason"] = d.unusable;
    cuda.push_back(device);
  }
  Json json = {{"schema", "tailbit.devices/1"},
               {"cpu",
                {{"name", cpu_name()},
                 {"threads", std::thread::hardware_concurrency()},
                 {"instruction_sets", isas},
                 {"fma", cpu::best_isa() != cpu::Isa::baseline}}},
               {"cuda", cuda}};
  if (cuda.empty()) json["cuda_reason"] = probe.reason;
  return json;
}

}  // namespace tailbit
