// The kernels: the bodies of bodies.hpp and revaluation.hpp, one thread each.
#pragma once

#include "kernels/bodies.hpp"
#include "kernels/curand_philox.hpp"
#include "kernels/revaluation.hpp"

namespace tailbit::cuda {

inline __device__ ThreadId this_thread() { return {blockIdx.x, threadIdx.x}; }

static __global__ void begin_kernel(Batch batch) { begin(batch, this_thread()); }
template <class P>
__global__ void begin_states_kernel(Batch batch, ObserverRun run) {
  begin_states<P>(batch, run, this_thread());
}
// Dynamic shared memory: shared_bytes(Factors::columns), and of factors + 1 columns for a fixing.
template <bool with_shared>
__global__ void advance_kernel(Batch batch, std::uint32_t first, std::uint32_t count) {
  extern __shared__ __align__(16) unsigned char shared[];
  advance<CurandPhilox, with_shared>(batch, first, count, this_thread(), reinterpret_cast<double*>(shared));
}
template <bool with_shared>
__global__ void fix_kernel(Batch batch, std::uint32_t fixing) {
  extern __shared__ __align__(16) unsigned char shared[];
  fix<CurandPhilox, with_shared>(batch, fixing, this_thread(), reinterpret_cast<double*>(shared));
}
static __global__ void end_period_kernel(Batch batch) { end_period(batch, this_thread()); }
static __global__ void spots_kernel(Batch batch) { spots(batch, this_thread()); }
template <class P>
__global__ void observe_kernel(Batch batch, ObserverRun run) {
  observe<P>(batch, run, this_thread());
}
static __global__ void begin_sums_kernel(Batch batch, std::uint32_t node) { begin_sums(batch, node, this_thread()); }

// Grid: scenarios x chunks of contracts from `first_chunk` on, so that few scenarios fill a device too. Dynamic shared
// memory: kColumnBytes, where a chunk has several leaves.
template <class Precise, class P>
__global__ void __launch_bounds__(kThreads, Revaluation<Precise, P>::kResidentBlocks)
    revalue_kernel(Batch batch, Run run, std::uint32_t node, std::uint32_t first_chunk) {
  using Body = Revaluation<Precise, P>;
  // Constants have no trivial constructor, so the shared memory is raw.
  __shared__ __align__(16) unsigned char memory[sizeof(typename Body::Shared)];
  extern __shared__ __align__(16) unsigned char shared[];
  auto& staged = *reinterpret_cast<typename Body::Shared*>(memory);
  const Body body(batch, run, node, blockIdx.x, first_chunk + blockIdx.y,
                  reinterpret_cast<typename Body::Pair*>(shared));
  body.load(threadIdx.x, staged);
  __syncthreads();
  body.price(threadIdx.x, staged);
}

}  // namespace tailbit::cuda
