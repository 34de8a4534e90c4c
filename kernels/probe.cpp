#include <cstdlib>
#include <utility>

#include <cuda_runtime.h>
#include <dlfcn.h>
#include <link.h>

#include "kernels/check.hpp"
#include "kernels/cuda_backend.hpp"
#include "kernels/no_gpu.hpp"

namespace tailbit::cuda {
namespace {

// Where the loader found the driver's library, or why it did not load it.
void find_library(NoGpu& found) {
  void* library = ::dlopen("libcuda.so.1", RTLD_LAZY);
  if (library == nullptr) {
    const char* error = ::dlerror();
    found.library_error = error != nullptr ? error : "libcuda.so.1 was not loaded";
    return;
  }
  const link_map* map = nullptr;
  if (::dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 && map != nullptr) found.library = map->l_name;
  ::dlclose(library);
}

std::string text_of(cudaError_t status) {
  return std::string(cudaGetErrorName(status)) + " (" + cudaGetErrorString(status) + ")";
}

// As nvidia-smi writes it.
std::string uuid_text(const cudaUUID_t& uuid) {
  constexpr const char* kHex = "0123456789abcdef";
  std::string text = "GPU-";
  for (int byte = 0; byte < 16; ++byte) {
    if (byte == 4 || byte == 6 || byte == 8 || byte == 10) text += '-';
    const auto value = static_cast<unsigned char>(uuid.bytes[byte]);
    text += {kHex[value / 16], kHex[value % 16]};
  }
  return text;
}

std::string pci_text(int id) {
  char text[32] = "";
  forgive(cudaDeviceGetPCIBusId(text, sizeof text, id));
  return text;
}

}  // namespace

Probe probe() {
  Probe result;
  forgive(cudaRuntimeGetVersion(&result.runtime_version));
  forgive(cudaDriverGetVersion(&result.driver_version));
  int count = -1;  // left untouched when the call fails
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess) {
    forgive(status);
    NoGpu found{status,
                cudaGetErrorName(status),
                cudaGetErrorString(status),
                result.driver_version,
                result.runtime_version,
                "",
                "",
                std::getenv("CUDA_VISIBLE_DEVICES")};
    find_library(found);
    result.reason = reason_of(found);
    result.passes = passes(status);
    return result;
  }
  for (int id = 0; id < count; ++id) {
    cudaDeviceProp properties{};
    const cudaError_t answer = cudaGetDeviceProperties(&properties, id);
    if (answer == cudaSuccess) {
      result.devices.push_back({id, properties.name, properties.major, properties.minor, properties.totalGlobalMem,
                                uuid_text(properties.uuid), pci_text(id), properties.ECCEnabled != 0});
    } else {
      forgive(answer);
      Device silent{id, "unknown", 0, 0, 0, "", ""};
      silent.failure = "cudaGetDeviceProperties: " + text_of(answer);
      result.devices.push_back(std::move(silent));
    }
  }
  if (result.devices.empty()) result.reason = "no GPU: the driver lists none";
  return result;
}

}  // namespace tailbit::cuda
