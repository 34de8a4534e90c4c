#include "host/ops/shard.hpp"

#include <map>

#include <gtest/gtest.h>

#include "host/io/problems.hpp"
#include "tailbit/engine/pnl.hpp"

namespace tailbit::shard_test {
namespace {

Shard parse(const std::string& text, const std::map<std::string, std::string>& environment = {}) {
  return parse_shard(text, [&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

void expect(Shard shard, std::uint32_t rank, std::uint32_t count) {
  EXPECT_EQ(shard.rank, rank);
  EXPECT_EQ(shard.count, count);
}

TEST(Shard, IsReadFromTheFlag) {
  expect(parse("0/1"), 0, 1);
  expect(parse("3/8"), 3, 8);
  expect(parse("999999/1000000"), 999'999, 1'000'000);
}

TEST(Shard, IsReadFromSchedulers) {
  expect(parse("auto", {{"SLURM_ARRAY_TASK_ID", "5"}, {"SLURM_ARRAY_TASK_COUNT", "4"}, {"SLURM_ARRAY_TASK_MIN", "3"}}),
         2, 4);
  expect(parse("auto", {{"SLURM_ARRAY_TASK_ID", "1"}, {"SLURM_ARRAY_TASK_COUNT", "4"}}), 1, 4);
  expect(parse("auto", {{"SLURM_PROCID", "6"}, {"SLURM_NTASKS", "7"}}), 6, 7);
  expect(parse("auto/8", {{"JOB_COMPLETION_INDEX", "2"}}), 2, 8);
  expect(parse("auto", {{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "3"}}), 1, 3);
  expect(parse("auto", {{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}}), 0, 2);
  // A step inside an array is a task of the array; MPI inside a Slurm job is MPI.
  expect(parse("auto", {{"SLURM_ARRAY_TASK_ID", "1"},
                        {"SLURM_ARRAY_TASK_COUNT", "2"},
                        {"SLURM_PROCID", "0"},
                        {"SLURM_NTASKS", "1"}}),
         1, 2);
  expect(
      parse(
          "auto",
          {{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "4"}, {"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "1"}}),
      2, 4);
}

TEST(Shard, RefusesWhatIsNone) {
  const auto refused = [](const std::string& text, const std::map<std::string, std::string>& environment = {}) {
    try {
      parse(text, environment);
      return false;
    } catch (const Failure& failure) {
      return failure.code() == ExitCode::usage;
    }
  };
  for (const char* text : {"", "3", "3/", "/3", "3/3", "-1/3", "1/0", "a/3", "1/3/4", "1.0/3", " 1/3", "0/1000001",
                           "auto", "auto/", "auto/0"})
    EXPECT_TRUE(refused(text)) << text;
  EXPECT_TRUE(refused("auto", {{"JOB_COMPLETION_INDEX", "2"}}));                                  // of how many?
  EXPECT_TRUE(refused("auto/2", {{"JOB_COMPLETION_INDEX", "2"}}));                                // 0 and 1
  EXPECT_TRUE(refused("auto", {{"SLURM_ARRAY_TASK_ID", "9"}, {"SLURM_ARRAY_TASK_COUNT", "5"}}));  // steps of 2
  // One task, or some, of a larger array.
  const auto again = [](const char* id, const char* count, const char* first) {
    return std::map<std::string, std::string>{
        {"SLURM_ARRAY_TASK_ID", id}, {"SLURM_ARRAY_TASK_COUNT", count}, {"SLURM_ARRAY_TASK_MIN", first}};
  };
  EXPECT_TRUE(refused("auto", again("3", "1", "3")));
  EXPECT_TRUE(refused("auto/8", again("3", "1", "3")));
  EXPECT_TRUE(refused("auto/8", again("4", "2", "3")));
  EXPECT_FALSE(refused("auto", again("1", "1", "1")));
  EXPECT_FALSE(refused("auto/8", again("3", "8", "0")));
  EXPECT_TRUE(
      refused("auto", {{"SLURM_ARRAY_TASK_ID", "1"}, {"SLURM_ARRAY_TASK_COUNT", "5"}, {"SLURM_ARRAY_TASK_MIN", "2"}}));
}

TEST(Shard, SharesAreWholeBlocksAndCoverAll) {
  for (const std::uint64_t scenarios : {1ull, 511ull, 512ull, 513ull, 5000ull, 100'000ull, (1ull << 40) - 1}) {
    for (const std::uint32_t count : {1u, 2u, 3u, 4u, 7u, 1000u}) {
      std::uint64_t end = 0, least = ~std::uint64_t{0}, most = 0;
      for (std::uint32_t rank = 0; rank < count; ++rank) {
        const ScenarioRange range = shard_range({rank, count}, scenarios);
        EXPECT_EQ(range.first, end);
        EXPECT_TRUE(range.empty() || range.first % ProfitSink::kBlock == 0);
        end = range.end();
        const std::uint64_t blocks = (range.count + ProfitSink::kBlock - 1) / ProfitSink::kBlock;
        least = std::min(least, blocks);
        most = std::max(most, blocks);
      }
      EXPECT_EQ(end, scenarios);
      EXPECT_LE(most - least, 1u) << scenarios << " scenarios in " << count;
    }
  }
}

TEST(Shard, ThoseThatAreMissingAreNamed) {
  constexpr std::uint64_t kScenarios = 4096;  // a block for each of 8
  EXPECT_EQ(shards_with({{1024, 512}, {2560, 512}}, 8, kScenarios), "2/8, 5/8");
  EXPECT_EQ(shards_with({{1023, 2}}, 8, kScenarios), "1/8, 2/8");
  EXPECT_EQ(shards_with({{0, kScenarios}}, 1, kScenarios), "0/1");
  EXPECT_EQ(shards_with({{0, 1024}}, 16, kScenarios), "1/16, 3/16");  // the others have none
  const std::string many = shards_with({{0, 512 * 40}}, 40, 512 * 40);
  EXPECT_TRUE(many.starts_with("0/40, 1/40") && many.ends_with("19/40 and 20 more")) << many;
}

}  // namespace
}  // namespace tailbit::shard_test
