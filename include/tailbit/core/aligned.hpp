// Arrays that start on a cache line and are left uninitialised, so that the thread that first writes a page owns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>

namespace tailbit {

inline constexpr std::size_t kCacheLine = 64;

// Sizes that do not fit in memory's address range throw, instead of wrapping round to a small allocation.
inline std::size_t checked_product(std::size_t a, std::size_t b, std::size_t c = 1) {
  std::size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product) || __builtin_mul_overflow(product, c, &product))
    throw std::bad_array_new_length();
  return product;
}

// The line is found inside a plain allocation: what glibc before 2.38 aligns itself and gets back it does not use again
// once anything small lies there, so that a run of many parts would grow for ever.
template <class T>
class AlignedArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size)
      : memory_(static_cast<char*>(::operator new[](with_a_line(checked_product(size, sizeof(T)))))), size_(size) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.get());
    data_ = reinterpret_cast<T*>(memory_.get() + (kCacheLine - address % kCacheLine) % kCacheLine);
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }

 private:
  struct Free {
    void operator()(char* p) const { ::operator delete[](static_cast<void*>(p)); }
  };
  static std::size_t with_a_line(std::size_t bytes) {
    if (bytes > std::numeric_limits<std::size_t>::max() - kCacheLine) throw std::bad_array_new_length();
    return bytes + kCacheLine;
  }

  std::unique_ptr<char[], Free> memory_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tailbit
