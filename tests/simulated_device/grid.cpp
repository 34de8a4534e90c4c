// Runs a grid on one thread of the host.
#include <algorithm>

#include "tests/simulated_device/limits.hpp"
#include "tests/simulated_device/streams.hpp"

// The kernels' dynamic shared memory: `extern __shared__ unsigned char shared[]`.
namespace tailbit::cuda {

alignas(16) thread_local unsigned char shared[simulated::kMostShared];

}  // namespace tailbit::cuda

namespace tailbit::simulated {
namespace {

thread_local bool first_pass = false, met_barrier = false;

void each_thread(const Launch& launch) {
  for (unsigned thread = 0; thread < launch.threads; ++thread) {
    place.thread.x = thread;
    launch.each_thread();
  }
}

}  // namespace

thread_local constinit Place place{};

bool stops_at_barrier() {
  met_barrier = true;
  return first_pass;
}

void run(const Launch& launch) {
  for (unsigned y = 0; y < launch.grid.y; ++y) {
    for (unsigned x = 0; x < launch.grid.x; ++x) {
      place.block = {x, y, 0};
      // Not a number, whatever it is read as.
      std::fill_n(cuda::shared, launch.shared, static_cast<unsigned char>(0xff));
      first_pass = true;
      met_barrier = false;
      each_thread(launch);
      first_pass = false;
      if (met_barrier) each_thread(launch);
    }
  }
}

}  // namespace tailbit::simulated
