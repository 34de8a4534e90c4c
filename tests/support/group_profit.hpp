// A group's profit in every scenario, from a simulation that was kept whole.
#pragma once

#include <cstdint>
#include <vector>

#include "host/compile/groups.hpp"
#include "tailbit/engine/pnl.hpp"

namespace tailbit::test {

// Quanta.
inline std::vector<std::int64_t> group_profit(const Pnl& pnl, std::uint32_t node, const Group& group) {
  std::vector<std::int64_t> profit(pnl.scenarios, 0);
  for (std::uint32_t leaf = group.first_leaf; leaf < group.last_leaf; ++leaf) {
    for (std::uint64_t s = 0; s < pnl.scenarios; ++s) profit[s] += pnl.row(node, leaf)[s];
  }
  return profit;
}

}  // namespace tailbit::test
