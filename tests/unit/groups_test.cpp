// Reporting groups: their names, their order, and the leaves they are made of.
#include "host/compile/groups.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/positions.hpp"

namespace tailbit::groups_test {
namespace {

Inputs book_of(std::vector<std::string> keys) {
  Inputs inputs;
  inputs.config.group_by = std::move(keys);
  European::Terms option;
  option.expiry = {1'767'254'400};  // 2026-01-01T08:00:00Z
  inputs.instruments = {{"BTC", "BTC", 1.0, Spot::Terms{}},
                        {"ETH-CALL", "ETH", 1.0, option},
                        {"ETH-PERP", "ETH", 1.0, Perpetual::Terms{}}};
  const auto hold = [&](const std::string& desk, const std::string& account, const std::string& instrument) {
    Position position;
    position.desk = desk;
    position.account = account;
    position.venue = "venue of " + instrument;
    position.counterparty = "";
    position.instrument = instrument;
    position.quantity = 1.0;
    inputs.positions.push_back(position);
  };
  hold("beta", "1", "ETH-CALL");
  hold("alpha", "1", "BTC");
  hold("beta", "1", "BTC");
  hold("alpha", "2", "ETH-PERP");
  hold("alpha", "1", "BTC");
  return inputs;
}

std::string text_of(const Groups& groups) {
  std::string text;
  for (const Group& g : groups.groups) {
    text += g.name + " [" + std::to_string(g.first_leaf) + "," + std::to_string(g.last_leaf) + ")\n";
  }
  return text;
}

TEST(Groups, AreTheBookAloneWithoutKeys) {
  const Groups groups = make_groups(book_of({}));
  EXPECT_EQ(text_of(groups), "book [0,1)\n");
  EXPECT_EQ(groups.leaves, 1u);
  EXPECT_EQ(groups.leaf_of_position, (std::vector<std::uint32_t>{0, 0, 0, 0, 0}));
}

TEST(Groups, AreEveryPrefixOfTheKeysDepthFirst) {
  const Groups groups = make_groups(book_of({"desk", "underlying"}));
  EXPECT_EQ(text_of(groups),
            "book [0,4)\n"
            "desk=alpha [0,2)\n"
            "desk=alpha,underlying=BTC [0,1)\n"
            "desk=alpha,underlying=ETH [1,2)\n"
            "desk=beta [2,4)\n"
            "desk=beta,underlying=BTC [2,3)\n"
            "desk=beta,underlying=ETH [3,4)\n");
  EXPECT_EQ(groups.leaf_of_position, (std::vector<std::uint32_t>{3, 0, 2, 1, 0}));
}

TEST(Groups, DoNotMixValuesOfDifferentParents) {
  const Groups groups = make_groups(book_of({"account", "desk", "instrument"}));
  EXPECT_EQ(text_of(groups),
            "book [0,4)\n"
            "account=1 [0,3)\n"
            "account=1,desk=alpha [0,1)\n"
            "account=1,desk=alpha,instrument=BTC [0,1)\n"
            "account=1,desk=beta [1,3)\n"
            "account=1,desk=beta,instrument=BTC [1,2)\n"
            "account=1,desk=beta,instrument=ETH-CALL [2,3)\n"
            "account=2 [3,4)\n"
            "account=2,desk=alpha [3,4)\n"
            "account=2,desk=alpha,instrument=ETH-PERP [3,4)\n");
}

TEST(Groups, KeepAnEmptyValue) {
  EXPECT_EQ(text_of(make_groups(book_of({"counterparty"}))), "book [0,1)\ncounterparty= [0,1)\n");
}

TEST(Groups, KnowTheFamilyAndTheExpiryOfAContract) {
  EXPECT_EQ(text_of(make_groups(book_of({"family"}))),
            "book [0,3)\nfamily=european [0,1)\nfamily=perpetual [1,2)\nfamily=spot [2,3)\n");
  EXPECT_EQ(text_of(make_groups(book_of({"expiry"}))),
            "book [0,2)\nexpiry=2026-01-01T08:00:00Z [0,1)\nexpiry=none [1,2)\n");
}

TEST(Groups, HaveAValueForEveryKeyThatReadersAccept) {
  const Inputs inputs = book_of({});
  for (const std::string& key : kGroupKeys) {
    EXPECT_NO_THROW(group_value(key, inputs.positions[0], inputs.instruments[1])) << key;
  }
  EXPECT_EQ(group_value("venue", inputs.positions[0], inputs.instruments[1]), "venue of ETH-CALL");
  EXPECT_THROW(group_value("colour", inputs.positions[0], inputs.instruments[1]), std::logic_error);
}

// The children of a group cover its leaves without gap or overlap.
TEST(Groups, ChildrenPartitionTheirParent) {
  const Groups groups = make_groups(book_of({"desk", "account", "family"}));
  for (const Group& parent : groups.groups) {
    const std::string prefix = parent.name == "book" ? "" : parent.name + ",";
    std::uint32_t next = parent.first_leaf;
    for (const Group& child : groups.groups) {
      const bool is_child = child.name != "book" && child.name.starts_with(prefix) && child.name != parent.name &&
                            child.name.find(',', prefix.size()) == std::string::npos;
      if (!is_child) continue;
      EXPECT_EQ(child.first_leaf, next) << child.name;
      next = child.last_leaf;
    }
    if (next == parent.first_leaf) continue;  // no children
    EXPECT_EQ(next, parent.last_leaf) << parent.name;
  }
  EXPECT_EQ(groups.groups[0].last_leaf, groups.leaves);
}

// So many combinations could occur that they are no longer looked up in a table; few do.
TEST(Groups, OfKeysWithManyValuesAreThoseOfTheirRows) {
  Inputs inputs;
  inputs.config.group_by = {"account", "underlying", "desk", "venue"};
  inputs.instruments = {{"BTC", "BTC", 1.0, Spot::Terms{}}, {"ETH", "ETH", 1.0, Spot::Terms{}}};
  const auto name = [](char letter, int i) { return letter + std::to_string(i); };
  for (int i = 0; i < 3000; ++i) {
    Position position;
    position.account = name('a', i * 7 % 2000);
    position.desk = name('d', i * 13 % 1900);
    position.venue = name('v', i % 1700);
    position.instrument = i % 3 == 0 ? "ETH" : "BTC";
    inputs.positions.push_back(position);
  }
  std::set<std::vector<std::string>> combinations;
  const auto values = [&](const PositionRow& p) {
    std::vector<std::string> all;
    for (const std::string& key : inputs.config.group_by)
      all.push_back(group_value(key, p, inputs.instruments[p.instrument == "ETH"]));
    return all;
  };
  for (const PositionRow p : inputs.positions) combinations.insert(values(p));
  const Groups groups = make_groups(inputs);
  EXPECT_EQ(groups.leaves, combinations.size());
  for (std::size_t p = 0; p < inputs.positions.size(); ++p) {
    const auto at = combinations.find(values(inputs.positions[p]));
    ASSERT_EQ(groups.leaf_of_position[p], std::distance(combinations.begin(), at)) << p;
  }
}

TEST(Groups, NeedADefinitionOfEachInstrument) {
  Inputs inputs = book_of({"family"});
  inputs.instruments.erase(inputs.instruments.begin());
  EXPECT_THROW(make_groups(inputs), std::logic_error);
}

// Two different groups must never share a name, whatever users write into their keys.
TEST(Groups, ValuesThatHoldSeparatorsAreQuoted) {
  Inputs inputs = book_of({"desk", "account"});
  test::edit(inputs.positions, [](std::vector<Position>& rows) {
    rows[0].desk = "a,account=1";
    rows[1].desk = "a";
    rows[2].desk = "say \"b\"";
  });
  std::vector<std::string> names;
  for (const Group& group : make_groups(inputs).groups) names.push_back(group.name);
  EXPECT_NE(std::find(names.begin(), names.end(), "desk=\"a,account=1\""), names.end());
  EXPECT_NE(std::find(names.begin(), names.end(), "desk=a,account=1"), names.end());
  EXPECT_NE(std::find(names.begin(), names.end(), "desk=\"say \\\"b\\\"\",account=1"), names.end());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace tailbit::groups_test
