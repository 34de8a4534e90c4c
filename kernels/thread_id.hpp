// Which scenario a thread has, and what it may do beside the others: so that the bodies of kernels are functions that
// run on the host too.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/batch.hpp"

namespace tailbit::cuda {

inline constexpr std::uint32_t kThreads = 128;
struct ThreadId {
  std::uint32_t block;   // of scenarios
  std::uint32_t thread;  // 0 .. kThreads - 1
  HD std::uint32_t lane() const { return block * kThreads + thread; }
};

// Integer addition commutes, so atomics cost no determinism.
HD void atomic_add(std::uint64_t* target, std::uint64_t value) {
#if defined(__CUDA_ARCH__)
  atomicAdd(reinterpret_cast<unsigned long long*>(target), static_cast<unsigned long long>(value));
#else
  *target += value;
#endif
}
HD void atomic_min(unsigned long long* target, unsigned long long value) {
#if defined(__CUDA_ARCH__)
  atomicMin(target, value);
#else
  if (value < *target) *target = value;
#endif
}

// A thread's own numbers: of an array of the batch, or of the block's shared memory.
struct Column {
  double* first;
  std::size_t step;
  HD double& operator[](std::uint32_t i) const { return first[i * step]; }
};
HD Column of_batch(double* array, const Batch& batch, std::uint32_t lane) { return {array + lane, batch.stride}; }
HD Column of_block(double* shared, std::uint32_t first, ThreadId id) {
  return {shared + first * kThreads + id.thread, kThreads};
}

// Shared memory for a block's `columns`; 0 where it would be more than a kernel may take unasked, and the batch's
// arrays are to be used.
inline std::size_t shared_bytes(std::uint32_t columns) {
  const std::size_t bytes = std::size_t{columns} * kThreads * sizeof(double);
  return bytes <= (48u << 10) ? bytes : 0;
}

}  // namespace tailbit::cuda
