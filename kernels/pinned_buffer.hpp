// Host memory that a device copies from and to while the host goes on. Uninitialised, of trivially copyable values.
#pragma once

#include <cstddef>
#include <type_traits>

#include "kernels/check.hpp"

namespace tailbit::cuda {

template <class T>
class PinnedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit PinnedBuffer(std::size_t size) : size_(size) {
    if (size != 0) TB_CUDA_SIZED(cudaMallocHost(reinterpret_cast<void**>(&data_), size * sizeof(T)), size * sizeof(T));
  }
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;
  ~PinnedBuffer() { cudaFreeHost(data_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tailbit::cuda
