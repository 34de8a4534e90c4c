// The host as the memory and the order of execution of a DeviceCollector, under Thrust's sequential CPP system.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <thrust/system/cpp/execution_policy.h>

namespace tailbit::test {

struct HostSystem {
  template <class T>
  using DeviceArray = std::vector<T>;
  template <class T>
  using HostArray = std::vector<T>;
  auto policy() const { return thrust::cpp::par; }
  template <class T>
  void copy(T* to, const T* from, std::size_t count) {
    std::copy_n(from, count, to);
  }
  void wait() {}
};

}  // namespace tailbit::test
