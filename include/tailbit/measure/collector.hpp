// Takes a simulation's profits as they come, block by block from any thread, and keeps what the measures of each group
// need: all profits where they are asked for, else the tail, the greatest and the moments. A device whose profits stay
// where they are hands over what they reduce to instead; both ways, and several devices at once, give the same bits.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <limits>
#include <span>
#include <vector>

#include "tailbit/core/aligned.hpp"
#include "tailbit/engine/pnl.hpp"
#include "tailbit/measure/block_summary.hpp"
#include "tailbit/measure/host_sample.hpp"
#include "tailbit/measure/results.hpp"
#include "tailbit/measure/tail_keeper.hpp"
#include "tailbit/measure/tail_sample.hpp"

namespace tailbit::measure {

// How many of a group's least profits its tail at the request's levels needs.
inline std::uint64_t tail_needed(std::uint64_t scenarios, const Request& request) {
  std::uint64_t needed = 1;
  for (const Level& level : request.levels)
    needed = std::max(needed, worst_needed(scenarios, level_ranks(scenarios, level)));
  return std::min(needed, scenarios);
}
// Where the tail is most of a sample, the sample is kept.
inline bool keeps_whole(const Wanted& want, std::uint64_t scenarios, std::uint64_t tail) {
  return want.exposure || want.losses || 2 * tail >= scenarios;
}

// Bytes that a Collector grows to.
inline double collector_bytes(const Request& request, std::uint64_t scenarios) {
  const std::uint64_t needed = tail_needed(scenarios, request);
  double bytes = 0.0;
  for (std::uint32_t node = 0; node < request.node_seconds.size(); ++node) {
    for (std::uint32_t group = 0; group < request.groups.size(); ++group) {
      const Wanted want = wanted(request, node, group);
      if (!want.any()) continue;
      const bool whole = keeps_whole(want, scenarios, needed);
      bytes += static_cast<double>(whole ? scenarios : 2 * needed) * sizeof(std::int64_t);
      if (!whole) bytes += static_cast<double>(block_count(scenarios)) * sizeof(BlockMoments);
    }
  }
  return bytes;
}

// A group at a date of which something is kept; its profit is the sum of its leaves'.
struct KeptRow {
  std::uint32_t node, first_leaf, last_leaf;  // [first, last)
  bool whole;                                 // all profits, else the tail
};

class Collector final : public ProfitSink {
 public:
  // `request` must outlive the collector.
  Collector(const Request& request, std::uint32_t leaves, std::uint64_t scenarios)
      : request_(request), leaves_(leaves), scenarios_(scenarios) {
    const std::uint64_t needed = tail_needed(scenarios, request);
    for (std::uint32_t node = 0; node < request.node_seconds.size(); ++node) {
      for (std::uint32_t group = 0; group < request.groups.size(); ++group) {
        const Wanted want = wanted(request, node, group);
        place_.push_back(kept_.size());
        if (want.any()) kept_.emplace_back(node, group, scenarios, keeps_whole(want, scenarios, needed), needed);
      }
    }
  }

  // What is kept, by node and group.
  std::vector<KeptRow> rows() const {
    std::vector<KeptRow> rows;
    for (const Kept& kept : kept_) {
      const GroupRange& group = request_.groups[kept.group];
      rows.push_back({kept.node, group.first_leaf, group.last_leaf, kept.whole});
    }
    return rows;
  }

  // Throws SumTooLarge.
  void take(std::uint64_t first, std::size_t count, const std::int64_t* profits, std::size_t stride) override {
    std::vector<std::int64_t> sum(count), below;
    std::vector<BlockSummary> blocks;
    below.reserve(count);
    blocks.reserve(block_count(count));
    for (std::size_t index = 0; index < kept_.size(); ++index) {
      const Kept& kept = kept_[index];
      const GroupRange& group = request_.groups[kept.group];
      const std::int64_t* row = profits + (std::size_t{kept.node} * leaves_ + group.first_leaf) * stride;
      if (group.last_leaf - group.first_leaf > 1) {
        std::copy(row, row + count, sum.begin());
        for (std::uint32_t leaf = group.first_leaf + 1; leaf < group.last_leaf; ++leaf) {
          const std::int64_t* other = row + (leaf - group.first_leaf) * stride;
          for (std::size_t i = 0; i < count; ++i) sum[i] += other[i];
        }
        row = sum.data();
      }
      const std::span profit(row, count);
      if (kept.whole) {
        take_whole(index, first, profit);
        continue;
      }
      blocks.clear();
      for (std::size_t i = 0; i < count; i += kBlock)
        blocks.push_back(block_summary(row + i, std::min(kBlock, count - i)));
      take_tail(index, first, blocks, profits_below(profit, blocks, threshold(index), below));
    }
  }

  // Of a row of which only the tail is kept: profits that are not below it need not be taken. It falls as they come.
  std::int64_t threshold(std::size_t row) const { return kept_[row].tail.threshold(); }
  // By any thread, a row's scenarios once each; `first` is a multiple of kBlock. Throw SumTooLarge. All profits of a
  // row that is kept whole, where taking them again changes nothing;
  void take_whole(std::size_t row, std::uint64_t first, std::span<const std::int64_t> profits) {
    if (extremes(profits.data(), profits.size()).too_large()) throw SumTooLarge();
    std::copy(profits.begin(), profits.end(), kept_[row].all.begin() + first);
  }
  // and of another what they reduce to: blocks of kBlock scenarios, and every profit below a threshold() of any
  // moment, in any order.
  void take_tail(std::size_t row, std::uint64_t first, std::span<const BlockSummary> blocks,
                 std::span<const std::int64_t> below) {
    Kept& kept = kept_[row];
    std::int64_t greatest = blocks[0].extremes.greatest;
    for (const BlockSummary& block : blocks) {
      if (block.extremes.too_large()) throw SumTooLarge();
      greatest = std::max(greatest, block.extremes.greatest);
    }
    for (std::size_t b = 0; b < blocks.size(); ++b) kept.blocks[first / kBlock + b] = blocks[b].moments;
    std::int64_t seen = kept.greatest.load(std::memory_order_relaxed);
    while (seen < greatest && !kept.greatest.compare_exchange_weak(seen, greatest)) {
    }
    kept.tail.add(below);
  }

  // Everything taken. What was kept for a sample is given up after the call.
  template <class Callable>
  void with_sample(std::uint32_t node, std::uint32_t group, Callable&& call) {
    Kept& kept = kept_[place_[std::size_t{node} * request_.groups.size() + group]];
    if (kept.whole) {
      const AlignedArray<std::int64_t> all = std::move(kept.all);
      call(HostSample(std::span(all.data(), scenarios_)));
    } else {
      call(TailSample(scenarios_, kept.tail.take(), kept.greatest, std::move(kept.blocks)));
    }
  }

 private:
  struct Kept {
    Kept(std::uint32_t of_node, std::uint32_t of_group, std::uint64_t scenarios, bool keep_whole, std::uint64_t needed)
        : node(of_node),
          group(of_group),
          whole(keep_whole),
          all(keep_whole ? scenarios : 0),
          tail(needed),
          blocks(keep_whole ? 0 : block_count(scenarios)) {}
    std::uint32_t node, group;
    bool whole;
    AlignedArray<std::int64_t> all;  // [scenarios]
    TailKeeper tail;
    std::vector<BlockMoments> blocks;
    std::atomic<std::int64_t> greatest{std::numeric_limits<std::int64_t>::min()};
  };

  // Blocks none of whose profits is below the threshold are passed over.
  static std::span<const std::int64_t> profits_below(std::span<const std::int64_t> profits,
                                                     std::span<const BlockSummary> blocks, std::int64_t threshold,
                                                     std::vector<std::int64_t>& below) {
    below.clear();
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      if (blocks[b].extremes.least >= threshold) continue;
      for (const std::int64_t q : profits.subspan(b * kBlock, std::min(kBlock, profits.size() - b * kBlock))) {
        if (q < threshold) below.push_back(q);
      }
    }
    return below;
  }

  const Request& request_;
  std::uint32_t leaves_;
  std::uint64_t scenarios_;
  std::deque<Kept> kept_;           // by node, group; mutexes do not move
  std::vector<std::size_t> place_;  // [nodes][groups] into kept_, of those that are wanted
};

}  // namespace tailbit::measure
