// The least values of a stream that is too long to be kept, exactly, whatever the order in which they come.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace tailbit::measure {

class TailKeeper {
 public:
  // Keeps the `count` > 0 least.
  explicit TailKeeper(std::size_t count) : count_(count) {}

  // Values that are not below it need not be added. It falls as values come.
  std::int64_t threshold() const { return threshold_.load(std::memory_order_relaxed); }

  // By any thread.
  void add(std::span<const std::int64_t> values) {
    if (values.empty()) return;
    const std::lock_guard lock(mutex_);
    values_.insert(values_.end(), values.begin(), values.end());
    if (values_.size() >= 2 * count_) cut();
  }

  // What is kept, ascending; all threads done. It may go on afterwards.
  std::span<const std::int64_t> sorted() {
    if (values_.size() > count_) cut();
    std::sort(values_.begin(), values_.end());
    return values_;
  }
  // The same, handed over.
  std::vector<std::int64_t> take() {
    sorted();
    threshold_.store(std::numeric_limits<std::int64_t>::max(), std::memory_order_relaxed);
    return std::exchange(values_, {});
  }

 private:
  void cut() {
    const auto last = values_.begin() + static_cast<std::ptrdiff_t>(count_) - 1;
    std::nth_element(values_.begin(), last, values_.end());
    values_.resize(count_);
    threshold_.store(values_.back(), std::memory_order_relaxed);
  }

  std::size_t count_;
  std::atomic<std::int64_t> threshold_{std::numeric_limits<std::int64_t>::max()};
  std::mutex mutex_;
  std::vector<std::int64_t> values_;
};

}  // namespace tailbit::measure
