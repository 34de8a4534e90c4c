// What a simulation yields before it is measured: profit and loss of every leaf group in every scenario at every
// revaluation date, cash received on the way included.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tailbit/core/aligned.hpp"
#include "tailbit/core/platform.hpp"

namespace tailbit {

// What happened on the way that a reader of the result should know.
struct Tally {
  std::uint64_t vols_at_floor = 0;  // reprices of options whose vol a scenario pushed below 0.1 point
  std::uint64_t moves_limited = 0;  // underlyings' log-returns over a period that max_move cut

  HD Tally& operator+=(const Tally& other) {
    vols_at_floor += other.vols_at_floor;
    moves_limited += other.moves_limited;
    return *this;
  }
};

// Who takes the profits of a simulation, some scenarios at a time.
class ProfitSink {
 public:
  // Scenarios come in aligned blocks of this many, the last one perhaps ragged.
  static constexpr std::size_t kBlock = 512;

  // [first, first + count): `profits` [nodes][leaves][stride], quanta. `first` is a multiple of kBlock. Called from
  // many threads, for each scenario once.
  virtual void take(std::uint64_t first, std::size_t count, const std::int64_t* profits, std::size_t stride) = 0;

 protected:
  ~ProfitSink() = default;
};

// Takes everything.
struct Pnl final : ProfitSink {
  std::uint32_t nodes = 0;
  std::uint32_t leaves = 0;
  std::uint64_t scenarios = 0;
  double unit = 1.0;  // USD per quantum
  Tally tally;
  AlignedArray<std::int64_t> quanta;  // [nodes][leaves][scenarios]

  Pnl() = default;
  Pnl(std::uint32_t node_count, std::uint32_t leaf_count, std::uint64_t scenario_count, double usd_per_quantum)
      : nodes(node_count),
        leaves(leaf_count),
        scenarios(scenario_count),
        unit(usd_per_quantum),
        quanta(checked_product(node_count, leaf_count, scenario_count)) {}

  void take(std::uint64_t first, std::size_t count, const std::int64_t* profits, std::size_t stride) override {
    for (std::uint32_t node = 0; node < nodes; ++node) {
      for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
        const std::int64_t* from = profits + (std::size_t{node} * leaves + leaf) * stride;
        std::copy(from, from + count, row(node, leaf) + first);
      }
    }
  }

  const std::int64_t* row(std::uint32_t node, std::uint32_t leaf) const {
    return quanta.data() + (std::size_t{node} * leaves + leaf) * scenarios;
  }
  std::int64_t* row(std::uint32_t node, std::uint32_t leaf) {
    return quanta.data() + (std::size_t{node} * leaves + leaf) * scenarios;
  }
};

}  // namespace tailbit
