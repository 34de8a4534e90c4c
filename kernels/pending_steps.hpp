// Steps of the time loop that nothing happens between are taken by one launch.
#pragma once

#include <cstdint>

namespace tailbit::cuda {

class PendingSteps {
 public:
  // The step after those that are pending, if any are.
  void add(std::uint32_t step) {
    if (count_++ == 0) first_ = step;
  }
  // Calls with the first pending step and their number. Before every stage that looks at the factors.
  template <class Callable>
  void take(Callable&& callable) {
    if (count_ != 0) callable(first_, count_);
    count_ = 0;
  }

 private:
  std::uint32_t first_ = 0, count_ = 0;
};

}  // namespace tailbit::cuda
