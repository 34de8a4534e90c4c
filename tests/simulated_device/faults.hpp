// What the simulated devices are, and what goes wrong with them: the environment variable TAILBIT_SIMULATED_CUDA, items
// separated by semicolons, e.g. "devices=2;memory=64M;fail=cudaMalloc@3:2;flip=5".
//
//   devices=N           how many there are (1)
//   memory=SIZE         of each, with K, M or G (4G); what it says is free, too
//   available=SIZE      what allocations really get of it
//   capability=M.N      compute capability (9.0)
//   driver=N            version of the driver (13000)
//   order=lazy|eager    work runs when somebody waits for it (the default), or as soon as it is started
//   fail=API@N:CODE[:once|always|sticky][:device=D]
//                       the N-th call of API (or of `any`; with device=D, on that device) returns CODE: that one
//                       (default), that and all later ones of its kind, or that and everything on the device
//                       afterwards. CODE may be `hang`: never returns; or `crash`: a segmentation fault.
//                       `launch` is the start of a kernel or of an algorithm of Thrust's, `kernel` its execution:
//                       what fails there is sticky and is seen by who waits.
//   flip=N[:BIT]        one bit of what the N-th copy from a device to the host brings is wrong (the middle one)
//   strikes=K;state=F   faults strike in K processes at most, counted in the file F
//   log=F               a line "PROCESS API DEVICE" of each call is added to the file F, and "PROCESS copy_to_host -1"
//   of
//                       each copy that `flip` counts
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <cuda_runtime.h>

namespace tailbit::simulated {

struct Settings {
  int devices = 1;
  std::size_t memory = std::size_t{4} << 30, available = ~std::size_t{0};
  int major = 9, minor = 0, driver = 13000;
  bool eager = false;
};
// Ends the process when the variable makes no sense.
const Settings& settings();

struct Fault {
  cudaError_t error;
  bool sticky;
};
// Counts a call of `api` on a device (-1: of none) and says whether it is to fail. May not return.
std::optional<Fault> strike(const char* api, int device);

// Spoils what the copy brought if it is its turn.
void flip(void* data, std::size_t bytes);

}  // namespace tailbit::simulated
