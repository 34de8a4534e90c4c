// Why there is no GPU, and what to do about it, in words.
#pragma once

#include <string>

namespace tailbit::cuda {

struct NoGpu {
  int code;                               // of CUDA
  std::string name, text;                 // its name and meaning
  int driver_version = 0;                 // newest CUDA that the driver supports, 12020 for 12.2; 0: no driver
  int runtime_version = 0;                // of CUDA that this program was built with
  std::string library;                    // path of the driver's library, if it was loaded
  std::string library_error;              // why it was not
  const char* visible_devices = nullptr;  // CUDA_VISIBLE_DEVICES, if it is set
};

std::string reason_of(const NoGpu& found);

// Whether the same may work in a while, with nobody doing anything.
bool passes(int code);

}  // namespace tailbit::cuda
