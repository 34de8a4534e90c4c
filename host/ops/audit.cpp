#include "host/ops/audit.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <span>
#include <thread>

#include "host/backend_cpu/run.hpp"
#include "host/ops/named_random.hpp"

namespace tailbit {
namespace {

constexpr std::uint64_t kAuditBlock = measure::kBlock;

bool same_bits(const measure::BlockMoments& a, const measure::BlockMoments& b) {
  return a.sum == b.sum && math::to_bits(a.second) == math::to_bits(b.second) &&
         math::to_bits(a.third) == math::to_bits(b.third) && math::to_bits(a.fourth) == math::to_bits(b.fourth);
}

// Compares instead of taking.
class AgainstPart final : public ProfitSink {
 public:
  // `tails`: of every row, to be completed; or none.
  AgainstPart(measure::Collector& collector, ScenarioRange range, std::deque<AuditedTail>& tails)
      : collector_(collector), range_(range), tails_(tails), rows_(collector.rows()) {
    for (std::size_t row = 0; row < rows_.size(); ++row) parts_.push_back(collector.part_row(row, range));
  }

  void take(std::uint64_t first, std::size_t count, const std::int64_t* profits, std::size_t stride) override {
    bool same = true;
    collector_.each_row(count, profits, stride, [&](std::size_t row, std::span<const std::int64_t> profit) {
      const bool agrees = rows_[row].whole ? in_whole(row, first, profit) : in_tail(row, first, profit);
      same = same && agrees;
    });
    const std::lock_guard lock(mutex_);
    if (!same && (difference_.empty() || first < difference_.first)) difference_ = {first, count};
  }
  // After all blocks.
  ScenarioRange difference() {
    for (std::size_t row = 0; row < tails_.size() && difference_.empty(); ++row) {
      if (rows_[row].whole) continue;
      const auto least = tails_[row].least.sorted(), kept = parts_[row].profits;
      const bool same = std::equal(least.begin(), least.end(), kept.begin(), kept.end());
      if (!same || tails_[row].greatest != parts_[row].greatest) difference_ = range_;
    }
    return difference_;
  }

 private:
  bool in_whole(std::size_t row, std::uint64_t first, std::span<const std::int64_t> profit) const {
    return std::equal(profit.begin(), profit.end(), parts_[row].profits.begin() + (first - range_.first));
  }

  bool in_tail(std::size_t row, std::uint64_t first, std::span<const std::int64_t> profit) {
    const measure::Collector::PartRow& part = parts_[row];
    bool same = true;
    std::int64_t greatest = profit[0];
    for (std::size_t i = 0; i < profit.size(); i += kAuditBlock) {
      const measure::BlockSummary block =
          measure::block_summary(profit.data() + i, std::min<std::size_t>(kAuditBlock, profit.size() - i));
      same = same && same_bits(block.moments, part.blocks[(first + i - range_.first) / kAuditBlock]);
      greatest = std::max(greatest, block.extremes.greatest);
    }
    const std::vector<std::int64_t> tail = below(profit, collector_.threshold(row));
    same = same && greatest <= part.greatest &&
           std::includes(part.profits.begin(), part.profits.end(), tail.begin(), tail.end());
    if (tails_.empty()) return same;
    // Not by the collector's threshold, which comes from the tail that is in question.
    AuditedTail& audited = tails_[row];
    audited.least.add(below(profit, std::min(collector_.part_threshold(row), audited.least.threshold())));
    const std::lock_guard lock(mutex_);
    audited.greatest = std::max(audited.greatest, greatest);
    return same;
  }

  // Ascending.
  static std::vector<std::int64_t> below(std::span<const std::int64_t> profits, std::int64_t threshold) {
    std::vector<std::int64_t> found;
    for (const std::int64_t q : profits) {
      if (q < threshold) found.push_back(q);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  measure::Collector& collector_;
  ScenarioRange range_;
  std::deque<AuditedTail>& tails_;
  std::vector<measure::KeptRow> rows_;
  std::vector<measure::Collector::PartRow> parts_;
  std::mutex mutex_;  // guards what follows, and the tails' greatest profits
  ScenarioRange difference_;
};

bool of_all(double share) { return share >= 1.0; }

}  // namespace

std::vector<ScenarioRange> blocks_to_audit(const std::string& run_id, ScenarioRange range, double share,
                                           bool at_least_one) {
  std::vector<ScenarioRange> blocks;
  const auto add = [&](std::uint64_t first) { blocks.push_back({first, std::min(kAuditBlock, range.end() - first)}); };
  const auto uniform = [&](std::uint64_t first) { return named_uniform(first, run_id); };
  if (range.empty()) return blocks;
  if (share > 0.0) {
    for (std::uint64_t first = range.first; first < range.end(); first += kAuditBlock) {
      if (uniform(first) < share) add(first);
    }
  }
  if (blocks.empty() && at_least_one) {
    const std::uint64_t count = (range.count + kAuditBlock - 1) / kAuditBlock;
    add(range.first + static_cast<std::uint64_t>(uniform(range.first) * static_cast<double>(count)) * kAuditBlock);
  }
  return blocks;
}

Tally run_blocks(const Plan& plan, const std::vector<ScenarioRange>& blocks, cpu::Isa isa, unsigned threads,
                 ProfitSink& sink) {
  cpu::Options options;
  options.isa = isa;
  options.threads = 1;
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  Tally tally;
  std::mutex mutex;  // guards both
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < blocks.size(); i = next++) {
        const Tally counted = cpu::run(plan, blocks[i], options, sink).tally;
        const std::lock_guard lock(mutex);
        tally += counted;
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
  };
  {
    if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min<std::size_t>(threads, blocks.size()); ++i) others.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  return tally;
}

Audit::Audit(const Plan& plan, measure::Collector& collector, const std::string& run_id, double share,
             bool at_least_one)
    : plan_(plan), collector_(collector), run_id_(run_id), share_(share), at_least_one_(at_least_one) {
  if (!of_all(share)) return;
  // What the part has already was held against a second computation when it came.
  const std::size_t rows = collector.rows().size();
  for (std::size_t row = 0; row < rows; ++row) {
    const measure::Collector::PartRow part = collector.part_row(row, {});
    tails_.emplace_back(collector.tail_needed(), part.greatest);
    tails_.back().least.add(part.profits);
  }
}

Audit::Found Audit::look(ScenarioRange range, const Tally& tally, cpu::Isa isa, unsigned threads) {
  const std::vector<ScenarioRange> blocks = blocks_to_audit(run_id_, range, share_, at_least_one_);
  AgainstPart comparison(collector_, range, tails_);
  Tally counted;
  try {
    counted = run_blocks(plan_, blocks, isa, threads, comparison);
  } catch (const cpu::BadTermError& error) {  // which the collector was given something for
    return {{error.term().scenario, 1}, blocks.size()};
  }
  Found found{comparison.difference(), blocks.size()};
  const bool counts_differ =
      counted.vols_at_floor != tally.vols_at_floor || counted.moves_limited != tally.moves_limited;
  if (of_all(share_) && found.difference.empty() && counts_differ) found.difference = range;
  return found;
}

double audit_bytes(const measure::Request& request, std::uint64_t scenarios, double share) {
  return of_all(share) ? measure::tail_bytes(request, scenarios) : 0.0;
}

}  // namespace tailbit
