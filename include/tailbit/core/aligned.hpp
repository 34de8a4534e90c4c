// Arrays that start on a cache line and are left uninitialised, so that the thread that first writes a page owns it.
#pragma once

#include <cstddef>
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

template <class T>
class AlignedArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size)
      : data_(static_cast<T*>(::operator new[](checked_product(size, sizeof(T)), std::align_val_t{kCacheLine}))),
        size_(size) {}

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_.get()[i]; }
  const T& operator[](std::size_t i) const { return data_.get()[i]; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }

 private:
  struct Free {
    void operator()(T* p) const { ::operator delete[](p, std::align_val_t{kCacheLine}); }
  };
  std::unique_ptr<T[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace tailbit
