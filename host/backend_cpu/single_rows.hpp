// Stages that look at contracts one by one, priced by the loops that price them all; nothing is summed.
#pragma once

#include "host/backend_cpu/stages.hpp"

namespace tailbit::cpu {

class SingleRows : public TileStages {
 public:
  SingleRows(Tile& tile, const HotLoops& loops, Precision precision)
      : TileStages(tile, loops, precision, kNoTerms, nullptr, 0) {}

  // Calls with each row of a node, in the order of its runs, and its change in value in every lane.
  template <class Callable>
  void each_row(std::uint32_t node_index, Callable&& call) {
    const RevaluationNode& node = tile_.plan.nodes[node_index];
    observe_market(node);
    for (std::uint32_t r = node.first_run; r < node.first_run + node.run_count; ++r) {
      const Run& run = tile_.plan.runs[r];
      for (std::uint32_t i = 0; i < run.row_count; ++i) {
        price(run, i, 1);
        call(tile_.plan.rows[run.first_row + i], static_cast<const double*>(tile_.change.data()));
      }
    }
  }

 private:
  static inline const LeafTerms kNoTerms{};
};

}  // namespace tailbit::cpu
