#include "host/ops/devices.hpp"

#include <algorithm>
#include <fstream>
#include <thread>

#include "host/backend_cpu/hot_loops.hpp"
#include "host/io/problems.hpp"
#include "host/io/text.hpp"
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

DeviceRequest parse_device(const std::string& text) {
  using Kind = DeviceRequest::Kind;
  if (text == "auto") return {Kind::automatic, {}};
  if (text == "cpu") return {Kind::cpu, {}};
  if (text == "cuda") return {Kind::ids, {0}};
  if (text == "cuda:all") return {Kind::all, {}};
  const auto refuse = [&]() -> void {
    throw Failure(ExitCode::usage,
                  "--device " + text + " is not understood; use auto, cpu, cuda, cuda:ID, cuda:ID,ID or cuda:all");
  };
  if (!text.starts_with("cuda:")) refuse();
  DeviceRequest request{Kind::ids, {}};
  for (std::size_t first = 5; first <= text.size();) {
    const std::size_t comma = std::min(text.find(',', first), text.size());
    const std::optional<double> id = parse_number(text.substr(first, comma - first));
    if (!id || *id < 0 || *id > 2147483647.0 || *id != static_cast<int>(*id)) refuse();
    if (std::find(request.ids.begin(), request.ids.end(), static_cast<int>(*id)) != request.ids.end()) {
      throw Failure(ExitCode::usage, "--device " + text + " names a device twice");
    }
    request.ids.push_back(static_cast<int>(*id));
    first = comma + 1;
  }
  return request;
}

DeviceChoice choose_devices(const DeviceRequest& request, const CudaProbe& probe) {
  using Kind = DeviceRequest::Kind;
  if (request.kind == Kind::cpu) return {};
  DeviceChoice choice;
  for (const CudaDevice& found : probe.devices) {
    if (found.unusable.empty()) choice.devices.push_back(found);
  }
  if (choice.devices.empty() && !probe.devices.empty() && request.kind != Kind::ids)
    choice.reason = "no CUDA device is usable: " + probe.devices.front().unusable;
  if (probe.devices.empty()) choice.reason = probe.reason;
  if (request.kind == Kind::automatic && choice.devices.size() > 1) choice.devices.resize(1);
  if (request.kind != Kind::ids || !choice.reason.empty()) return choice;

  DeviceChoice named;
  for (const int id : request.ids) {
    const auto found = std::find_if(choice.devices.begin(), choice.devices.end(),
                                    [id](const CudaDevice& device) { return device.id == id; });
    if (found == choice.devices.end()) return {{}, "there is no usable CUDA device " + std::to_string(id)};
    named.devices.push_back(*found);
  }
  return named;
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
