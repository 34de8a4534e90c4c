// Reporting groups: the book, and every prefix of the group_by keys ("desk=alpha", "desk=alpha,underlying=BTC").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/io/inputs.hpp"

namespace tailbit {

// Leaves are the distinct full combinations of keys, sorted; so every group is a range of them, and its profit and loss
// is the exact integer sum of theirs.
struct Group {
  std::string name;
  std::uint32_t first_leaf, last_leaf;  // [first, last)
};

struct Groups {
  std::vector<Group> groups;                    // the book first, then depth first
  std::vector<std::uint32_t> leaf_of_position;  // [positions]
  std::uint32_t leaves = 0;
};

Groups make_groups(const Inputs& inputs);

// Both, the leaves of `more` after the others, and each with its own groups.
Groups append(Groups groups, Groups more);

// The value of a grouping key for a position.
std::string group_value(const std::string& key, const PositionRow& position, const Instrument& instrument);

// [names of the positions' instrument column] what each name is defined as. Throws std::logic_error if one is not,
// which readers exclude.
std::vector<const Instrument*> held_instruments(const Inputs& inputs);

}  // namespace tailbit
