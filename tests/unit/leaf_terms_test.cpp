// The book's weights regrouped by leaf: the same terms, each once, whatever the size of a chunk.
#include "tailbit/engine/leaf_terms.hpp"

#include <map>
#include <tuple>

#include <gtest/gtest.h>

#include "host/backend_cpu/run.hpp"
#include "host/backend_cpu/working_set.hpp"
#include "host/compile/compile.hpp"
#include "host/ops/selftest.hpp"

namespace tailbit::leaf_terms_test {
namespace {

using Key = std::tuple<std::size_t, std::uint32_t, std::uint32_t>;  // run, row in the run, leaf

std::map<Key, double> by_row(const Plan& plan) {
  std::map<Key, double> all;
  for (std::size_t r = 0; r < plan.runs.size(); ++r) {
    for (std::uint32_t i = 0; i < plan.runs[r].row_count; ++i) {
      const Row& row = plan.rows[plan.runs[r].first_row + i];
      for (std::uint32_t w = row.first_weight; w < row.first_weight + row.weight_count; ++w)
        EXPECT_TRUE(all.emplace(Key{r, i, plan.weights[w].leaf}, plan.weights[w].quantity).second);
    }
  }
  return all;
}

TEST(LeafTerms, HoldEveryWeightOnce) {
  const CompiledJob job = compile(known_factor_inputs(Precision::double_));
  const std::map<Key, double> expected = by_row(job.plan);
  ASSERT_GT(expected.size(), 50u);
  for (const std::uint32_t rows : {1u, 3u, 8u, 1000u}) {
    const LeafTerms terms = leaf_terms(job.plan, rows);
    ASSERT_EQ(terms.first_chunk.size(), job.plan.runs.size() + 1);
    std::map<Key, double> found;
    for (std::size_t r = 0; r < job.plan.runs.size(); ++r) {
      std::uint32_t next_row = 0;
      for (std::uint32_t c = terms.first_chunk[r]; c < terms.first_chunk[r + 1]; ++c) {
        const Chunk& chunk = terms.chunks[c];
        EXPECT_EQ(chunk.first_row, next_row);
        EXPECT_LE(chunk.row_count, rows);
        next_row += chunk.row_count;
        std::uint32_t last_leaf = 0;
        for (std::uint32_t h = chunk.first_holding; h < chunk.first_holding + chunk.holding_count; ++h) {
          const Holding& holding = terms.holdings[h];
          EXPECT_TRUE(h == chunk.first_holding || holding.leaf > last_leaf);  // each leaf once
          last_leaf = holding.leaf;
          for (std::uint32_t t = holding.first_term; t < holding.first_term + holding.term_count; ++t) {
            EXPECT_LT(terms.terms[t].row, chunk.row_count);
            const Key key{r, chunk.first_row + terms.terms[t].row, holding.leaf};
            EXPECT_TRUE(found.emplace(key, terms.terms[t].quantity).second);
          }
        }
      }
      EXPECT_EQ(next_row, job.plan.runs[r].row_count);
    }
    EXPECT_EQ(found, expected) << rows;
  }
}

// A book of `accounts` that each hold `held` of `contracts` coins.
Plan many_accounts(std::uint32_t accounts, std::uint32_t contracts, std::uint32_t held) {
  Inputs inputs = known_answer_inputs(Precision::double_);
  inputs.config.group_by = {"account"};
  inputs.config.scenarios = 700;
  inputs.instruments.clear();
  inputs.positions = {};
  for (std::uint32_t i = 0; i < contracts; ++i) {
    const std::string id = "C" + std::to_string(1000 + i);
    inputs.instruments.push_back(
        {id, "AAA", 1.0,
         European::Terms{
             OptionKind::call, 40'000.0 + 10.0 * i, {inputs.market.as_of.seconds + 3'000'000}, Settlement::usd, {}}});
  }
  for (std::uint32_t a = 0; a < accounts; ++a) {
    const std::string account = "account-" + std::to_string(a);
    for (std::uint32_t h = 0; h < held; ++h) {
      const std::string id = "C" + std::to_string(1000 + (a * 7 + h * 13) % contracts);
      inputs.positions.push_back({.account = account, .instrument = id, .quantity = 0.5 + a - 3.0 * h});
    }
  }
  return compile(inputs).plan;
}

TEST(LeafTerms, SumsDoNotDependOnChunksOrTiles) {
  const Plan plan = many_accounts(90, 41, 11);
  ASSERT_EQ(plan.leaves, 90u);
  cpu::Options options;
  options.threads = 1;
  options.tile = 512;
  const Pnl expected = cpu::run(plan, options);
  for (const std::size_t tile : {0u, 1u, 40u, 700u}) {
    options.tile = tile;
    const Pnl actual = cpu::run(plan, options);
    EXPECT_TRUE(std::equal(actual.quanta.begin(), actual.quanta.end(), expected.quanta.begin())) << tile;
  }
  // Each account's profit is that of its contracts, one by one.
  for (const std::uint32_t leaf : {0u, 17u, 89u}) {
    Plan alone = plan;
    for (Weight& weight : alone.weights) {
      if (weight.leaf != leaf) weight.quantity = 0.0;
    }
    const Pnl of_leaf = cpu::run(alone, options);
    EXPECT_TRUE(std::equal(of_leaf.row(0, leaf), of_leaf.row(0, leaf) + 700, expected.row(0, leaf))) << leaf;
    EXPECT_NE(of_leaf.row(0, leaf)[5], 0);
  }
}

TEST(WorkingSet, FollowsTheCacheAndTheBook) {
  constexpr std::size_t kCache = 1 << 20;
  const Plan desk = many_accounts(1, 41, 41);
  EXPECT_EQ(cpu::working_set(desk, 0, kCache).tile, 512u);
  EXPECT_EQ(cpu::working_set(desk, 100, kCache).tile, 100u);
  EXPECT_EQ(cpu::working_set(desk, 0, kCache).chunk_rows, 8u);  // every row is a term of the one leaf
  // A leaf holds a quarter of the rows: four times as many make eight terms.
  EXPECT_EQ(cpu::working_set(many_accounts(90, 44, 11), 0, kCache).chunk_rows, 32u);
  // No more than half of the cache: 64 lanes of 8 bytes.
  EXPECT_EQ(cpu::working_set(many_accounts(90, 44, 11), 64, 16 * 1024).chunk_rows, 16u);
  // A small cache makes small tiles, but not smaller than loops are worth beginning.
  EXPECT_EQ(cpu::working_set(desk, 0, 64 * 1024).tile, 128u);
  EXPECT_EQ(cpu::working_set(desk, 0, 1024).tile, 64u);
}

}  // namespace
}  // namespace tailbit::leaf_terms_test
