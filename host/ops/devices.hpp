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

std::string cpu_name();

nlohmann::ordered_json devices_json();

}  // namespace tailbit
