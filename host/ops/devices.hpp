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
  std::string uuid{};    // "GPU-...", as nvidia-smi has it; empty: not known
  std::string pci{};     // "0000:01:00.0"
  bool ecc = false;      // whether its memory corrects errors
};

struct CudaProbe {
  std::vector<CudaDevice> devices;
  std::string reason;  // why there are none; empty when there are
  // 1000 major + 10 minor of CUDA; 0 without a driver, or where the program was built without CUDA.
  int driver_version = 0, runtime_version = 0;
  bool passes = false;  // there may be some in a while
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
  bool passes = false;  // the reason may be gone in a while
};
DeviceChoice choose_devices(const DeviceRequest& request, const CudaProbe& probe);

// Those for one of several ranks on a machine: each its own, or one of several ranks' where there are fewer than ranks.
struct DeviceShare {
  int rank = 0, count = 1;
};
std::vector<CudaDevice> share_out(const std::vector<CudaDevice>& devices, DeviceShare share);

std::string cpu_name();

// By which a device is found again, whatever number it had.
nlohmann::ordered_json device_json(const CudaDevice& device);

nlohmann::ordered_json devices_json();

}  // namespace tailbit
