// cuRAND's generator on simulated devices: the CPU's, which is the same function (tests/parity/curand_test.cpp).
#pragma once

#include <cuda_runtime.h>

#include "tailbit/random/philox.hpp"

QUALIFIERS uint4 curand_Philox4x32_10(uint4 counter, uint2 key) {
  const auto words =
      tailbit::random::Philox4x32::generate({counter.x, counter.y, counter.z, counter.w}, {key.x, key.y});
  return {words.x0, words.x1, words.x2, words.x3};
}
