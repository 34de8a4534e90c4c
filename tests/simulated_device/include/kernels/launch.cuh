// Starts a kernel on a simulated device: stands in for kernels/launch.cuh.
#pragma once

#include <type_traits>

#include "kernels/bodies.hpp"
#include "kernels/check.hpp"
#include "tests/simulated_device/streams.hpp"

namespace tailbit::cuda {

template <class... Parameters>
void start_kernel(void (*kernel)(Parameters...), dim3 grid, std::size_t shared, cudaStream_t stream,
                  const std::type_identity_t<Parameters>&... of) {
  simulated::start(
      {reinterpret_cast<const void*>(kernel), grid, kThreads, shared, [kernel, ... of = of] { kernel(of...); }},
      stream);
}

}  // namespace tailbit::cuda
