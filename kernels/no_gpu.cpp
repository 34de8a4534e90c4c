#include "kernels/no_gpu.hpp"

namespace tailbit::cuda {
namespace {

// CUDA's codes.
constexpr int kNotInitialized = 3, kStub = 34, kOldDriver = 35, kNeedsNewerDriver = 36, kUnavailable = 46,
              kNoDevice = 100, kNotReady = 802, kMismatch = 803, kNoCompatibility = 804;

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string of_library(const NoGpu& found) { return found.library.empty() ? "" : " (" + found.library + ")"; }

std::string of_version(const NoGpu& found) {
  if (found.library.empty())
    return "there is no NVIDIA driver (" + found.library_error + "); install one, or run with --device cpu";
  if (found.driver_version == 0)
    return "the driver's library" + of_library(found) + " is not NVIDIA's, or not whole; install the driver again";
  if (found.driver_version < found.runtime_version) {
    return "the NVIDIA driver" + of_library(found) + " supports CUDA up to " + version_text(found.driver_version) +
           " and this program needs " + version_text(found.runtime_version) + "; install a newer driver";
  }
  return "the NVIDIA driver" + of_library(found) + " lacks what this program needs; install a newer driver";
}

// What is wrong, and what to do.
std::string explanation(const NoGpu& found) {
  switch (found.code) {
    case kStub:
      return "the driver's library" + of_library(found) +
             " is the stub that the CUDA toolkit brings to link against; take its folder off LD_LIBRARY_PATH";
    case kOldDriver:
    case kNeedsNewerDriver: return of_version(found);
    case kNoDevice:
      if (found.visible_devices == nullptr) return "the driver sees no GPU; nvidia-smi should list it";
      return std::string("the driver sees no GPU; CUDA_VISIBLE_DEVICES=\"") + found.visible_devices +
             "\" may hide those that there are";
    case kNotInitialized: return "the driver could not start; nvidia-smi and the kernel's log (dmesg) may say why";
    case kUnavailable: return "all GPUs are busy or reserved by other processes; run again when one is free";
    case kNotReady: return "the system is not ready yet, as while nvidia-fabricmanager starts; run again in a minute";
    case kMismatch:
      return "the driver's library" + of_library(found) +
             " does not match the kernel's module, as after an upgrade; reload the module or start the machine anew";
    case kNoCompatibility:
      return "a package for forward compatibility" + of_library(found) +
             " does not support this GPU; take its folder off LD_LIBRARY_PATH";
    default: return "nvidia-smi and the kernel's log (dmesg) may say why";
  }
}

}  // namespace

std::string reason_of(const NoGpu& found) {
  return "no GPU: " + explanation(found) + " [" + found.name + ", " + std::to_string(found.code) + ": " + found.text +
         "; driver " + std::to_string(found.driver_version) + ", runtime " + std::to_string(found.runtime_version) +
         "]";
}

bool passes(int code) { return code == kUnavailable || code == kNotReady; }

}  // namespace tailbit::cuda
