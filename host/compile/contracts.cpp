#include "host/compile/contracts.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "host/compile/underlyings.hpp"
#include "tailbit/core/exact_sum.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

NettedBook net(const Inputs& inputs, const Groups& groups, const std::vector<market::UnderlyingToday>& underlyings) {
  std::unordered_map<std::string, std::uint32_t> index_of;
  for (std::uint32_t u = 0; u < underlyings.size(); ++u) index_of.emplace(underlyings[u].name, u);

  std::unordered_map<std::string, std::map<std::uint32_t, ExactSum>> quantity_of;  // by instrument, by leaf
  for (std::size_t p = 0; p < inputs.positions.size(); ++p) {
    quantity_of[inputs.positions[p].instrument][groups.leaf_of_position[p]].add(inputs.positions[p].quantity);
  }

  NettedBook book;
  ExactSum gross, gross_scale;
  std::vector<const Instrument*> order;
  for (const Instrument& instrument : inputs.instruments) order.push_back(&instrument);
  std::sort(order.begin(), order.end(), [](const Instrument* a, const Instrument* b) {
    return std::tuple(a->terms.index(), std::string_view(a->underlying), std::string_view(a->id)) <
           std::tuple(b->terms.index(), std::string_view(b->underlying), std::string_view(b->id));
  });
  for (const Instrument* instrument : order) {
    const auto quantities = quantity_of.find(instrument->id);
    if (quantities == quantity_of.end()) continue;
    Contract contract{instrument, index_of.at(instrument->underlying), static_cast<std::uint32_t>(book.weights.size()),
                      0};
    const double spot = underlyings[contract.underlying].spot;
    double notional = spot, scale = spot;  // per unit
    visit_family(instrument->terms, [&]<class Family>(const auto& terms) {
      scale = Family::scale(terms, spot);
      if constexpr (requires { Family::notional(terms, spot); }) notional = Family::notional(terms, spot);
    });
    for (const auto& [leaf, sum] : quantities->second) {
      const double quantity = sum.value() * instrument->multiplier;
      if (quantity == 0.0) continue;
      book.weights.push_back({leaf, quantity});
      gross.add(math::abs(quantity) * notional);
      gross_scale.add(math::abs(quantity) * math::max(notional, scale));
    }
    contract.weight_count = static_cast<std::uint32_t>(book.weights.size()) - contract.first_weight;
    if (contract.weight_count != 0) book.contracts.push_back(contract);
  }
  book.gross_notional = gross.value();
  book.gross_scale = gross_scale.value();
  return book;
}

double unrealised_profit(const Inputs& inputs, const std::vector<market::UnderlyingToday>& underlyings) {
  std::unordered_map<std::string_view, const market::UnderlyingToday*> underlying_of;
  for (const market::UnderlyingToday& underlying : underlyings) underlying_of.emplace(underlying.name, &underlying);
  struct Settled {
    double mark, spot, multiplier;
    bool in_coin;
  };
  std::unordered_map<std::string_view, Settled> settled;  // instruments that are settled to mark
  for (const Instrument& instrument : inputs.instruments) {
    const market::UnderlyingToday& underlying = *underlying_of.at(instrument.underlying);
    const std::optional<double> mark = mark_today(instrument.terms, underlying);
    if (mark)
      settled.emplace(instrument.id, Settled{*mark, underlying.spot, instrument.multiplier, in_coin(instrument.terms)});
  }
  ExactSum profit;
  for (const Position& position : inputs.positions) {
    const auto found = settled.find(position.instrument);
    if (found == settled.end() || !position.entry_price) continue;
    const auto& [mark, spot, multiplier, in_coin] = found->second;
    const double units = position.quantity * multiplier;
    profit.add(in_coin ? units * (1.0 / *position.entry_price - 1.0 / mark) * spot
                       : units * (mark - *position.entry_price));
  }
  return profit.value();
}

}  // namespace tailbit
