// The table of positions and the dictionaries it keeps names in.
#include "host/io/positions.hpp"

#include <map>

#include <gtest/gtest.h>

#include "tests/support/positions.hpp"

namespace tailbit::positions_test {
namespace {

TEST(Dictionary, GivesEachTextOneNumberInOrderOfAppearance) {
  Dictionary names;
  EXPECT_FALSE(names.find("b"));
  EXPECT_EQ(names.intern("b"), 0u);
  EXPECT_EQ(names.intern(""), 1u);
  EXPECT_EQ(names.intern("b"), 0u);
  EXPECT_EQ(names.intern("bb"), 2u);
  EXPECT_EQ(names.intern(""), 1u);
  EXPECT_EQ(names.size(), 3u);
  EXPECT_EQ(names[0], "b");
  EXPECT_EQ(names[1], "");
  EXPECT_EQ(names[2], "bb");
  EXPECT_EQ(names.find("bb"), 2u);
  EXPECT_FALSE(names.find("c"));
}

// Against a map, through many sizes of the table of slots.
TEST(Dictionary, FindsAllOfManyTexts) {
  Dictionary names;
  std::map<std::string, std::uint32_t> known;
  for (int i = 0; i < 30'000; ++i) {
    const std::string text = "name-" + std::to_string(i * 7919 % 10'007);
    const auto [at, is_new] = known.emplace(text, static_cast<std::uint32_t>(known.size()));
    ASSERT_EQ(names.find(text).has_value(), !is_new);
    ASSERT_EQ(names.intern(text), at->second);
  }
  EXPECT_EQ(names.size(), 10'007u);
  for (const auto& [text, id] : known) {
    EXPECT_EQ(names[id], text);
    EXPECT_EQ(names.find(text), id);
  }
}

TEST(Positions, GiveBackTheRowsTheyWereMadeOf) {
  const std::vector<Position> rows{
      {"P1", "a1", "alpha", "deribit", "deribit", "BTC", -1.5, 95'000.0},
      {"", "", "", "", "", "ETH", 0.0, std::nullopt},
      {"long position id", "a1", "beta", "otc", "bank", "BTC", 1e-300, 0.0},
  };
  const Positions table = test::table_of(rows);
  ASSERT_EQ(table.size(), 3u);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(table[i], PositionRow(rows[i])) << i;
  std::size_t row = 0;
  for (const PositionRow p : table) EXPECT_EQ(p, table[row++]);
  EXPECT_EQ(row, 3u);
}

TEST(Positions, HoldNamesOnceAndByNumber) {
  Positions table;
  EXPECT_TRUE(table.empty());
  for (const char* instrument : {"BTC", "ETH", "BTC"}) table.push_back({.desk = "alpha", .instrument = instrument});
  const Positions::Column& instruments = table.column(PositionKey::instrument);
  EXPECT_EQ(instruments.names.size(), 2u);
  EXPECT_EQ(instruments.ids, (std::vector<std::uint32_t>{0, 1, 0}));
  EXPECT_EQ(table.column(PositionKey::desk).names.size(), 1u);
  EXPECT_EQ(table.column(PositionKey::desk).names[0], "alpha");
  EXPECT_EQ(table.column(PositionKey::account).names[0], "");
}

// A row of the table may be appended to it.
TEST(Positions, TakeTheirOwnRows) {
  Positions table;
  table.push_back({.position_id = "a position id that is not short", .instrument = "BTC", .quantity = 2.0});
  for (int i = 0; i < 100; ++i) table.push_back(table[static_cast<std::size_t>(i)]);
  for (const PositionRow p : table) EXPECT_EQ(p, table[0]);
  EXPECT_EQ(table[100].position_id, "a position id that is not short");
}

}  // namespace
}  // namespace tailbit::positions_test
