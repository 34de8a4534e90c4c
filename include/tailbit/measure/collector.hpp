// Takes a simulation's profits as they come, block by block from any thread, and keeps what the measures of each group
// need: all profits where they are asked for, else the tail, the greatest and the moments.
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
#include "tailbit/engine/quantum.hpp"
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

class Collector final : public ProfitSink {
 public:
  // `request` must outlive the collector.
  Collector(const Request& request, std::uint32_t leaves, std::uint64_t scenarios)
      : request_(request), leaves_(leaves), scenarios_(scenarios) {
    const std::uint64_t needed = tail_needed(scenarios, request);
    for (std::uint32_t node = 0; node < request.node_seconds.size(); ++node) {
      for (std::uint32_t group = 0; group < request.groups.size(); ++group) {
        const Wanted want = wanted(request, node, group);
        if (want.any()) kept_.emplace_back(node, group, scenarios, keeps_whole(want, scenarios, needed), needed);
      }
    }
  }

  // Throws SumTooLarge.
  void take(std::uint64_t first, std::size_t count, const std::int64_t* profits, std::size_t stride) override {
    std::vector<std::int64_t> sum(count), below;
    below.reserve(count);
    for (Kept& kept : kept_) {
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
      keep(kept, first, std::span(row, count), below);
    }
  }

  // Everything taken. What was kept for a sample is given up after the call.
  template <class Callable>
  void with_sample(std::uint32_t node, std::uint32_t group, Callable&& call) {
    const auto found = std::find_if(kept_.begin(), kept_.end(),
                                    [&](const Kept& kept) { return kept.node == node && kept.group == group; });
    if (found->whole) {
      const AlignedArray<std::int64_t> all = std::move(found->all);
      call(HostSample(std::span(all.data(), scenarios_)));
    } else {
      call(TailSample(scenarios_, found->tail.take(), found->greatest, std::move(found->blocks)));
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

  static void keep(Kept& kept, std::uint64_t first, std::span<const std::int64_t> profits,
                   std::vector<std::int64_t>& below) {
    std::int64_t least = profits[0], greatest = profits[0];
    for (const std::int64_t q : profits) {
      least = q < least ? q : least;
      greatest = q > greatest ? q : greatest;
    }
    if (least <= -kMostQuanta || greatest >= kMostQuanta) throw SumTooLarge();
    if (kept.whole) {
      std::copy(profits.begin(), profits.end(), kept.all.begin() + first);
      return;
    }
    for (std::size_t i = 0; i < profits.size(); i += kBlock) {
      kept.blocks[(first + i) / kBlock] =
          block_moments(profits.data() + i, std::min(kBlock, profits.size() - i), 0, Part::whole);
    }
    std::int64_t seen = kept.greatest.load(std::memory_order_relaxed);
    while (seen < greatest && !kept.greatest.compare_exchange_weak(seen, greatest)) {
    }
    const std::int64_t threshold = kept.tail.threshold();
    if (least >= threshold) return;
    below.clear();
    for (const std::int64_t q : profits) {
      if (q < threshold) below.push_back(q);
    }
    kept.tail.add(below);
  }

  const Request& request_;
  std::uint32_t leaves_;
  std::uint64_t scenarios_;
  std::deque<Kept> kept_;  // by node, group; mutexes do not move
};

}  // namespace tailbit::measure
