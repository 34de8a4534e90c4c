// A queue of work on the current device, and what Thrust and copies need to stand in it.
#pragma once

#include <cstddef>

#include <thrust/system/cuda/execution_policy.h>

#include "kernels/buffer.hpp"
#include "kernels/check.hpp"

namespace tailbit::cuda {

class Stream {
 public:
  // Does not wait for the default stream, nor that for it.
  Stream() { TB_CUDA(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { forgive(cudaStreamDestroy(stream_)); }

  cudaStream_t get() const { return stream_; }
  // Errors of anything that was started in it surface here.
  void wait() const { TB_CUDA(cudaStreamSynchronize(stream_)); }

 private:
  cudaStream_t stream_ = nullptr;
};

// Memory for Thrust's intermediate results, taken and given back in the stream's order: cudaMalloc and cudaFree would
// make all streams wait.
class StreamAllocator {
 public:
  using value_type = char;

  explicit StreamAllocator(cudaStream_t stream) : stream_(stream) {}
  char* allocate(std::ptrdiff_t bytes) {
    void* memory = nullptr;
    TB_CUDA_SIZED(cudaMallocAsync(&memory, static_cast<std::size_t>(bytes), stream_), static_cast<std::size_t>(bytes));
    return static_cast<char*>(memory);
  }
  void deallocate(char* memory, std::size_t) { forgive(cudaFreeAsync(memory, stream_)); }

 private:
  cudaStream_t stream_;
};

// Lets a device keep what StreamAllocators gave back, instead of returning it to the driver at every wait.
inline void keep_pool_memory(int device) {
  cudaMemPool_t pool = nullptr;
  TB_CUDA(cudaDeviceGetDefaultMemPool(&pool, device));
  std::uint64_t threshold = ~std::uint64_t{0};
  TB_CUDA(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
}

// What a DeviceCollector needs of a stream.
class StreamSystem {
 public:
  template <class T>
  using DeviceArray = DeviceBuffer<T>;
  template <class T>
  using HostArray = PinnedBuffer<T>;

  explicit StreamSystem(const Stream& stream) : stream_(stream), allocator_(stream.get()) {}
  auto policy() { return thrust::cuda::par_nosync(allocator_).on(stream_.get()); }
  template <class T>
  void copy(T* to, const T* from, std::size_t count) {
    if (count == 0) return;
    TB_CUDA_SIZED(cudaMemcpyAsync(to, from, count * sizeof(T), cudaMemcpyDefault, stream_.get()), count * sizeof(T));
  }
  void wait() { stream_.wait(); }

 private:
  const Stream& stream_;
  StreamAllocator allocator_;
};

}  // namespace tailbit::cuda
