// One contract's row as a run of its own, for looking at contracts one by one with the loops that price them all.
#pragma once

#include "tailbit/core/precision.hpp"
#include "tailbit/engine/families.hpp"
#include "tailbit/engine/plan.hpp"

namespace tailbit::cpu {

// Row `index` of the run, in a plan of that precision.
inline Run single_row(const Run& run, std::uint32_t index, Precision precision) {
  Run one = run;
  one.first_row += index;
  one.row_count = 1;
  for_each_type<Pricers>([&]<class P, std::size_t id>() {
    if (run.pricer != id) return;
    const auto skip = [&]<class Precise>(Precise) {
      one.constants_offset += index * sizeof(typename P::template Constants<Precise>);
    };
    precision == Precision::single ? skip(float{}) : skip(double{});
  });
  return one;
}

}  // namespace tailbit::cpu
