// Device memory that frees itself. Uninitialised, movable, of trivially copyable values.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/check.hpp"

namespace tailbit::cuda {

template <class T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::size_t size) : size_(size) {
    if (size != 0) TB_CUDA_SIZED(cudaMalloc(reinterpret_cast<void**>(&data_), size * sizeof(T)), size * sizeof(T));
  }
  // Filled when it returns, for any stream: cudaMemcpy alone may return before what it staged has arrived.
  explicit DeviceBuffer(const std::vector<T>& values) : DeviceBuffer(values.size()) {
    if (size_ == 0) return;
    TB_CUDA_SIZED(cudaMemcpy(data_, values.data(), size_ * sizeof(T), cudaMemcpyHostToDevice), size_ * sizeof(T));
    TB_CUDA(cudaStreamSynchronize(cudaStreamLegacy));
  }
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~DeviceBuffer() { cudaFree(data_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tailbit::cuda
