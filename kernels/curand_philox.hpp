// The device's generator: cuRAND's Philox4x32-10 in the shape of random::Philox4x32. Bit for bit the same function
// (tested, with no device needed), so that a GPU's scenarios are the CPU's.
#pragma once

#if defined(__CUDACC__)
#define QUALIFIERS static __forceinline__ __host__ __device__
#else
#define QUALIFIERS static inline
#endif
#include <cuda_runtime.h>
#include <curand_philox4x32_x.h>

#include "tailbit/random/philox.hpp"

namespace tailbit::cuda {

struct CurandPhilox {
  HD static random::Words generate(random::Words counter, random::Key key) {
    const uint4 x = curand_Philox4x32_10(uint4{counter.x0, counter.x1, counter.x2, counter.x3}, uint2{key.k0, key.k1});
    return {x.x, x.y, x.z, x.w};
  }
};

}  // namespace tailbit::cuda
