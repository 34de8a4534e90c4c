// Starts a kernel: the one expression of the backend that only nvcc reads. Builds on simulated devices have a header of
// the same name (tests/simulated_device).
#pragma once

#include <cstddef>
#include <type_traits>

#include "kernels/bodies.hpp"
#include "kernels/check.hpp"

namespace tailbit::cuda {

// kThreads threads a block; `shared`: bytes of dynamic shared memory. Errors are left to cudaPeekAtLastError.
template <class... Parameters>
void start_kernel(void (*kernel)(Parameters...), dim3 grid, std::size_t shared, cudaStream_t stream,
                  const std::type_identity_t<Parameters>&... of) {
  kernel<<<grid, kThreads, shared, stream>>>(of...);
}

}  // namespace tailbit::cuda
