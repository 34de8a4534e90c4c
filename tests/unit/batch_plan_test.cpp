// How a device's memory becomes batches, who gets which scenarios, and the plan as one piece of memory.
#include "kernels/batch_plan.hpp"

#include <cstring>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "host/compile/compile.hpp"
#include "host/ops/selftest.hpp"
#include "kernels/plan_arena.hpp"
#include "kernels/scenario_queue.hpp"

namespace tailbit::cuda::batch_plan_test {
namespace {

constexpr std::size_t kGibibyte = std::size_t{1} << 30;
constexpr std::size_t kBlock = ProfitSink::kBlock;
constexpr std::size_t kMostLanes = Options::kMostLanes;

TEST(BatchPlan, TwoBatchesInFlightFitIntoWhatIsFree) {
  for (const double per_lane : {100.0, 12'345.6, 1e6, 8e6}) {
    for (const std::size_t gibibytes : {16u, 80u, 141u}) {
      const BatchPlan plan = plan_batches(10'000'000, gibibytes * kGibibyte, {per_lane, 0}, 1);
      EXPECT_EQ(plan.slots, 2u);
      EXPECT_EQ(plan.lanes % kBlock, 0u);
      const double taken = per_lane * static_cast<double>(plan.lanes * plan.slots);
      EXPECT_LE(taken, 0.85 * static_cast<double>(gibibytes * kGibibyte));
      // No more than a block of each slot is left out.
      if (plan.lanes == kMostLanes) continue;
      const double with_a_block_more = taken + per_lane * static_cast<double>(2 * kBlock);
      EXPECT_GT(with_a_block_more, 0.85 * static_cast<double>(gibibytes * kGibibyte));
    }
  }
}

TEST(BatchPlan, LittleMemoryIsOneSmallestBatch) {
  const BatchNeeds needs{1e6, 0};
  EXPECT_EQ(plan_batches(1'000'000, static_cast<std::size_t>(1.21e9), needs, 1), (BatchPlan{512, 2}));
  EXPECT_EQ(plan_batches(1'000'000, static_cast<std::size_t>(1.19e9), needs, 1), (BatchPlan{512, 1}));
  EXPECT_EQ(plan_batches(1'000'000, 0, needs, 1), (BatchPlan{512, 1}));
}

TEST(BatchPlan, SmallRunsAreCutInTwoWhereThatLeavesWork) {
  const BatchNeeds needs{1000.0, 0};
  EXPECT_EQ(plan_batches(1, kGibibyte, needs, 1), (BatchPlan{512, 1}));
  EXPECT_EQ(plan_batches(8192, kGibibyte, needs, 1), (BatchPlan{8192, 1}));
  EXPECT_EQ(plan_batches(16'383, kGibibyte, needs, 1), (BatchPlan{16'384, 1}));
  EXPECT_EQ(plan_batches(16'384, kGibibyte, needs, 1), (BatchPlan{8192, 2}));
  EXPECT_EQ(plan_batches(16'384, kGibibyte, needs, 8), (BatchPlan{8192, 2}));
  EXPECT_EQ(plan_batches(100'000, kGibibyte, needs, 1), (BatchPlan{50'176, 2}));  // 98 blocks of 196
  EXPECT_EQ(plan_batches(100'000'000, 100 * kGibibyte, needs, 1), (BatchPlan{kMostLanes, 2}));
  EXPECT_EQ(plan_batches(100'000'000, 100 * kGibibyte, needs, 1, 1100), (BatchPlan{1024, 2}));
}

TEST(BatchPlan, SeveralDevicesFindSeveralBatchesEach) {
  const BatchPlan plan = plan_batches(1'000'000, 100 * kGibibyte, {1000.0, 0}, 4);
  EXPECT_GE(1'000'000 / plan.lanes + 1, 4 * kBatchesOfDevice);
  EXPECT_EQ(plan.slots, 2u);
}

TEST(BatchPlan, CandidatesOfAllTailsFitOnTheHost) {
  EXPECT_EQ(plan_batches(10'000'000, 1000 * kGibibyte, {1000.0, 1000}, 1).lanes, 16'384u);  // 2^24 / 1000 in blocks
  EXPECT_EQ(plan_batches(10'000'000, 1000 * kGibibyte, {1000.0, 1'000'000}, 1).lanes, kBlock);
}

TEST(BatchPlan, SmallerPlansEndWithTheSmallest) {
  BatchPlan plan{5120, 2};
  std::vector<std::size_t> lanes;
  for (; !is_smallest(plan); plan = smaller(plan)) {
    lanes.push_back(plan.lanes);
    EXPECT_EQ(plan.slots, 2u);
    ASSERT_LT(lanes.size(), 10u);
  }
  EXPECT_EQ(lanes, (std::vector<std::size_t>{5120, 2560, 1024, 512}));
}

TEST(BatchPlan, ManyLaunchesThatComeAgainAreRecorded) {
  EXPECT_TRUE(worth_recording(32, 4));
  EXPECT_FALSE(worth_recording(31, 1000));
  EXPECT_FALSE(worth_recording(1000, 3));
}

TEST(ScenarioQueue, HandsOutEveryScenarioOnce) {
  ScenarioQueue queue({0, 10'000});
  std::uint64_t next = 0;
  for (std::size_t most = 512;; most += 512) {
    const std::optional<ScenarioRange> range = queue.claim(most);
    if (!range) break;
    EXPECT_EQ(range->first, next);
    EXPECT_LE(range->count, most);
    next += range->count;
  }
  EXPECT_EQ(next, 10'000u);
}

TEST(ScenarioQueue, HandsOutAgainWhatCameBack) {
  ScenarioQueue queue({0, 4096});
  queue.claim(1024);
  queue.claim(2048);
  queue.give_back({1024, 2048});
  std::set<std::uint64_t> seen;
  for (std::optional<ScenarioRange> range; (range = queue.claim(512));) {
    EXPECT_EQ(range->count, 512u);
    EXPECT_TRUE(seen.insert(range->first).second);
  }
  EXPECT_EQ(seen, (std::set<std::uint64_t>{1024, 1536, 2048, 2560, 3072, 3584}));
}

TEST(ScenarioQueue, StopsAtWhatIsNotWantedAnyMore) {
  ScenarioQueue queue({0, 8192});
  queue.claim(1024);
  queue.claim(1024);
  queue.give_back({0, 1024});
  queue.stop_at(1024);
  queue.stop_at(4096);  // wanted even less before
  queue.give_back({1024, 1024});
  EXPECT_EQ(queue.claim(4096), (ScenarioRange{0, 1024}));
  EXPECT_EQ(queue.claim(4096), std::nullopt);
}

TEST(ScenarioQueue, BeginsWhereItsRangeDoes) {
  ScenarioQueue queue({1024, 1000});
  EXPECT_EQ(queue.claim(512), (ScenarioRange{1024, 512}));
  EXPECT_EQ(queue.claim(512), (ScenarioRange{1536, 488}));
  EXPECT_EQ(queue.claim(512), std::nullopt);
  EXPECT_EQ(queue.end(), 2024u);
}

TEST(ScenarioQueue, FinishesWhatItHandedOutBeforeItWasClosed) {
  ScenarioQueue queue({0, 8192});
  queue.claim(1024);
  queue.claim(1024);
  queue.give_back({0, 1024});
  queue.close();
  EXPECT_EQ(queue.claim(4096), (ScenarioRange{0, 1024}));
  EXPECT_EQ(queue.claim(4096), std::nullopt);
  EXPECT_EQ(queue.end(), 2048u);
}

template <class T>
void expect_same(const T* moved, const T* original, const std::vector<T>& values, const std::vector<std::byte>& arena) {
  const auto* bytes = reinterpret_cast<const std::byte*>(moved);
  EXPECT_NE(moved, original);
  EXPECT_GE(bytes, arena.data());
  EXPECT_LE(bytes + values.size() * sizeof(T), arena.data() + arena.size());
  EXPECT_EQ(std::memcmp(moved, values.data(), values.size() * sizeof(T)), 0);
}

TEST(PlanArena, HoldsEveryArrayOfThePlan) {
  for (const bool student_t : {false, true}) {
    Inputs inputs = known_factor_inputs(Precision::double_);
    inputs.model.student_t.reset();
    if (student_t) inputs.model.student_t = StudentT{4.0, 86'400, 0.0};
    const CompiledJob job = compile(inputs);
    const Plan& plan = job.plan;
    const PlanArena arena(plan);
    std::vector<std::byte> memory(arena.bytes());
    arena.copy_to(memory.data());
    const PlanView from = view(plan), to = arena.view_at(memory.data()).plan;
    const LeafView leaves_to = arena.view_at(memory.data()).leaves;
    const LeafTerms leaves = leaf_terms(plan, chunk_rows(plan));
    expect_same(leaves_to.chunks, leaves.chunks.data(), leaves.chunks, memory);
    expect_same(leaves_to.holdings, leaves.holdings.data(), leaves.holdings, memory);
    for (std::size_t t = 0; t < leaves.terms.size(); ++t) {  // one by one: they have bytes between their members
      EXPECT_EQ(leaves_to.terms[t].row, leaves.terms[t].row);
      EXPECT_EQ(leaves_to.terms[t].quantity, leaves.terms[t].quantity);
    }
    EXPECT_EQ(to.mixing != nullptr, student_t);
    if (student_t) expect_same(to.mixing, from.mixing, plan.paths.mixing, memory);
    expect_same(to.spot_today, from.spot_today, plan.spot_today, memory);
    expect_same(to.transitions, from.transitions, plan.paths.transitions, memory);
    expect_same(to.loading, from.loading, plan.paths.loading, memory);
    expect_same(to.spots, from.spots, plan.paths.spots, memory);
    expect_same(to.level_variance, from.level_variance, plan.paths.level_variance, memory);
    expect_same(to.step, from.step, plan.paths.steps, memory);
    expect_same(to.fixings, from.fixings, plan.paths.fixings, memory);
    expect_same(to.bridges, from.bridges, plan.paths.bridges, memory);
    expect_same(to.nodes, from.nodes, plan.nodes, memory);
    expect_same(to.tenors, from.tenors, plan.tenors, memory);
    expect_same(to.runs, from.runs, plan.runs, memory);
    expect_same(to.rows, from.rows, plan.rows, memory);
    expect_same(to.weights, from.weights, plan.weights, memory);
    expect_same(to.initial_sums, from.initial_sums, plan.initial_sums, memory);
    expect_same(to.observers, from.observers, plan.observers, memory);
    expect_same(to.constants, from.constants, plan.constants, memory);
    if (student_t) expect_same(to.shares, from.shares, plan.paths.shares, memory);
    EXPECT_EQ(to.seed, from.seed);
    EXPECT_EQ(to.node_count, from.node_count);
    EXPECT_EQ(to.state_bytes, from.state_bytes);
  }
}

}  // namespace
}  // namespace tailbit::cuda::batch_plan_test
