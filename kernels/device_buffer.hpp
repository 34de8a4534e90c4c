// Device memory that frees itself. Uninitialised, movable, of trivially copyable values.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

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
