#include "host/compile/groups.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <unordered_map>

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

}  // namespace

std::string group_value(const std::string& key, const Position& position, const Instrument& instrument) {
  if (key == "account") return position.account;
  if (key == "desk") return position.desk;
  if (key == "venue") return position.venue;
  if (key == "counterparty") return position.counterparty;
  if (key == "instrument") return instrument.id;
  if (key == "underlying") return instrument.underlying;
  if (key == "family") return family_name(instrument.terms);
  if (key == "expiry") return expiry_date(instrument.terms);
  throw std::logic_error("group_by key \"" + key + "\" passed the reader but has no value");
}

Groups make_groups(const Inputs& inputs) {
  std::unordered_map<std::string, const Instrument*> instrument_of;
  for (const Instrument& instrument : inputs.instruments) instrument_of.emplace(instrument.id, &instrument);

  const std::vector<std::string>& keys = inputs.config.group_by;
  using Values = std::vector<std::string>;
  std::map<Values, std::uint32_t> leaf_of;
  std::vector<const std::uint32_t*> leaf_of_position;  // map nodes stay put
  leaf_of_position.reserve(inputs.positions.size());
  for (const Position& position : inputs.positions) {
    Values values;
    for (const std::string& key : keys)
      values.push_back(group_value(key, position, *instrument_of.at(position.instrument)));
    leaf_of_position.push_back(&leaf_of.emplace(std::move(values), 0).first->second);
  }

  Groups result;
  for (auto& [values, leaf] : leaf_of) leaf = result.leaves++;
  for (const std::uint32_t* leaf : leaf_of_position) result.leaf_of_position.push_back(*leaf);

  result.groups.push_back({"book", 0, result.leaves});
  Values open;  // the prefix of the groups that are being extended
  std::vector<std::size_t> open_groups;
  for (const auto& [values, leaf] : leaf_of) {
    std::size_t common = 0;
    while (common < open.size() && open[common] == values[common]) ++common;
    open.resize(common);
    open_groups.resize(common);
    while (open.size() < keys.size()) {
      const std::size_t depth = open.size();
      const std::string parent = depth == 0 ? "" : result.groups[open_groups.back()].name + ",";
      result.groups.push_back({parent + keys[depth] + "=" + in_name(values[depth]), leaf, leaf});
      open_groups.push_back(result.groups.size() - 1);
      open.push_back(values[depth]);
    }
    for (const std::size_t group : open_groups) result.groups[group].last_leaf = leaf + 1;
  }
  return result;
}

}  // namespace tailbit
