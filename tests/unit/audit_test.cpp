// A wrong bit in anything that is kept is seen by an audit of all blocks, and what lies in a block by one of that
// block.
#include "host/ops/audit.hpp"

#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/ops/selftest.hpp"
#include "host/report/measure.hpp"

namespace tailbit::audit_test {
namespace {

using measure::BlockSummary;
using measure::Collector;

constexpr std::uint64_t kScenarios = 9001;
// Two parts, and the second in two pieces.
constexpr ScenarioRange kEarlier{0, 2048}, kFirst{2048, 512}, kSecond{2560, 6441};

// Gives a collector what a device would, of one row not quite.
class Device final : public ProfitSink {
 public:
  using Spoil = std::function<void(std::vector<BlockSummary>& blocks, std::vector<std::int64_t>& profits)>;
  Device(Collector& collector, std::size_t row, Spoil spoil)
      : collector_(collector), rows_(collector.rows()), row_(row), spoil_(std::move(spoil)) {}

  void take(std::uint64_t first, std::size_t count, const std::int64_t* profits, std::size_t stride) override {
    const std::lock_guard lock(mutex_);
    collector_.each_row(count, profits, stride, [&](std::size_t row, std::span<const std::int64_t> profit) {
      std::vector<BlockSummary> blocks;
      for (std::size_t i = 0; i < count; i += kBlock)
        blocks.push_back(measure::block_summary(profit.data() + i, std::min<std::size_t>(kBlock, count - i)));
      std::vector<std::int64_t> values(profit.begin(), profit.end());
      if (!rows_[row].whole) std::erase_if(values, [&](std::int64_t q) { return q >= collector_.threshold(row); });
      if (row == row_ && spoil_) spoil_(blocks, values);
      if (rows_[row].whole) {
        collector_.take_whole(row, first, values);
      } else {
        collector_.take_tail(row, first, blocks, values);
      }
    });
  }

 private:
  Collector& collector_;
  std::vector<measure::KeptRow> rows_;
  std::size_t row_;
  Spoil spoil_;
  std::mutex mutex_;
};

struct AuditOf : testing::Test {
  AuditOf() {
    Inputs inputs = known_factor_inputs(Precision::double_);
    inputs.config.scenarios = kScenarios;
    job = compile(inputs);
    request = make_request(job, inputs.config);
    request.full_groups = false;
    const std::vector<measure::KeptRow> rows = collector().rows();
    for (std::size_t i = 0; i < rows.size(); ++i) (rows[i].whole ? whole_row : tail_row) = i;
  }
  Collector collector() const { return {request, job.plan.leaves, kScenarios}; }

  // What an audit finds in the last piece of a run, in which a row was spoiled.
  Audit::Found found(std::size_t row, Device::Spoil spoil, double share = 1.0, Tally more = {}) {
    Collector taken = collector();
    cpu::run(job.plan, kEarlier, {}, taken);
    taken.end_part();
    const std::string run = "run";
    Audit first(job.plan, taken, run, share);
    const Tally tally = cpu::run(job.plan, kFirst, {}, taken).tally;
    EXPECT_TRUE(first.look(kFirst, tally, cpu::best_isa(), 2).difference.empty());
    Audit second(job.plan, taken, run, share);
    Device device(taken, row, std::move(spoil));
    more += cpu::run(job.plan, kSecond, {}, device).tally;
    return second.look(kSecond, more, cpu::best_isa(), 2);
  }
  // The last piece's profits of the row that are in the part's tail, ascending.
  std::vector<std::int64_t> tail_values() {
    Collector taken = collector();
    cpu::run(job.plan, kEarlier, {}, taken);
    taken.end_part();
    cpu::run(job.plan, kFirst, {}, taken);
    const auto first = taken.part_row(tail_row, kFirst).profits;
    const std::vector<std::int64_t> before(first.begin(), first.end());
    cpu::run(job.plan, kSecond, {}, taken);
    std::vector<std::int64_t> values;
    for (const std::int64_t q : taken.part_row(tail_row, kSecond).profits) {
      if (std::find(before.begin(), before.end(), q) == before.end()) values.push_back(q);
    }
    return values;
  }
  // Finds a value among the candidates, once, and puts others in its place.
  static Device::Spoil in_place_of(std::int64_t value, std::vector<std::int64_t> others) {
    return [=, done = false](std::vector<BlockSummary>&, std::vector<std::int64_t>& values) mutable {
      const auto at = std::find(values.begin(), values.end(), value);
      if (done || at == values.end()) return;
      values.erase(at);
      values.insert(values.end(), others.begin(), others.end());
      done = true;
    };
  }

  CompiledJob job;
  measure::Request request;
  std::size_t whole_row = 0, tail_row = 0;
};

TEST_F(AuditOf, WhatIsRightFindsNothing) {
  const Audit::Found all = found(tail_row, {});
  EXPECT_TRUE(all.difference.empty());
  EXPECT_EQ(all.blocks, 13u);
  const Audit::Found one = found(tail_row, {}, 0.0);
  EXPECT_TRUE(one.difference.empty());
  EXPECT_EQ(one.blocks, 1u);
}

// Chance takes none of so few blocks.
TEST_F(AuditOf, ASmallShareIsOfOneBlockAtLeast) {
  constexpr double kSmall = 1e-9;
  EXPECT_EQ(found(tail_row, {}, kSmall).blocks, 1u);
  const ScenarioRange range{0, kScenarios};
  EXPECT_EQ(blocks_to_audit("a run", range, kSmall).size(), 1u);
  EXPECT_TRUE(blocks_to_audit("a run", range, kSmall, false).empty());
  EXPECT_TRUE(blocks_to_audit("a run", {}, kSmall).empty());
}

TEST_F(AuditOf, AWrongProfitIsSeenInItsBlock) {
  bool done = false;
  const auto flip = [&](std::vector<BlockSummary>&, std::vector<std::int64_t>& profits) {
    if (!std::exchange(done, true)) profits.back() ^= 1;
  };
  const ScenarioRange difference = found(whole_row, flip).difference;
  EXPECT_EQ(difference.first % ProfitSink::kBlock, 0u);
  EXPECT_LE(difference.count, ProfitSink::kBlock);
  EXPECT_FALSE(difference.empty());
}

TEST_F(AuditOf, WrongMomentsAreSeenInTheirBlock) {
  bool done = false;
  const auto flip = [&](std::vector<BlockSummary>& blocks, std::vector<std::int64_t>&) {
    if (!std::exchange(done, true)) blocks[0].moments.fourth = std::nextafter(blocks[0].moments.fourth, 0.0);
  };
  EXPECT_EQ(found(tail_row, flip).difference.count, ProfitSink::kBlock);
}

TEST_F(AuditOf, EveryWrongValueOfATailIsSeen) {
  const std::vector<std::int64_t> tail = tail_values();
  ASSERT_GT(tail.size(), 20u);
  for (const std::size_t at : {std::size_t{0}, tail.size() / 2, tail.size() - 1}) {
    const std::int64_t value = tail[at];
    for (const std::vector<std::int64_t>& others : std::vector<std::vector<std::int64_t>>{
             {value - 1}, {value + 1}, {value ^ (1ll << 40)}, {}, {value, value}, {value, value - 1}}) {
      const ScenarioRange difference = found(tail_row, in_place_of(value, others)).difference;
      // Beyond the last value of the tail is nothing that counts.
      const bool counts = at + 1 < tail.size() || others != std::vector<std::int64_t>{value, value};
      EXPECT_EQ(difference.empty(), !counts) << at << " of " << tail.size() << ", " << others.size() << " values, "
                                             << (others.empty() ? 0 : others.back() - value);
    }
  }
}

TEST_F(AuditOf, AWrongGreatestProfitIsSeen) {
  for (const std::int64_t by : {std::int64_t{1} << 45, std::int64_t{-1} << 45}) {
    const auto shift = [by](std::vector<BlockSummary>& blocks, std::vector<std::int64_t>&) {
      for (BlockSummary& block : blocks) block.extremes.greatest += by;
    };
    EXPECT_FALSE(found(tail_row, shift).difference.empty()) << by;
  }
}

TEST_F(AuditOf, AWrongTallyIsSeen) {
  EXPECT_EQ(found(tail_row, {}, 1.0, {1, 0}).difference, kSecond);
  EXPECT_EQ(found(tail_row, {}, 1.0, {0, 1}).difference, kSecond);
}

TEST_F(AuditOf, SomeBlocksShowWhatIsMissingInThem) {
  const auto lose = [&](std::vector<BlockSummary>&, std::vector<std::int64_t>& values) { values.clear(); };
  const Audit::Found some = found(tail_row, lose, 0.7);
  EXPECT_LT(some.blocks, 13u);
  EXPECT_EQ(some.difference.count, ProfitSink::kBlock);
}

TEST_F(AuditOf, AnAuditOfAllBlocksTakesTheMemoryOfTheTails) {
  EXPECT_EQ(audit_bytes(request, kScenarios, 0.99), 0.0);
  double tails = 0.0;
  for (const measure::KeptRow& row : collector().rows()) tails += row.whole ? 0.0 : 1.0;
  ASSERT_GT(tails, 0.0);
  EXPECT_EQ(audit_bytes(request, kScenarios, 1.0), tails * 16.0 * static_cast<double>(collector().tail_needed()));
}

}  // namespace
}  // namespace tailbit::audit_test
