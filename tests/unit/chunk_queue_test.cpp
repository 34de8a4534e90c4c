// Chunks: every scenario once, in order, whatever the ranks' speeds and wherever the queue is closed.
#include "host/ops/chunk_queue.hpp"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/ops/chunk_worker.hpp"
#include "host/ops/ranked_backend.hpp"
#include "host/ops/selftest.hpp"
#include "host/report/measure.hpp"
#include "host/report/part_file.hpp"

namespace tailbit::chunk_queue_test {
namespace {

constexpr std::uint64_t kBlock = measure::kBlock;

// Ranks of fixed speeds, in scenarios a second, on a clock of the test's own.
struct Simulated {
  std::uint64_t end = 0;
  std::size_t chunks = 0;
  double seconds = 0.0;
  std::uint64_t longest = 0;
};
Simulated play(ScenarioRange range, const std::vector<double>& speeds, double close_after, std::uint64_t most) {
  ChunkQueue queue(range, most);
  std::vector<Pace> paces(speeds.size(), Pace(kBlock));
  std::multimap<double, std::pair<std::size_t, ScenarioRange>> busy;  // by when they are done
  Simulated played;
  std::uint64_t handed_out = range.first;
  const auto hand_out = [&](std::size_t rank, double now) {
    const auto chunk = queue.next(paces[rank].in(1.0), static_cast<int>(speeds.size()));
    if (!chunk) return;
    EXPECT_EQ(chunk->first, handed_out);
    EXPECT_TRUE(chunk->count % kBlock == 0 || chunk->end() == range.end());
    EXPECT_LE(chunk->count, most);
    EXPECT_FALSE(chunk->empty());
    handed_out = chunk->end();
    ++played.chunks;
    played.longest = std::max(played.longest, chunk->count);
    busy.emplace(now + static_cast<double>(chunk->count) / speeds[rank], std::pair(rank, *chunk));
  };
  for (std::size_t rank = 0; rank < speeds.size(); ++rank) hand_out(rank, 0.0);
  while (!busy.empty()) {
    EXPECT_FALSE(queue.finished());
    const auto [now, done] = *busy.begin();
    busy.erase(busy.begin());
    played.seconds = now;
    queue.done(done.second);
    paces[done.first].took(done.second.count, static_cast<double>(done.second.count) / speeds[done.first]);
    if (now >= close_after) queue.close();
    hand_out(done.first, now);
  }
  EXPECT_TRUE(queue.finished());
  EXPECT_EQ(queue.front(), handed_out);
  EXPECT_EQ(queue.scenarios_done(), handed_out - range.first);
  played.end = queue.front();
  return played;
}

TEST(ChunkQueue, HandsOutEveryScenarioOnceInOrder) {
  std::minstd_rand random(3);
  for (int trial = 0; trial < 300; ++trial) {
    SCOPED_TRACE(trial);
    std::vector<double> speeds(1 + random() % 9);
    for (double& speed : speeds) speed = std::exp2(5.0 + static_cast<double>(random() % 1500) / 100.0);
    const ScenarioRange range{kBlock * (random() % 50), 1 + random() % 3'000'000};
    const std::uint64_t most = kBlock * (1 + random() % 4000);
    const Simulated all = play(range, speeds, 1e300, most);
    EXPECT_EQ(all.end, range.end());
    const Simulated cut = play(range, speeds, all.seconds * static_cast<double>(random() % 100) / 100.0, most);
    EXPECT_LE(cut.end, range.end());
  }
}

TEST(ChunkQueue, ChunksTakeAboutASecondAndRanksEndTogether) {
  const std::vector<double> speeds{1e5, 1e6, 1e7};
  const ScenarioRange range{0, 400'000'000};
  const Simulated played = play(range, speeds, 1e300, 1ull << 40);
  const double ideal = static_cast<double>(range.count) / 1.11e7;
  EXPECT_LT(played.seconds, ideal + 2.0);
  EXPECT_LT(played.chunks, 4 * 3 * static_cast<std::size_t>(ideal));
  EXPECT_LT(played.longest, 12'000'000u);
  EXPECT_GT(played.longest, 8'000'000u);
}

TEST(ChunkQueue, HandsOutNothingOnceItIsClosed) {
  ChunkQueue queue({1024, 5000}, 1 << 20);
  const auto chunk = queue.next(600, 1);
  ASSERT_TRUE(chunk);
  EXPECT_EQ(*chunk, (ScenarioRange{1024, 1024}));
  queue.close();
  EXPECT_FALSE(queue.next(600, 1));
  EXPECT_FALSE(queue.finished());
  queue.done(*chunk);
  EXPECT_TRUE(queue.finished());
  EXPECT_EQ(queue.front(), 2048u);
}

TEST(ChunkQueue, APartIsNoLongerThanItMayBe) {
  Inputs inputs = known_factor_inputs(Precision::double_);
  inputs.config.scenarios = 20'000;
  const CompiledJob job = compile(inputs);
  for (const bool full : {true, false}) {
    measure::Request request = make_request(job, inputs.config);
    request.full_groups = full;
    for (const std::uint64_t count : {kBlock, 5 * kBlock, 30 * kBlock}) {
      measure::Collector collector(request, job.plan.leaves, inputs.config.scenarios, count);
      collector.move_to(kBlock);
      cpu::run(job.plan, {kBlock, count}, {}, collector);
      std::size_t bytes = 0;
      write_part([&](std::string_view piece) { bytes += piece.size(); }, {"run", {kBlock, count}, {}, "here"},
                 collector);
      const double bound = part_bytes(request, inputs.config.scenarios, count);
      EXPECT_LE(static_cast<double>(bytes), bound);
      EXPECT_GT(static_cast<double>(bytes), (bound - 4096.0) * 0.5) << "a bound that says nothing";
      const std::uint64_t longest = most_in_message(request, inputs.config.scenarios, bound);
      EXPECT_LE(part_bytes(request, inputs.config.scenarios, longest), bound);
    }
    EXPECT_EQ(most_in_message(request, inputs.config.scenarios, 1.0), kBlock);
  }
}

TEST(RanksText, NamesWhatComputes) {
  const auto rank = [](const char* host, const char* device) { return RankReady{"run", host, device, {}, 1, {}}; };
  EXPECT_EQ(ranks_text({rank("a", "X (v4)")}), "1 rank: 1 x X (v4)");
  EXPECT_EQ(ranks_text({rank("a", "X (v4)"), rank("a", "X (v4)")}), "2 ranks: 2 x X (v4)");
  EXPECT_EQ(ranks_text({rank("a", "X"), rank("b", "GPU (cuda:0)"), rank("b", "GPU (cuda:0)")}),
            "3 ranks on 2 hosts: 2 x GPU (cuda:0); 1 x X");
}

}  // namespace
}  // namespace tailbit::chunk_queue_test
