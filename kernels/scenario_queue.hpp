// Hands the scenarios of a run out to devices, batch by batch, to whoever is free.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "tailbit/engine/scenario_range.hpp"

namespace tailbit::cuda {

// By any thread.
class ScenarioQueue {
 public:
  explicit ScenarioQueue(ScenarioRange range) : next_(range.first), end_(range.end()), limit_(range.end()) {}

  // The next up to `most` scenarios, or nothing when there are none left.
  std::optional<ScenarioRange> claim(std::size_t most) {
    const std::lock_guard lock(mutex_);
    if (!returned_.empty()) {
      ScenarioRange& back = returned_.back();
      const ScenarioRange range{back.first, std::min<std::uint64_t>(most, back.count)};
      back.first += range.count;
      back.count -= range.count;
      if (back.count == 0) returned_.pop_back();
      return range;
    }
    if (next_ >= std::min(end_, limit_)) return std::nullopt;
    const ScenarioRange range{next_, std::min<std::uint64_t>(most, end_ - next_)};
    next_ += range.count;
    return range;
  }
  // Claimed, but not done.
  void give_back(ScenarioRange range) {
    const std::lock_guard lock(mutex_);
    if (range.first < limit_) returned_.push_back(range);
  }
  // No more are handed out than have been, and those that were given back: what is done then ends at end().
  void close() {
    const std::lock_guard lock(mutex_);
    end_ = next_;
  }
  std::uint64_t end() const {
    const std::lock_guard lock(mutex_);
    return end_;
  }
  // Scenarios from `first` on are not wanted any more; those before still are.
  void stop_at(std::uint64_t first) {
    const std::lock_guard lock(mutex_);
    limit_ = std::min(limit_, first);
    std::erase_if(returned_, [&](const ScenarioRange& range) { return range.first >= limit_; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<ScenarioRange> returned_;
  std::uint64_t next_, end_, limit_;
};

}  // namespace tailbit::cuda
