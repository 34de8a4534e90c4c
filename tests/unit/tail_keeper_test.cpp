// What is kept of a long stream: exactly its least values, whoever adds them in whatever order.
#include "tailbit/measure/tail_keeper.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "tailbit/measure/tail_sample.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::measure::tail_keeper_test {
namespace {

using Values = std::vector<std::int64_t>;

Values drawn(std::size_t count, double scale) {
  Values values;
  for (std::size_t i = 0; i < count; ++i) {
    const auto z = random::two_normals<random::Philox4x32>({3, 9}, i, 0, 0, random::kInnovations);
    values.push_back(static_cast<std::int64_t>(scale * z.first));
  }
  return values;
}
Values least(Values values, std::size_t count) {
  std::sort(values.begin(), values.end());
  values.resize(std::min(count, values.size()));
  return values;
}

// As a simulation does: blocks of values, those above the threshold left out.
void add_blocks(TailKeeper& keeper, std::span<const std::int64_t> values, std::size_t block) {
  for (std::size_t first = 0; first < values.size(); first += block) {
    Values below;
    for (const std::int64_t v : values.subspan(first, std::min(block, values.size() - first))) {
      if (v < keeper.threshold()) below.push_back(v);
    }
    keeper.add(below);
  }
}

TEST(TailKeeper, KeepsExactlyTheLeast) {
  for (const double scale : {1e12, 3.0, 0.0}) {  // all different, many ties, all equal
    const Values values = drawn(20'000, scale);
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{777}, values.size()}) {
      for (const std::size_t block : {1u, 64u, 512u}) {
        TailKeeper keeper(count);
        add_blocks(keeper, values, block);
        EXPECT_EQ(keeper.take(), least(values, count)) << scale << ", " << count << " in blocks of " << block;
      }
    }
  }
}

TEST(TailKeeper, KeepsAllOfFewerThanItCould) {
  TailKeeper keeper(10);
  keeper.add(Values{5, -2, 9});
  keeper.add({});
  EXPECT_EQ(keeper.take(), (Values{-2, 5, 9}));
}

TEST(TailKeeper, ItsThresholdOnlyFalls) {
  TailKeeper keeper(100);
  std::int64_t before = keeper.threshold();
  EXPECT_EQ(before, std::numeric_limits<std::int64_t>::max());
  const Values values = drawn(5000, 1e9);
  for (std::size_t first = 0; first < values.size(); first += 50) {
    add_blocks(keeper, std::span(values).subspan(first, 50), 50);
    EXPECT_LE(keeper.threshold(), before);
    before = keeper.threshold();
  }
  EXPECT_GE(before, least(values, 100).back());
  EXPECT_LE(before, least(values, 200).back());  // it is cut when twice the values have come
}

TEST(TailKeeper, ThreadsAddAtOnce) {
  const Values values = drawn(80'000, 1e12);
  TailKeeper keeper(900);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 4; ++t)
      threads.emplace_back([&, t] { add_blocks(keeper, std::span(values).subspan(t * 20'000, 20'000), 128); });
  }
  EXPECT_EQ(keeper.take(), least(values, 900));
}

TEST(TailSample, RefusesWhatWasNotKept) {
  const TailSample sample(1000, {-9, -7, -7}, 40, std::vector<BlockMoments>(block_count(1000)));
  EXPECT_EQ(sample.at(0), -9);
  EXPECT_EQ(sample.at(2), -7);
  EXPECT_EQ(sample.at(999), 40);
  EXPECT_EQ(sample.worst(2), (Values{-9, -7}));
  EXPECT_THROW(sample.at(3), std::logic_error);
  EXPECT_THROW(sample.worst(4), std::logic_error);
  EXPECT_THROW(sample.moments(Part::positive, 0), std::logic_error);
  EXPECT_THROW(sample.moments(Part::whole, 1), std::logic_error);
}

}  // namespace
}  // namespace tailbit::measure::tail_keeper_test
