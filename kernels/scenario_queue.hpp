// Hands the scenarios of a run out to devices, batch by batch, to whoever is free.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace tailbit::cuda {

struct ScenarioRange {
  std::uint64_t first;
  std::size_t count;
  bool operator==(const ScenarioRange&) const = default;
};

// By any thread.
class ScenarioQueue {
 public:
  explicit ScenarioQueue(std::uint64_t scenarios) : end_(scenarios), limit_(scenarios) {}

  // The next up to `most` scenarios, or nothing when there are none left.
  std::optional<ScenarioRange> claim(std::size_t most) {
    const std::lock_guard lock(mutex_);
    if (!returned_.empty()) {
      ScenarioRange& back = returned_.back();
      const ScenarioRange range{back.first, std::min(most, back.count)};
      back.first += range.count;
      back.count -= range.count;
      if (back.count == 0) returned_.pop_back();
      return range;
    }
    if (next_ >= std::min(end_, limit_)) return std::nullopt;
    const ScenarioRange range{next_, static_cast<std::size_t>(std::min<std::uint64_t>(most, end_ - next_))};
    next_ += range.count;
    return range;
  }
  // Claimed, but not done.
  void give_back(ScenarioRange range) {
    const std::lock_guard lock(mutex_);
    if (range.first < limit_) returned_.push_back(range);
  }
  // Scenarios from `first` on are not wanted any more; those before still are.
  void stop_at(std::uint64_t first) {
    const std::lock_guard lock(mutex_);
    limit_ = std::min(limit_, first);
    std::erase_if(returned_, [&](const ScenarioRange& range) { return range.first >= limit_; });
  }

 private:
  std::mutex mutex_;
  std::vector<ScenarioRange> returned_;
  std::uint64_t next_ = 0, end_, limit_;
};

}  // namespace tailbit::cuda
