// Memory by the CUDA runtime that frees itself: on the device, or on the host where a device copies from and to it
// while the host goes on. Uninitialised, movable, of trivially copyable values.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "kernels/check.hpp"

namespace tailbit::cuda {

struct DeviceMemory {
  static void allocate(void** place, std::size_t bytes) { TB_CUDA_SIZED(cudaMalloc(place, bytes), bytes); }
  static void release(void* place) { forgive(cudaFree(place)); }
};
struct PinnedMemory {
  static void allocate(void** place, std::size_t bytes) { TB_CUDA_SIZED(cudaMallocHost(place, bytes), bytes); }
  static void release(void* place) { forgive(cudaFreeHost(place)); }
};

template <class T, class Memory>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() = default;
  explicit Buffer(std::size_t size) : size_(size) {
    if (size != 0) Memory::allocate(reinterpret_cast<void**>(&data_), size * sizeof(T));
  }
  Buffer(Buffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() { Memory::release(data_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

template <class T>
using DeviceBuffer = Buffer<T, DeviceMemory>;
template <class T>
using PinnedBuffer = Buffer<T, PinnedMemory>;

}  // namespace tailbit::cuda
