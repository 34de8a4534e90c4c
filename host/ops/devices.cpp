#include "host/ops/devices.hpp"

#include <algorithm>

#include "host/io/problems.hpp"
#include "host/io/text.hpp"
#include "host/ops/hardware.hpp"
#if TAILBIT_HAS_CUDA
#include "kernels/cuda_backend.hpp"
#endif

namespace tailbit {

CudaProbe probe_cuda() {
#if TAILBIT_HAS_CUDA
  CudaProbe result;
  const cuda::Probe probe = cuda::probe();
  const ProgramFacts program = program_facts();
  result.reason = probe.reason;
  result.passes = probe.passes;
  result.driver_version = probe.driver_version;
  result.runtime_version = probe.runtime_version;
  for (const cuda::Device& device : probe.devices) {
    const std::string capability = std::to_string(device.major) + "." + std::to_string(device.minor);
    const std::string unusable = !device.failure.empty()              ? "it does not answer, " + device.failure
                                 : device.major < 8                   ? "it needs compute capability 8.0 or newer"
                                 : !has_code_for(program, capability) ? no_code_text(program, capability)
                                                                      : "";
    result.devices.push_back(
        {device.id, device.name, capability, device.memory_bytes, unusable, device.uuid, device.pci, device.ecc});
  }
  return result;
#else
  CudaProbe result;
  result.reason = "this program was built without CUDA (no nvcc was found); build with the preset cuda-release";
  return result;
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
  if (probe.devices.empty()) {
    choice.reason = probe.reason;
    choice.passes = probe.passes;
  }
  if (request.kind == Kind::automatic && choice.devices.size() > 1) choice.devices.resize(1);
  if (request.kind != Kind::ids || !choice.reason.empty()) return choice;

  DeviceChoice named;
  for (const int id : request.ids) {
    const auto found = std::find_if(probe.devices.begin(), probe.devices.end(),
                                    [id](const CudaDevice& device) { return device.id == id; });
    if (found == probe.devices.end()) return {{}, "there is no CUDA device " + std::to_string(id), false};
    if (!found->unusable.empty())
      return {{}, "CUDA device " + std::to_string(id) + " is not usable: " + found->unusable, false};
    named.devices.push_back(*found);
  }
  return named;
}

std::vector<CudaDevice> share_out(const std::vector<CudaDevice>& devices, DeviceShare share) {
  const auto rank = static_cast<std::size_t>(share.rank), count = static_cast<std::size_t>(share.count);
  std::vector<CudaDevice> own;
  for (std::size_t i = rank; i < devices.size(); i += count) own.push_back(devices[i]);
  if (own.empty() && !devices.empty()) own.push_back(devices[rank % devices.size()]);
  return own;
}

std::string cpu_name() {
  const std::string name = cpu_facts().name;
  return name.empty() ? "x86-64 CPU" : name;
}

nlohmann::ordered_json device_json(const CudaDevice& d) {
  nlohmann::ordered_json json{
      {"id", d.id}, {"name", d.name}, {"compute_capability", d.compute_capability}, {"memory_bytes", d.memory_bytes}};
  if (!d.uuid.empty()) json.update({{"uuid", d.uuid}, {"pci", d.pci}, {"ecc", d.ecc}});
  return json;
}

nlohmann::ordered_json devices_json() {
  using Json = nlohmann::ordered_json;
  const CudaProbe probe = probe_cuda();
  Json cuda = Json::array();
  for (const CudaDevice& d : probe.devices) {
    Json device = device_json(d);
    device["usable"] = d.unusable.empty();
    if (!d.unusable.empty()) device["reason"] = d.unusable;
    cuda.push_back(device);
  }
  const Json hardware = hardware_json(hardware_facts(probe));
  Json json{{"schema", "tailbit.devices/1"}, {"cpu", hardware["cpu"]}, {"cuda", cuda}};
  if (cuda.empty()) json["cuda_reason"] = probe.reason;
  json.update(hardware);
  return json;
}

}  // namespace tailbit
