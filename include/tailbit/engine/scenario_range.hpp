// Scenarios in a row, by their ids.
#pragma once

#include <cstdint>

namespace tailbit {

struct ScenarioRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  std::uint64_t end() const { return first + count; }
  bool empty() const { return count == 0; }
  bool operator==(const ScenarioRange&) const = default;
};

}  // namespace tailbit
