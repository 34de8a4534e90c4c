#include "host/compile/coin_cash.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "host/compile/underlyings.hpp"

namespace tailbit {
namespace {

// The spot contract of an underlying: one that the book holds, or else a new one, whose name nothing else has.
std::string spot_of(const std::string& underlying, Inputs& inputs) {
  std::vector<Instrument>& all = inputs.instruments;
  const auto is_spot = [&](const Instrument& i) {
    return i.underlying == underlying && i.multiplier == 1.0 && std::holds_alternative<Spot::Terms>(i.terms);
  };
  const auto held = std::find_if(all.begin(), all.end(), is_spot);
  if (held != all.end()) return held->id;
  const auto by_id = [](const Instrument& i, const std::string& id) { return i.id < id; };
  std::string id = underlying;
  auto place = std::lower_bound(all.begin(), all.end(), id, by_id);
  while (place != all.end() && place->id == id) {
    id += " cash";
    place = std::lower_bound(all.begin(), all.end(), id, by_id);
  }
  all.insert(place, {id, underlying, 1.0, Spot::Terms{}});
  return id;
}

}  // namespace

std::size_t add_coin_cash(Inputs& inputs) {
  struct Settled {
    double mark, multiplier;
    std::string underlying;
  };
  std::unordered_map<std::string, Settled> settled;  // coin-settled instruments
  const std::vector<market::UnderlyingToday> underlyings = make_underlyings(inputs);
  for (const Instrument& instrument : inputs.instruments) {
    if (!in_coin(instrument.terms)) continue;
    const auto underlying = std::find_if(underlyings.begin(), underlyings.end(),
                                         [&](const auto& u) { return u.name == instrument.underlying; });
    if (const auto mark = mark_today(instrument.terms, *underlying))
      settled.emplace(instrument.id, Settled{*mark, instrument.multiplier, instrument.underlying});
  }
  std::vector<Position> cash;
  std::map<std::string, std::string> spots;  // by underlying
  for (const Position& position : inputs.positions) {
    const auto found = settled.find(position.instrument);
    if (found == settled.end() || !position.entry_price) continue;
    const auto& [mark, multiplier, underlying] = found->second;
    auto spot = spots.find(underlying);
    if (spot == spots.end()) spot = spots.emplace(underlying, spot_of(underlying, inputs)).first;
    Position coins = position;
    coins.instrument = spot->second;
    coins.quantity = position.quantity * multiplier * (1.0 / *position.entry_price - 1.0 / mark);
    coins.entry_price.reset();
    cash.push_back(std::move(coins));
  }
  inputs.positions.insert(inputs.positions.end(), cash.begin(), cash.end());
  return cash.size();
}

}  // namespace tailbit
