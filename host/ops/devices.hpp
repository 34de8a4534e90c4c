// What this machine can compute on, and why not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tailbit {

struct CudaDevice {
  int id;
  std::string name;
  std::string compute_capability;
  std::size_t memory_bytes;
  std::string unusable;  // empty: usable; else why not
};

struct CudaProbe {
  std::vector<CudaDevice> devices;
  std::string reason;  // why there are none; empty when there are
};
CudaProbe probe_cuda();

// What `--device` asks for.
struct DeviceRequest {
  enum class Kind { automatic, cpu, ids, all };
  Kind kind = Kind::automatic;
  std::vector<int> ids;  // of CUDA devices
};
// auto | cpu | cuda | cuda:all | cuda:ID[,ID...]; `cuda` is cuda:0. Throws Failure (usage).
DeviceRequest parse_device(const std::string& text);

// The CUDA devices to run on, or none and why not: `auto` takes the first usable one, the others all they name.
struct DeviceChoice {
  std::vector<CudaDevice> devices;
  std::string reason;
};
DeviceChoice choose_devices(const DeviceRequest& request, const CudaProbe& probe);

std::string cpu_name();

nlohmann::ordered_json devices_json();

}  // namespace tailbit
