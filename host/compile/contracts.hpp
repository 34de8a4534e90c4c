// Netting: positions become unique contracts with a quantity per leaf group.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/compile/groups.hpp"
#include "tailbit/engine/plan.hpp"
#include "tailbit/market/underlying.hpp"

namespace tailbit {

struct Contract {
  const Instrument* instrument;
  std::uint32_t underlying;    // index
  std::uint32_t first_weight;  // into the weights
  std::uint32_t weight_count;
};

struct NettedBook {
  std::vector<Contract> contracts;  // sorted by family, underlying, name; those with no quantity left are gone
  std::vector<Weight> weights;
  double gross_notional = 0.0;  // sum of |quantity| times notional per unit, USD
  double gross_scale = 0.0;     // sum of |quantity| times the greater of notional and scale per unit, USD
};

// Profit to date of positions that are settled to mark and say what they were entered at, USD: q (M_0 - entry), or
// Q (1/entry - 1/M_0) coins at today's spot.
double unrealised_profit(const Inputs& inputs, const std::vector<market::UnderlyingToday>& underlyings);

NettedBook net(const Inputs& inputs, const Groups& groups, const std::vector<market::UnderlyingToday>& underlyings);

// The contracts of both, each once, held by the leaves of `a` and, their numbers raised by `leaves`, by those of `b`.
NettedBook join(const NettedBook& a, const NettedBook& b, std::uint32_t leaves);

}  // namespace tailbit
