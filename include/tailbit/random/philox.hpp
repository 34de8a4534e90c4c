// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1,
// 2, 3" (SC11). Output = a bijection of the 128-bit counter, chosen by the 64-bit key: any draw can be made alone, in
// any order.
#pragma once

#include <cstdint>

#include "tailbit/core/platform.hpp"

namespace tailbit::random {

struct Words {
  std::uint32_t x0, x1, x2, x3;
};

struct Key {
  std::uint32_t k0, k1;
};

// Our own; the device uses cuRAND's same function through an adaptor of the same shape (kernels/curand_philox.cuh).
struct Philox4x32 {
  HD static Words generate(Words counter, Key key) {
    constexpr std::uint32_t kMultiplier0 = 0xD2511F53u, kMultiplier1 = 0xCD9E8D57u;
    constexpr std::uint32_t kWeyl0 = 0x9E3779B9u, kWeyl1 = 0xBB67AE85u;  // golden ratio, sqrt(3) - 1
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t product0 = std::uint64_t{kMultiplier0} * counter.x0;
      const std::uint64_t product1 = std::uint64_t{kMultiplier1} * counter.x2;
      counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter.x1 ^ key.k0, static_cast<std::uint32_t>(product1),
                 static_cast<std::uint32_t>(product0 >> 32) ^ counter.x3 ^ key.k1,
                 static_cast<std::uint32_t>(product0)};
      key.k0 += kWeyl0;
      key.k1 += kWeyl1;
    }
    return counter;
  }
};

}  // namespace tailbit::random
