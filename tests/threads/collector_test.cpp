// A collector that several devices hand their batches to at once, while each asks for the thresholds of the others.
#include "tailbit/measure/collector.hpp"

#include <atomic>
#include <span>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/scenario_queue.hpp"

namespace tailbit::collector_test {
namespace {

TEST(Collector, TakesReducedBatchesFromManyThreads) {
  constexpr std::uint64_t kScenarios = 20'000;
  measure::Request request;
  request.groups = {{0, 1, 0}, {0, 1, 0}};
  request.node_seconds = {3600};
  request.levels = {measure::Level{95, 100}, measure::Level{99, 100}};
  request.full_groups = false;
  std::vector<std::int64_t> profits(kScenarios);
  for (std::size_t i = 0; i < kScenarios; ++i) profits[i] = static_cast<std::int64_t>(i * 7919 % 100'003) - 50'000;

  measure::Collector expected(request, 1, kScenarios), actual(request, 1, kScenarios);
  expected.take(0, kScenarios, profits.data(), kScenarios);
  const std::vector<measure::KeptRow> rows = actual.rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_TRUE(rows[0].whole);
  EXPECT_FALSE(rows[1].whole);

  cuda::ScenarioQueue queue({0, kScenarios});
  std::atomic<std::size_t> candidates{0};
  const auto work = [&](std::size_t batch) {
    while (const auto range = queue.claim(batch)) {
      const std::span of_batch(profits.data() + range->first, range->count);
      std::vector<measure::BlockSummary> blocks;
      for (std::size_t i = 0; i < range->count; i += measure::kBlock) {
        blocks.push_back(measure::block_summary(of_batch.data() + i, std::min(measure::kBlock, range->count - i)));
      }
      std::vector<std::int64_t> below;
      const std::int64_t threshold = actual.threshold(1);
      for (const std::int64_t q : of_batch) {
        if (q < threshold) below.push_back(q);
      }
      candidates += below.size();
      actual.take_whole(0, range->first, of_batch);
      actual.take_tail(1, range->first, blocks, below);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (const std::size_t batch : {512u, 1024u, 512u, 2048u}) threads.emplace_back(work, batch);
  }
  const measure::Results a = measure::measure_all(actual, kScenarios, request);
  const measure::Results b = measure::measure_all(expected, kScenarios, request);
  EXPECT_EQ(a.losses, b.losses);
  for (std::size_t g = 0; g < 2; ++g) {
    EXPECT_EQ(a.groups[g].pnl.stdev, b.groups[g].pnl.stdev);
    EXPECT_EQ(a.groups[g].pnl.kurtosis, b.groups[g].pnl.kurtosis);
    EXPECT_EQ(a.groups[g].pnl.max, b.groups[g].pnl.max);
    for (std::size_t l = 0; l < 2; ++l) {
      EXPECT_EQ(a.groups[g].tails[l].es, b.groups[g].tails[l].es);
      EXPECT_EQ(a.groups[g].tails[l].es_se, b.groups[g].tails[l].es_se);
    }
  }
  EXPECT_LT(candidates, kScenarios);
}

}  // namespace
}  // namespace tailbit::collector_test
