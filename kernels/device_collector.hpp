// Reduces a batch's profits where they lie, by Thrust, so that only what is asked for leaves the device: moments of
// blocks, extremes and candidates for the tails, and whole samples where they are wanted. Compiled by nvcc for the
// device, and by any compiler with Thrust's sequential CPP system for tests without one: the same code, the same bits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <thrust/copy.h>
#include <thrust/execution_policy.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>
#include <thrust/tabulate.h>

#include "tailbit/core/platform.hpp"
#include "tailbit/measure/collector.hpp"

namespace tailbit::cuda {

// A profit that may belong to a tail.
struct Candidate {
  std::int64_t profit;
  std::uint32_t row;
};

// Functions of an index into [rows][lanes], or [rows][blocks] for Summary: a group's profit from its leaves' sums, ...
struct GroupProfit {
  const measure::KeptRow* rows;
  const std::int64_t* sums;  // [nodes][leaves][stride]
  std::uint32_t leaves;
  std::size_t stride, lanes;
  HD std::int64_t operator()(std::size_t i) const {
    const measure::KeptRow& row = rows[i / lanes];
    const std::int64_t* of_lane = sums + std::size_t{row.node} * leaves * stride + i % lanes;
    std::int64_t sum = 0;
    for (std::uint32_t leaf = row.first_leaf; leaf < row.last_leaf; ++leaf) sum += of_lane[leaf * stride];
    return sum;
  }
};
// ... a block of them, in the order that the host's sums have, ...
struct Summary {
  const std::int64_t* profits;
  std::size_t lanes, blocks;
  HD measure::BlockSummary operator()(std::size_t i) const {
    const std::size_t first = i % blocks * measure::kBlock;
    const std::size_t count = lanes - first < measure::kBlock ? lanes - first : measure::kBlock;
    return measure::block_summary(profits + i / blocks * lanes + first, count);
  }
};
// ... and what may belong to a tail.
struct ToCandidate {
  const std::int64_t* profits;
  std::size_t lanes;
  HD Candidate operator()(std::size_t i) const { return {profits[i], static_cast<std::uint32_t>(i / lanes)}; }
};
struct IsBelow {
  const std::int64_t* thresholds;  // [rows]
  HD bool operator()(const Candidate& candidate) const { return candidate.profit < thresholds[candidate.row]; }
};

// A collector's rows in the order of the device: first those of which only the tail is kept.
struct DeviceRows {
  explicit DeviceRows(const measure::Collector& collector) {
    const std::vector<measure::KeptRow> all = collector.rows();
    for (const bool whole : {false, true}) {
      for (std::uint32_t i = 0; i < all.size(); ++i) {
        if (all[i].whole != whole) continue;
        rows.push_back(all[i]);
        index.push_back(i);
        tails += whole ? 0u : 1u;
      }
    }
  }
  // Device memory that reducing a scenario of a batch takes, Thrust's own left out.
  double bytes_per_lane() const {
    return static_cast<double>(rows.size()) * sizeof(std::int64_t) + static_cast<double>(tails) * sizeof(Candidate) +
           static_cast<double>(tails) * sizeof(measure::BlockSummary) / static_cast<double>(measure::kBlock);
  }

  std::vector<measure::KeptRow> rows;
  std::vector<std::uint32_t> index;  // of the row in the collector
  std::size_t tails = 0;             // how many come first
};

// One batch at a time. `System` is the memory and the order of execution:
//   DeviceArray<T>, HostArray<T>   of a size, with data(); the host's is one that copies are fast to
//   policy()                       for Thrust
//   copy(to, from, count)          either way, in order; wait() for what was started
template <class System>
class DeviceCollector {
  template <class T>
  using DeviceArray = typename System::template DeviceArray<T>;
  template <class T>
  using HostArray = typename System::template HostArray<T>;

 public:
  // For batches of up to `lanes` scenarios of `leaves` leaves. The arguments must outlive it.
  DeviceCollector(System& system, measure::Collector& collector, const DeviceRows& rows, std::uint32_t leaves,
                  std::size_t lanes)
      : system_(system),
        collector_(collector),
        table_(rows),
        leaves_(leaves),
        rows_(rows.rows.size()),
        profits_(rows.rows.size() * lanes),
        blocks_(rows.tails * measure::block_count(lanes)),
        candidates_(rows.tails * lanes),
        thresholds_(rows.tails),
        host_thresholds_(rows.tails),
        staging_(std::max(kStagingBytes, lanes * sizeof(std::int64_t))) {
    system_.copy(rows_.data(), rows.rows.data(), rows.rows.size());
    system_.wait();
  }

  // The profits `sums` [nodes][leaves][stride] in device memory of scenarios [first, first + lanes), to the collector.
  // Throws SumTooLarge. When anything else is thrown, the batch may be taken again: tails are handed over last.
  void take(const std::int64_t* sums, std::size_t stride, std::uint64_t first, std::size_t lanes) {
    thrust::tabulate(system_.policy(), profits_.data(), profits_.data() + table_.rows.size() * lanes,
                     GroupProfit{rows_.data(), sums, leaves_, stride, lanes});
    const std::size_t found = select_tails(lanes);
    take_whole_rows(first, lanes);
    if (table_.tails != 0) hand_over_tails(first, lanes, found);
  }

 private:
  static constexpr std::size_t kStagingBytes = std::size_t{8} << 20;

  // How many candidates there are. They stand by row.
  std::size_t select_tails(std::size_t lanes) {
    if (table_.tails == 0) return 0;
    const std::size_t blocks = measure::block_count(lanes);
    thrust::tabulate(system_.policy(), blocks_.data(), blocks_.data() + table_.tails * blocks,
                     Summary{profits_.data(), lanes, blocks});
    for (std::size_t r = 0; r < table_.tails; ++r) host_thresholds_.data()[r] = collector_.threshold(table_.index[r]);
    system_.copy(thresholds_.data(), host_thresholds_.data(), table_.tails);
    const auto all =
        thrust::make_transform_iterator(thrust::counting_iterator<std::size_t>(0), ToCandidate{profits_.data(), lanes});
    const auto end = thrust::copy_if(system_.policy(), all, all + static_cast<std::ptrdiff_t>(table_.tails * lanes),
                                     candidates_.data(), IsBelow{thresholds_.data()});
    return static_cast<std::size_t>(end - candidates_.data());
  }

  void take_whole_rows(std::uint64_t first, std::size_t lanes) {
    const std::size_t at_once = staging_.size() / (lanes * sizeof(std::int64_t));
    auto* staged = reinterpret_cast<std::int64_t*>(staging_.data());
    for (std::size_t row = table_.tails; row < table_.rows.size(); row += at_once) {
      const std::size_t count = std::min(at_once, table_.rows.size() - row);
      system_.copy(staged, profits_.data() + row * lanes, count * lanes);
      system_.wait();
      for (std::size_t r = 0; r < count; ++r)
        collector_.take_whole(table_.index[row + r], first, std::span(staged + r * lanes, lanes));
    }
  }

  void hand_over_tails(std::uint64_t first, std::size_t lanes, std::size_t found) {
    const std::size_t blocks = measure::block_count(lanes);
    on_host_.clear();
    candidates_on_host_.clear();
    append(on_host_, blocks_.data(), table_.tails * blocks);
    append(candidates_on_host_, candidates_.data(), found);
    auto next = candidates_on_host_.begin();
    std::vector<std::int64_t> below;
    for (std::size_t row = 0; row < table_.tails; ++row) {
      below.clear();
      for (; next != candidates_on_host_.end() && next->row == row; ++next) below.push_back(next->profit);
      collector_.take_tail(table_.index[row], first, std::span(on_host_).subspan(row * blocks, blocks), below);
    }
  }

  template <class T>
  void append(std::vector<T>& to, const T* from, std::size_t count) {
    const std::size_t at_once = staging_.size() / sizeof(T);
    const auto* staged = reinterpret_cast<const T*>(staging_.data());
    for (std::size_t done = 0; done < count; done += at_once) {
      const std::size_t piece = std::min(at_once, count - done);
      system_.copy(reinterpret_cast<T*>(staging_.data()), from + done, piece);
      system_.wait();
      to.insert(to.end(), staged, staged + piece);
    }
  }

  System& system_;
  measure::Collector& collector_;
  const DeviceRows& table_;
  std::uint32_t leaves_;
  DeviceArray<measure::KeptRow> rows_;
  DeviceArray<std::int64_t> profits_;           // [rows][lanes]
  DeviceArray<measure::BlockSummary> blocks_;   // [tails][blocks]
  DeviceArray<Candidate> candidates_;           // of all tails
  DeviceArray<std::int64_t> thresholds_;        // [tails]
  HostArray<std::int64_t> host_thresholds_;     // [tails]
  HostArray<std::byte> staging_;                // what comes back passes through it
  std::vector<measure::BlockSummary> on_host_;  // [tails][blocks]
  std::vector<Candidate> candidates_on_host_;
};

}  // namespace tailbit::cuda
