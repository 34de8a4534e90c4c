#include "host/compile/groups.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include <nlohmann/json.hpp>

#include "host/io/text.hpp"

namespace tailbit {
namespace {

std::string expiry_date(const ContractTerms& terms) {
  std::string date = "none";
  visit_family(terms, [&]<class Family>(const auto& held) {
    if constexpr (requires { held.expiry; }) date = timestamp_text(held.expiry);
  });
  return date;
}

std::string family_name(const ContractTerms& terms) {
  std::string name;
  visit_family(terms, [&]<class Family>(const auto&) { name = Family::name; });
  return name;
}

// Values that hold what separates keys in a name are quoted, so that no two groups share one.
std::string in_name(const std::string& value) {
  return value.find_first_of(",=\"") == std::string::npos ? value : nlohmann::json(value).dump();
}

// The column that a key is the name of; the instrument's own column stands for all that its contract says.
PositionKey column_of(const std::string& key) {
  if (key == "account") return PositionKey::account;
  if (key == "desk") return PositionKey::desk;
  if (key == "venue") return PositionKey::venue;
  if (key == "counterparty") return PositionKey::counterparty;
  return PositionKey::instrument;
}

std::string contract_value(const std::string& key, const Instrument& instrument) {
  if (key == "instrument") return instrument.id;
  if (key == "underlying") return instrument.underlying;
  if (key == "family") return family_name(instrument.terms);
  if (key == "expiry") return expiry_date(instrument.terms);
  throw std::logic_error("group_by key \"" + key + "\" passed the reader but has no value");
}

// One key's values, sorted, and which of them each name of its column has.
struct KeyValues {
  std::vector<std::string> sorted;
  std::vector<std::uint32_t> rank_of_name;  // [names of the column]
  const std::vector<std::uint32_t>* names;  // [positions]
};

KeyValues values_of(const std::string& key, const Inputs& inputs, const std::vector<const Instrument*>& instruments) {
  const PositionKey place = column_of(key);
  const Positions::Column& column = inputs.positions.column(place);
  std::vector<std::string> of_name;
  for (std::uint32_t name = 0; name < column.names.size(); ++name) {
    of_name.push_back(place == PositionKey::instrument ? contract_value(key, *instruments[name])
                                                       : std::string(column.names[name]));
  }
  KeyValues values{of_name, {}, &column.ids};
  std::sort(values.sorted.begin(), values.sorted.end());
  values.sorted.erase(std::unique(values.sorted.begin(), values.sorted.end()), values.sorted.end());
  for (const std::string& value : of_name) {
    const auto found = std::lower_bound(values.sorted.begin(), values.sorted.end(), value);
    values.rank_of_name.push_back(static_cast<std::uint32_t>(found - values.sorted.begin()));
  }
  return values;
}

// Replaces codes by their ranks among those that occur; returns what occurs, ascending.
std::vector<std::uint64_t> rank(std::vector<std::uint64_t>& codes, std::uint64_t above_all) {
  constexpr std::uint64_t kTable = std::uint64_t{1} << 22;  // codes that are looked up rather than searched for
  std::vector<std::uint64_t> occurring;
  if (above_all <= kTable) {
    std::vector<std::uint32_t> rank_of(above_all, 0);
    for (const std::uint64_t code : codes) rank_of[code] = 1;
    for (std::uint64_t code = 0; code < above_all; ++code) {
      if (rank_of[code] == 0) continue;
      rank_of[code] = static_cast<std::uint32_t>(occurring.size());
      occurring.push_back(code);
    }
    for (std::uint64_t& code : codes) code = rank_of[code];
    return occurring;
  }
  occurring = codes;
  std::sort(occurring.begin(), occurring.end());
  occurring.erase(std::unique(occurring.begin(), occurring.end()), occurring.end());
  for (std::uint64_t& code : codes) {
    const auto found = std::lower_bound(occurring.begin(), occurring.end(), code);
    code = static_cast<std::uint64_t>(found - occurring.begin());
  }
  return occurring;
}

using Ranks = std::vector<std::uint32_t>;

// The leaves: per leaf, in order, the rank of its value of each key; and each position's leaf in `codes`. A code is
// the rank of a position's combination of the keys so far, so it stays below the number of positions.
std::vector<Ranks> make_leaves(const std::vector<KeyValues>& keys, std::vector<std::uint64_t>& codes) {
  std::vector<Ranks> leaves(codes.empty() ? 0 : 1);
  for (const KeyValues& key : keys) {
    const std::uint64_t size = key.sorted.size();
    for (std::size_t p = 0; p < codes.size(); ++p) codes[p] = codes[p] * size + key.rank_of_name[(*key.names)[p]];
    std::vector<Ranks> longer;
    for (const std::uint64_t code : rank(codes, leaves.size() * size)) {
      longer.push_back(leaves[code / size]);
      longer.back().push_back(static_cast<std::uint32_t>(code % size));
    }
    leaves = std::move(longer);
  }
  return leaves;
}

}  // namespace

std::vector<const Instrument*> held_instruments(const Inputs& inputs) {
  const Dictionary& names = inputs.positions.column(PositionKey::instrument).names;
  std::vector<const Instrument*> held(names.size(), nullptr);
  for (const Instrument& instrument : inputs.instruments) {
    if (const auto name = names.find(instrument.id); name && !held[*name]) held[*name] = &instrument;
  }
  for (std::uint32_t name = 0; name < names.size(); ++name) {
    if (!held[name]) throw std::logic_error("no instrument defines " + std::string(names[name]));
  }
  return held;
}

std::string group_value(const std::string& key, const PositionRow& position, const Instrument& instrument) {
  switch (column_of(key)) {
    case PositionKey::account: return std::string(position.account);
    case PositionKey::desk: return std::string(position.desk);
    case PositionKey::venue: return std::string(position.venue);
    case PositionKey::counterparty: return std::string(position.counterparty);
    default: return contract_value(key, instrument);
  }
}

Groups make_groups(const Inputs& inputs) {
  const std::vector<const Instrument*> instruments = held_instruments(inputs);
  const std::vector<std::string>& names = inputs.config.group_by;
  std::vector<KeyValues> keys;
  for (const std::string& name : names) keys.push_back(values_of(name, inputs, instruments));
  std::vector<std::uint64_t> codes(inputs.positions.size(), 0);
  const std::vector<Ranks> leaves = make_leaves(keys, codes);

  Groups result;
  result.leaves = static_cast<std::uint32_t>(leaves.size());
  result.leaf_of_position.assign(codes.begin(), codes.end());
  result.groups.push_back({"book", 0, result.leaves});
  Ranks open;  // the prefix of the groups that are being extended
  std::vector<std::size_t> open_groups;
  for (std::uint32_t leaf = 0; leaf < result.leaves; ++leaf) {
    std::size_t common = 0;
    while (common < open.size() && open[common] == leaves[leaf][common]) ++common;
    open.resize(common);
    open_groups.resize(common);
    while (open.size() < keys.size()) {
      const std::size_t depth = open.size();
      const std::string parent = depth == 0 ? "" : result.groups[open_groups.back()].name + ",";
      const std::uint32_t value = leaves[leaf][depth];
      result.groups.push_back({parent + names[depth] + "=" + in_name(keys[depth].sorted[value]), leaf, leaf});
      open_groups.push_back(result.groups.size() - 1);
      open.push_back(value);
    }
    for (const std::size_t group : open_groups) result.groups[group].last_leaf = leaf + 1;
  }
  return result;
}

Groups append(Groups groups, Groups more) {
  for (Group& group : more.groups)
    groups.groups.push_back({std::move(group.name), group.first_leaf + groups.leaves, group.last_leaf + groups.leaves});
  for (const std::uint32_t leaf : more.leaf_of_position) groups.leaf_of_position.push_back(leaf + groups.leaves);
  groups.leaves += more.leaves;
  return groups;
}

}  // namespace tailbit
