// What the revaluation kernel does: a block prices a chunk of a run's contracts in its scenarios, and adds to the sums
// of the leaves that hold them.
//
// How it is cut: a thread has kPerThread scenarios, so that what is the same for all of them (a contract's constants in
// shared memory, a polynomial's in constant memory) is read once for several. All that comes before a division is done
// for all of them first: a division branches around its slow path, and instructions do not move across branches.
//
// Accumulation by leaf (engine/leaf_terms.hpp): where one leaf holds the whole chunk, the commonest case, a term is
// added to the thread's sum in registers as soon as the contract is priced. Else changes in value are kept in the
// thread's own columns of shared memory, and every leaf's terms are summed up from there. Either way one atomic per
// leaf, chunk and scenario, and no barrier after the first: no thread reads what another priced.
//
// The columns take kColumnBytes, 64 KB: with the staged constants three blocks share the 227 KB of an H200's
// multiprocessor, 12 warps, each with 2 scenarios (4 in single precision) and three chains of arithmetic in each, where
// some 5 independent operations per scheduler keep the double pipe busy. Without columns registers are the limit. 5,000
// contracts in 10,000 scenarios are 157 x 40 blocks, 16 times what 132 multiprocessors hold at once, so that the last
// ones do not matter. A longer chunk would take fewer atomics, and fewer blocks.
#pragma once

#include <algorithm>
#include <vector>

#include "kernels/bodies.hpp"

namespace tailbit::cuda {

// Contracts of a chunk.
inline constexpr std::uint32_t kChunkRows = 32;
inline constexpr std::size_t kColumnBytes = 64 << 10;

// Scenarios of a thread, in arithmetic of `bytes`.
constexpr std::uint32_t scenarios_per_thread(std::size_t bytes) { return bytes == 8 ? 2 : 4; }
// Contracts whose changes, in double whatever they are priced in, fit the columns of a block.
constexpr std::uint32_t rows_in_columns(std::size_t bytes) {
  return static_cast<std::uint32_t>(kColumnBytes / (kThreads * scenarios_per_thread(bytes) * sizeof(double)));
}
// How a plan's leaf terms are to be cut.
inline std::uint32_t chunk_rows(const Plan& plan) {
  if (plan.leaves == 1) return kChunkRows;
  return std::min(kChunkRows, rows_in_columns(plan.precision == Precision::double_ ? sizeof(double) : sizeof(float)));
}
// One leaf holds every row of the chunk: its terms are the rows in order.
HD bool held_by_one(const Chunk& chunk, const Holding* holdings) {
  return chunk.holding_count == 1 && holdings[chunk.first_holding].term_count == chunk.row_count;
}

// What a launch needs to know of a run's chunks, by the run's index in the plan.
class RunLaunches {
 public:
  explicit RunLaunches(const LeafTerms& leaves) : first_chunk_(leaves.first_chunk) {
    for (std::size_t run = 0; run + 1 < first_chunk_.size(); ++run) {
      const auto begin = leaves.chunks.begin();
      needs_columns_.push_back(
          !std::all_of(begin + first_chunk_[run], begin + first_chunk_[run + 1],
                       [&](const Chunk& chunk) { return held_by_one(chunk, leaves.holdings.data()); }));
    }
  }

  // Among the plan's chunks.
  std::uint32_t first_chunk(std::uint32_t run) const { return first_chunk_[run]; }
  std::uint32_t chunk_count(std::uint32_t run) const { return first_chunk_[run + 1] - first_chunk_[run]; }
  // Dynamic shared memory of a block.
  std::size_t column_bytes(std::uint32_t run) const { return needs_columns_[run] ? kColumnBytes : 0; }

 private:
  std::vector<std::uint32_t> first_chunk_;
  std::vector<bool> needs_columns_;
};

// One block of the revaluation grid: kThreads threads, a chunk of a run's contracts.
template <class Precise, class P>
class Revaluation {
 public:
  using R = typename P::template Real<Precise>;
  using Constants = typename P::template Constants<Precise>;
  using At = typename P::template At<R>;
  static constexpr std::uint32_t kPerThread = scenarios_per_thread(sizeof(R));
  static constexpr std::uint32_t kPairs = kPerThread / 2;
  // Blocks that a multiprocessor is to hold at least. Making forward points takes many registers at a time, and so does
  // finding what coins held are worth: up to 128, where the compiler left to itself spills; else its own choice, which
  // is fewer.
  static constexpr std::uint32_t kResidentBlocks = P::on_forward || P::holds_coins ? 4 : 0;

  // Two scenarios' changes in value: what one access to shared memory moves.
  struct alignas(16) Pair {
    double change[2];
  };
  static constexpr std::size_t column_pairs(std::uint32_t rows) { return std::size_t{rows} * kPairs * kThreads; }

  // A contract as the threads read it.
  struct alignas(16) Staged {
    Constants constants;
    double counted_from;
    double quantity;       // of the leaf that holds the chunk, if one does
    std::uint32_t at;      // Row::at
    std::uint32_t memory;  // Row::state or Row::point_now, whichever the pricer reads
  };
  struct Shared {
    Staged rows[kChunkRows];
  };

  static HD std::uint32_t scenario_blocks(std::uint32_t lanes) {
    return (lanes + kThreads * kPerThread - 1) / (kThreads * kPerThread);
  }

  // `chunk` among the plan's; `columns` of column_pairs(rows of the chunk), if not one leaf holds it.
  HD Revaluation(const Batch& batch, const Run& run, std::uint32_t node, std::uint32_t block, std::uint32_t chunk,
                 Pair* columns)
      : batch_(batch),
        run_(run),
        node_(node),
        block_(block),
        chunk_(batch.leaves.chunks[chunk]),
        direct_(held_by_one(chunk_, batch.leaves.holdings)),
        columns_(columns) {}

  // Before the barrier: the block's threads copy the chunk.
  HD void load(std::uint32_t thread, Shared& shared) const {
    static_assert(kChunkRows <= kThreads);
    if (thread >= chunk_.row_count) return;
    const std::uint32_t i = chunk_.first_row + thread;
    const Row& row = batch_.plan.rows[run_.first_row + i];
    Staged& staged = shared.rows[thread];
    staged.constants = reinterpret_cast<const Constants*>(batch_.plan.constants + run_.constants_offset)[i];
    staged.counted_from = row.counted_from;
    staged.at = row.at;
    staged.memory = P::has_state ? row.state : row.point_now;
    if (direct_)
      staged.quantity = batch_.leaves.terms[batch_.leaves.holdings[chunk_.first_holding].first_term + thread].quantity;
  }

  // After it.
  HD void price(std::uint32_t thread, const Shared& shared) const {
    if (lane(thread, 0) >= batch_.lanes) return;
    Sums sums;
    sums.shifter = batch_.plan.quantum.shifter();
    At points[kPerThread] = {};
    std::uint32_t current = ~0u;
    std::uint32_t floors[kPerThread] = {};
    TB_UNROLL_BY(1)
    for (std::uint32_t i = 0; i < chunk_.row_count; ++i) {
      const Staged& row = shared.rows[i];
      if (row.at != current) {
        current = row.at;
        load_points(thread, current, points);
      }
      Changes changes;
      find_changes(thread, row, points, changes, floors);
      if (direct_) {
        sums.add(row.quantity, changes);
      } else {
        TB_UNROLL
        for (std::uint32_t pair = 0; pair < kPairs; ++pair) columns_[column(i, pair, thread)] = changes.pairs[pair];
      }
    }
    if (direct_) {
      flush(thread, batch_.leaves.holdings[chunk_.first_holding].leaf, sums.bits);
    } else {
      accumulate(thread, sums);
    }
    report(thread, sums, floors);
  }

 private:
  struct Changes {
    Pair pairs[kPairs];
    HD double& operator[](std::uint32_t k) { return pairs[k / 2].change[k % 2]; }
    HD double operator[](std::uint32_t k) const { return pairs[k / 2].change[k % 2]; }
  };

  // Sums of raw bits (engine/quantum.hpp), and what tells whether a term was out of range.
  struct Sums {
    double shifter;
    std::uint64_t bits[kPerThread] = {};
    std::uint32_t deviation[kPerThread] = {};  // of upper words: sign and exponent are in there

    HD void add(double quantity, const Changes& changes) {
      TB_UNROLL
      for (std::uint32_t k = 0; k < kPerThread; ++k) {
        const std::uint64_t raw = quantise(quantity, changes[k], shifter);
        bits[k] += raw;
        deviation[k] |= static_cast<std::uint32_t>(raw >> 32) ^ math::by_words::upper(shifter);
      }
    }
  };

  HD std::uint32_t lane(std::uint32_t thread, std::uint32_t k) const {
    return (block_ * kPerThread + k) * kThreads + thread;
  }
  static HD std::size_t column(std::uint32_t row, std::uint32_t pair, std::uint32_t thread) {
    return (row * kPairs + pair) * kThreads + thread;
  }

  // Lanes beyond the batch price today's market, and their sums are dropped.
  HD void load_points(std::uint32_t thread, std::uint32_t at, Point<R>* points) const {
    const R* x = batch_.log_return<R>(at);
    const R* s = batch_.spot<R>(at);
    TB_UNROLL
    for (std::uint32_t k = 0; k < kPerThread; ++k) {
      const std::uint32_t l = lane(thread, k);
      points[k] = l < batch_.lanes ? Point<R>{x[l], s[l]} : Point<R>{R(0), R(1)};
    }
  }
  // From the factors, once for all contracts of a tenor in the chunk.
  HD void load_points(std::uint32_t thread, std::uint32_t at, ForwardPoint<R>* points) const {
    const RevaluationNode& node = batch_.plan.nodes[node_];
    const Tenor& tenor = batch_.plan.tenors[node.first_tenor + at];
    const PointId spot = node.date * batch_.plan.underlyings + tenor.underlying;
    TB_UNROLL
    for (std::uint32_t k = 0; k < kPerThread; ++k) {
      const std::uint32_t l = lane(thread, k);
      points[k] = {R(0), R(1), R(1), R(1), R(0)};
      if (l >= batch_.lanes) continue;
      const Point<double> point{batch_.log_return<double>(spot)[l], batch_.spot<double>(spot)[l]};
      points[k] = rounded<R>(forward_point(tenor, point, batch_.factor_or_zero(node.date, tenor.level, l),
                                           batch_.factor_or_zero(node.date, tenor.skew, l),
                                           batch_.factor_or_zero(node.date, tenor.shift, l)));
    }
  }

  // A contract's changes in value since today, in all scenarios of a thread.
  HD void find_changes(std::uint32_t thread, const Staged& row, const At* points, Changes& changes,
                       std::uint32_t* floors) const {
    const Constants& constants = row.constants;
    if constexpr (P::template in_parts<R>) {
      decltype(P::Family::parts(constants, points[0], P::Family::vol(constants, points[0]))) parts[kPerThread];
      TB_UNROLL
      for (std::uint32_t k = 0; k < kPerThread; ++k)
        parts[k] = P::Family::parts(constants, points[k], P::Family::vol(constants, points[k]));
      TB_UNROLL
      for (std::uint32_t k = 0; k < kPerThread; ++k)
        changes[k] = static_cast<double>(P::Family::value(parts[k])) - row.counted_from;
    } else {
      TB_UNROLL
      for (std::uint32_t k = 0; k < kPerThread; ++k)
        changes[k] = static_cast<double>(value(row, points[k], lane(thread, k))) - row.counted_from;
    }
    // Of the vols above: the compiler evaluates each once.
    if constexpr (P::template has_vol_floor<R>) {
      TB_UNROLL
      for (std::uint32_t k = 0; k < kPerThread; ++k)
        floors[k] += P::Family::at_vol_floor(constants, points[k]) ? 1u : 0u;
    }
  }
  HD R value(const Staged& row, const At& point, std::uint32_t at) const {
    const std::uint32_t within = at < batch_.lanes ? at : 0;
    if constexpr (P::holds_coins) {
      return P::Family::value(row.constants, point, CoinsHeld<R>{batch_.spot<R>(row.memory)[within]});
    } else if constexpr (P::has_state) {
      return P::Family::value(row.constants, point,
                              batch_.state<typename P::State>(run_.states_offset, row.memory)[within]);
    } else {
      return P::Family::value(row.constants, point, NoState{});
    }
  }

  // Every leaf's terms of the chunk. All threads of a block read the same terms.
  HD void accumulate(std::uint32_t thread, Sums& sums) const {
    for (std::uint32_t h = 0; h < chunk_.holding_count; ++h) {
      const Holding holding = batch_.leaves.holdings[chunk_.first_holding + h];
      const Term* terms = batch_.leaves.terms + holding.first_term;
      TB_UNROLL_BY(4)
      for (std::uint32_t t = 0; t < holding.term_count; ++t) {
        const Term term = terms[t];
        Changes changes;
        TB_UNROLL
        for (std::uint32_t pair = 0; pair < kPairs; ++pair)
          changes.pairs[pair] = columns_[column(term.row, pair, thread)];
        sums.add(term.quantity, changes);
      }
      flush(thread, holding.leaf, sums.bits);
    }
  }

  HD void flush(std::uint32_t thread, std::uint32_t leaf, std::uint64_t* bits) const {
    std::uint64_t* target = batch_.sums_of(node_, leaf) + lane(thread, 0);
    TB_UNROLL
    for (std::uint32_t k = 0; k < kPerThread; ++k) {
      if (lane(thread, k) < batch_.lanes) atomic_add(target + k * kThreads, bits[k]);
      bits[k] = 0;
    }
  }

  HD void report(std::uint32_t thread, const Sums& sums, const std::uint32_t* floors) const {
    std::uint64_t at_floor = 0;
    TB_UNROLL
    for (std::uint32_t k = 0; k < kPerThread; ++k) {
      if (lane(thread, k) >= batch_.lanes) continue;
      at_floor += floors[k];
      if ((sums.deviation[k] >> 20) != 0) atomic_min(&batch_.head->first_bad, batch_.scenario(lane(thread, k)));
    }
    if (at_floor != 0) atomic_add(&batch_.head->tally.vols_at_floor, at_floor);
  }

  const Batch& batch_;
  const Run& run_;
  std::uint32_t node_, block_;
  Chunk chunk_;
  bool direct_;
  Pair* columns_;
};

}  // namespace tailbit::cuda
