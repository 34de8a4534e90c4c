#include <cuda_runtime.h>

#include "kernels/cuda_backend.hpp"

namespace tailbit::cuda {

Probe probe() {
  Probe result;
  cudaRuntimeGetVersion(&result.runtime_version);
  cudaDriverGetVersion(&result.driver_version);
  int count = -1;  // left untouched when the call fails
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess) {
    cudaGetLastError();
    result.reason = std::string("no GPU, because cudaGetDeviceCount says ") + cudaGetErrorName(status) + " (" +
                    cudaGetErrorString(status) + "; driver " + std::to_string(result.driver_version) + ", runtime " +
                    std::to_string(result.runtime_version) + ")";
    return result;
  }
  for (int id = 0; id < count; ++id) {
    cudaDeviceProp properties{};
    if (cudaGetDeviceProperties(&properties, id) != cudaSuccess) {
      cudaGetLastError();
      continue;
    }
    result.devices.push_back({id, properties.name, properties.major, properties.minor, properties.totalGlobalMem});
  }
  if (result.devices.empty()) result.reason = "no GPU, because the driver lists none that answers";
  return result;
}

}  // namespace tailbit::cuda
