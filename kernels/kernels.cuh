// The kernels: the bodies of bodies.hpp, one thread each.
#pragma once

#include "kernels/bodies.hpp"
#include "kernels/curand_philox.hpp"

namespace tailbit::cuda {

inline __device__ ThreadId this_thread() { return {blockIdx.x, threadIdx.x}; }

static __global__ void begin_kernel(Batch batch) { begin(batch, this_thread()); }
template <class P>
__global__ void begin_states_kernel(Batch batch, ObserverRun run) {
  begin_states<P>(batch, run, this_thread());
}
static __global__ void advance_kernel(Batch batch, std::uint32_t step) {
  advance<CurandPhilox>(batch, step, this_thread());
}
static __global__ void fix_kernel(Batch batch, std::uint32_t fixing) {
  fix<CurandPhilox>(batch, fixing, this_thread());
}
static __global__ void end_period_kernel(Batch batch) { end_period(batch, this_thread()); }
static __global__ void spots_kernel(Batch batch) { spots(batch, this_thread()); }
template <class P>
__global__ void observe_kernel(Batch batch, ObserverRun run) {
  observe<P>(batch, run, this_thread());
}
static __global__ void begin_sums_kernel(Batch batch, std::uint32_t node) { begin_sums(batch, node, this_thread()); }

// Grid: scenarios x chunks of contracts, so that few scenarios fill a device too.
template <class Precise, class P>
__global__ void __launch_bounds__(kThreads) revalue_kernel(Batch batch, Run run, std::uint32_t node) {
  using Body = Revaluation<Precise, P>;
  // Constants have no trivial constructor, so the shared memory is raw.
  __shared__ alignas(16) unsigned char memory[sizeof(typename Body::Shared)];
  auto& shared = *reinterpret_cast<typename Body::Shared*>(memory);
  const Body body(batch, run, node, blockIdx.x, blockIdx.y);
  body.load(threadIdx.x, shared);
  __syncthreads();
  body.price(threadIdx.x, shared);
}

}  // namespace tailbit::cuda
