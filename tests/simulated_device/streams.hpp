// Streams of simulated devices: what is started in one waits there, as on a device that is slow, until somebody waits
// for it; then it runs in order, on the thread that waits.
#pragma once

#include <cstddef>
#include <functional>

#include <cuda_runtime.h>

namespace tailbit::simulated {

struct Launch {
  const void* kernel;  // null: not one of ours, so without limits on shared memory
  dim3 grid;
  unsigned threads;
  std::size_t shared;                 // bytes, dynamic
  std::function<void()> each_thread;  // reads its place
};

// As a launch by nvcc's syntax: what goes wrong is found by cudaPeekAtLastError.
void start(Launch launch, cudaStream_t stream);

// All blocks of a grid, one thread after the other.
void run(const Launch& launch);

}  // namespace tailbit::simulated
