// Takes a simulation's profits as they come, block by block from any thread, and keeps what the measures of each group
// need: all profits where they are asked for, else the tail, the greatest and the moments. A device whose profits stay
// where they are hands over what they reduce to instead; both ways, and several devices at once, give the same bits.
//
// What was taken since the last part can be looked at as a part of its own, to be given to another collector: in
// another process, on another machine, or after a restart.
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
#include "tailbit/engine/scenario_range.hpp"
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

// Bytes of the tails of those groups at dates of which only the tail is kept.
inline double tail_bytes(const Request& request, std::uint64_t scenarios) {
  const std::uint64_t needed = tail_needed(scenarios, request);
  double tails = 0.0;
  for (std::uint32_t node = 0; node < request.node_seconds.size(); ++node) {
    for (std::uint32_t group = 0; group < request.groups.size(); ++group) {
      const Wanted want = wanted(request, node, group);
      tails += want.any() && !keeps_whole(want, scenarios, needed) ? 1.0 : 0.0;
    }
  }
  return tails * 2.0 * static_cast<double>(needed * sizeof(std::int64_t));
}

// Bytes that a Collector grows to.
inline double collector_bytes(const Request& request, std::uint64_t scenarios) {
  const std::uint64_t needed = tail_needed(scenarios, request);
  double bytes = tail_bytes(request, scenarios);
  // One group's losses, and sums of their clusters.
  if (request.clusters.any()) bytes += 2.0 * static_cast<double>(scenarios * sizeof(double));
  for (std::uint32_t node = 0; node < request.node_seconds.size(); ++node) {
    for (std::uint32_t group = 0; group < request.groups.size(); ++group) {
      const Wanted want = wanted(request, node, group);
      if (!want.any()) continue;
      bytes += keeps_whole(want, scenarios, needed)
                   ? static_cast<double>(scenarios * sizeof(std::int64_t))
                   : static_cast<double>(block_count(scenarios) * sizeof(BlockMoments));
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
      : Collector(request, leaves, scenarios, scenarios) {}
  // With room for `room` scenarios at a time, a multiple of kBlock, of a run of so many: a part is taken, handed on and
  // ended, and then move_to() says where the next one begins. Only the tails' thresholds go on from part to part.
  Collector(const Request& request, std::uint32_t leaves, std::uint64_t scenarios, std::uint64_t room)
      : request_(request), leaves_(leaves), scenarios_(scenarios), needed_(measure::tail_needed(scenarios, request)) {
    for (std::uint32_t node = 0; node < request.node_seconds.size(); ++node) {
      for (std::uint32_t group = 0; group < request.groups.size(); ++group) {
        const Wanted want = wanted(request, node, group);
        place_.push_back(kept_.size());
        if (want.any()) kept_.emplace_back(node, group, room, keeps_whole(want, scenarios, needed_), needed_);
      }
    }
  }

  std::uint64_t scenarios() const { return scenarios_; }
  // How many of the least profits make a tail.
  std::uint64_t tail_needed() const { return needed_; }
  const std::vector<Level>& levels() const { return request_.levels; }
  const Clusters& clusters() const { return request_.clusters; }
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
    std::vector<std::int64_t> below;
    std::vector<BlockSummary> blocks;
    below.reserve(count);
    each_row(count, profits, stride, [&](std::size_t index, std::span<const std::int64_t> profit) {
      if (kept_[index].whole) return take_whole(index, first, profit);
      summarise(profit, blocks);
      take_tail(index, first, blocks, profits_below(profit, blocks, threshold(index), below));
    });
  }

  // Of a row of which only the tail is kept: profits that are not below it need not be taken. It falls as they come.
  std::int64_t threshold(std::size_t row) const { return std::min(kept_[row].tail.threshold(), part_threshold(row)); }
  // The same as far as parts before this one say so: it stays as it is until the part ends.
  std::int64_t part_threshold(std::size_t row) const { return kept_[row].earlier.threshold(); }
  // By any thread, a row's scenarios once each; `first` is a multiple of kBlock. Throw SumTooLarge. All profits of a
  // row that is kept whole, where taking them again changes nothing;
  void take_whole(std::size_t row, std::uint64_t first, std::span<const std::int64_t> profits) {
    require_exact({first, profits.size()}, extremes(profits.data(), profits.size()));
    std::copy(profits.begin(), profits.end(), kept_[row].all.begin() + (first - origin_));
  }
  // and of another what they reduce to: blocks of kBlock scenarios, and every profit below a threshold() of any
  // moment, in any order.
  void take_tail(std::size_t row, std::uint64_t first, std::span<const BlockSummary> blocks,
                 std::span<const std::int64_t> below) {
    Kept& kept = kept_[row];
    std::int64_t greatest = blocks[0].extremes.greatest;
    for (const BlockSummary& block : blocks) {
      require_exact({first, blocks.size() * kBlock}, block.extremes);
      greatest = std::max(greatest, block.extremes.greatest);
    }
    for (std::size_t b = 0; b < blocks.size(); ++b) kept.blocks[(first - origin_) / kBlock + b] = blocks[b].moments;
    raise(kept.greatest, greatest);
    kept.tail.add(below);
  }

  // Calls with the index and the profits of every row, summed over its leaves, as they are given to take().
  template <class Callable>
  void each_row(std::size_t count, const std::int64_t* profits, std::size_t stride, Callable&& call) const {
    std::vector<std::int64_t> sum(count);
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
      call(index, std::span(row, count));
    }
  }

  // As take(), but looks only whether the sums are exact. Throws SumTooLarge.
  void require_exact(std::uint64_t first, std::size_t count, const std::int64_t* profits, std::size_t stride) const {
    each_row(count, profits, stride, [&](std::size_t, std::span<const std::int64_t> profit) {
      require_exact({first, count}, extremes(profit.data(), profit.size()));
    });
  }

  // What a row keeps of some scenarios.
  struct PartRow {
    std::span<const std::int64_t> profits;  // of a row that is kept whole, all of them; of another the least, ascending
    std::int64_t greatest = 0;              // of another: at least that of the part, at most that of all
    std::span<const BlockMoments> blocks;   // and these
  };
  // The row of the part that was taken since the last end_part(): all of `range` and nothing else. No thread takes
  // meanwhile.
  PartRow part_row(std::size_t row, ScenarioRange range) {
    Kept& kept = kept_[row];
    const std::uint64_t from = range.empty() ? 0 : range.first - origin_;
    if (kept.whole) return {std::span<const std::int64_t>(kept.all.data() + from, range.count), 0, {}};
    return {kept.tail.sorted(), kept.greatest, std::span(kept.blocks).subspan(from / kBlock, block_count(range.count))};
  }
  void end_part() {
    for (Kept& kept : kept_) {
      if (!kept.whole) kept.earlier.add(kept.tail.take());
    }
  }
  // After end_part(): the next part begins here, with a block.
  void move_to(std::uint64_t first) { origin_ = first; }
  // A row of which only the tail is kept, of another collector's part. One that `joins` becomes some of the part that
  // is being taken, and is handed on with it; another is a part that stands by itself.
  void take_part_tail(std::size_t row, std::uint64_t first, const PartRow& part, bool joins = false) {
    Kept& kept = kept_[row];
    (joins ? kept.tail : kept.earlier).add(part.profits);
    raise(kept.greatest, part.greatest);
    std::copy(part.blocks.begin(), part.blocks.end(), kept.blocks.begin() + (first - origin_) / kBlock);
  }

  // Of a row that is kept whole, the first `count` profits, which have all been taken.
  HostSample first_of_whole(std::uint32_t node, std::uint32_t group, std::uint64_t count) const {
    return HostSample(std::span(kept_[place(node, group)].all.data(), count));
  }

  // Only the first `scenarios` have been taken, and no more will come: the samples are of these.
  void end_at(std::uint64_t scenarios) { scenarios_ = scenarios; }

  // Everything taken. What was kept for a sample is given up after the call.
  template <class Callable>
  void with_sample(std::uint32_t node, std::uint32_t group, Callable&& call) {
    Kept& kept = kept_[place(node, group)];
    if (kept.whole) {
      const AlignedArray<std::int64_t> all = std::move(kept.all);
      call(HostSample(std::span(all.data(), scenarios_)));
    } else {
      kept.earlier.add(kept.tail.take());
      kept.blocks.resize(block_count(scenarios_));
      call(TailSample(scenarios_, kept.earlier.take(), kept.greatest, std::move(kept.blocks)));
    }
  }

 private:
  struct Kept {
    Kept(std::uint32_t of_node, std::uint32_t of_group, std::uint64_t room, bool keep_whole, std::uint64_t needed)
        : node(of_node),
          group(of_group),
          whole(keep_whole),
          all(keep_whole ? room : 0),
          tail(needed),
          earlier(needed),
          blocks(keep_whole ? 0 : block_count(room)) {}
    std::uint32_t node, group;
    bool whole;
    AlignedArray<std::int64_t> all;  // [room]
    TailKeeper tail, earlier;        // since the last end_part(), and before
    std::vector<BlockMoments> blocks;
    std::atomic<std::int64_t> greatest{std::numeric_limits<std::int64_t>::min()};
  };

  static void summarise(std::span<const std::int64_t> profit, std::vector<BlockSummary>& blocks) {
    blocks.clear();
    for (std::size_t i = 0; i < profit.size(); i += kBlock)
      blocks.push_back(block_summary(profit.data() + i, std::min(kBlock, profit.size() - i)));
  }
  static void require_exact(ScenarioRange range, const Extremes& extremes) {
    if (extremes.too_large()) throw SumTooLarge(range);
  }
  static void raise(std::atomic<std::int64_t>& greatest, std::int64_t to) {
    std::int64_t seen = greatest.load(std::memory_order_relaxed);
    while (seen < to && !greatest.compare_exchange_weak(seen, to)) {
    }
  }
  std::size_t place(std::uint32_t node, std::uint32_t group) const {
    return place_[std::size_t{node} * request_.groups.size() + group];
  }

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
  std::uint64_t scenarios_, needed_;
  std::uint64_t origin_ = 0;        // the scenario that what is kept begins with
  std::deque<Kept> kept_;           // by node, group; mutexes do not move
  std::vector<std::size_t> place_;  // [nodes][groups] into kept_, of those that are wanted
};

}  // namespace tailbit::measure
