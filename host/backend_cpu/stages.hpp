// The time loop's stages over one tile.
#pragma once

#include "host/backend_cpu/hot_loops.hpp"
#include "tailbit/engine/pnl.hpp"

namespace tailbit::cpu {

class TileStages {
 public:
  // Sums by `leaves`, whose chunks the tile has room for, to `sums` [nodes][leaves] rows, `sums_stride` apart, at the
  // tile's first scenario.
  TileStages(Tile& tile, const HotLoops& loops, Precision precision, const LeafTerms& leaves, std::uint64_t* sums,
             std::size_t sums_stride)
      : tile_(tile), loops_(loops), precision_(precision), leaves_(leaves), sums_(sums), sums_stride_(sums_stride) {}

  // Node at which a term was out of range, if any was.
  static constexpr std::uint32_t kNone = ~0u;
  std::uint32_t bad_node() const { return bad_node_; }

  void begin() {}

  void advance(std::uint32_t step) {
    if (tile_.plan.step[step].new_shares) begin_period(tile_.plan.step[step]);
    draw(step, nullptr);
    loops_.advance(tile_, step);
    if (tile_.plan.jump_count != 0) loops_.jump(tile_, step, nullptr);
    spots_current_ = false;
  }

  void fix(std::uint32_t index) {
    const Fixing& fixing = tile_.plan.fixings[index];
    if (!fixing.at_step_end) draw(fixing.step, &fixing);
    loops_.bridge(tile_, index);
    if (tile_.plan.jump_count != 0) loops_.jump(tile_, fixing.step, &fixing);
    if (fixing.looked_at) loops_.spots(tile_, fixing.date);
  }

  void observe(std::uint32_t) {
    compute_spots();
    for (std::uint32_t o = 0; o < tile_.plan.observer_count; ++o) {
      const ObserverRun& run = tile_.plan.observers[o];
      loops_.observe[run.pricer](tile_, run);
    }
  }

  void revalue(std::uint32_t node_index) {
    const RevaluationNode& node = tile_.plan.nodes[node_index];
    observe_market(node);
    std::uint64_t* sums = sums_ + std::size_t{node_index} * tile_.plan.leaves * sums_stride_;
    for (std::uint32_t leaf = 0; leaf < tile_.plan.leaves; ++leaf) {
      const std::uint64_t start = tile_.plan.initial_sums[node_index * tile_.plan.leaves + leaf];
      for (std::size_t lane = 0; lane < tile_.lanes; ++lane) sums[leaf * sums_stride_ + lane] = start;
    }
    for (std::uint32_t r = node.first_run; r < node.first_run + node.run_count; ++r) {
      for (std::uint32_t i = leaves_.first_chunk[r]; i < leaves_.first_chunk[r + 1]; ++i) {
        const Chunk& chunk = leaves_.chunks[i];
        price(tile_.plan.runs[r], chunk.first_row, chunk.row_count);
        if (loops_.accumulate(tile_, leaves_, chunk, sums, sums_stride_) != 0 && bad_node_ == kNone)
          bad_node_ = node_index;
      }
    }
  }

  // Accounts will act here; a book without them has nothing to do.
  void act(std::uint32_t) {}

  void end_step(std::uint32_t step) {
    if (ends_with_work(tile_.plan, step)) loops_.end_period(tile_);
  }

 private:
  // What is drawn for a whole period.
  void begin_period(const Step& step) {
    if (tile_.plan.mixing != nullptr) loops_.mix(tile_, step);
    if (tile_.plan.regime_count != 0) loops_.begin_regime(tile_, step);
    if (tile_.plan.period_moves != PeriodMoves::none) loops_.begin_period_moves(tile_, step);
  }

  void draw(std::uint32_t step, const Fixing* fixing) {
    loops_.draw(tile_, step, fixing);
    if (tile_.plan.mixing != nullptr) loops_.scale_normals(tile_);
    if (tile_.plan.period_moves != PeriodMoves::none && fixing == nullptr)
      loops_.bridge_normals(tile_, tile_.plan.step[step]);
  }

  // Spots of the present moment, computed only where somebody looks at them.
  void compute_spots() {
    if (spots_current_) return;
    loops_.spots(tile_, 0);
    spots_current_ = true;
  }

 protected:
  // What contracts look at, at a revaluation.
  void observe_market(const RevaluationNode& node) {
    if (!node.inside_step) compute_spots();
    if (node.tenor_count != 0) loops_.forwards(tile_, node);
  }
  void price(const Run& run, std::uint32_t first, std::uint32_t count) {
    loops_.price[static_cast<int>(precision_)][run.pricer](tile_, run, first, count);
  }

  Tile& tile_;
  const HotLoops& loops_;
  Precision precision_;

 private:
  const LeafTerms& leaves_;
  std::uint64_t* sums_;
  std::size_t sums_stride_;
  bool spots_current_ = false;
  std::uint32_t bad_node_ = kNone;
};

}  // namespace tailbit::cpu
