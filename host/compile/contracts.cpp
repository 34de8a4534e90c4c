#include "host/compile/contracts.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>
#include <unordered_map>

#include "host/compile/underlyings.hpp"
#include "tailbit/core/exact_sum.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

namespace {

// The rows of each instrument, one instrument after another.
struct RowsByInstrument {
  std::vector<std::size_t> ends;    // [names] the rows of name i end before ends[i] and begin where those before end
  std::vector<std::uint32_t> rows;  // [positions]

  std::span<std::uint32_t> of(std::uint32_t name) {
    const std::size_t begin = name == 0 ? 0 : ends[name - 1];
    return {rows.data() + begin, ends[name] - begin};
  }
};

RowsByInstrument sort_rows(const Positions::Column& instruments) {
  RowsByInstrument sorted;
  std::vector<std::size_t> next(instruments.names.size() + 1, 0);
  for (const std::uint32_t name : instruments.ids) ++next[name + 1];
  for (std::size_t name = 1; name < next.size(); ++name) next[name] += next[name - 1];
  sorted.ends.assign(next.begin() + 1, next.end());
  sorted.rows.resize(instruments.ids.size());
  for (std::uint32_t row = 0; row < instruments.ids.size(); ++row) sorted.rows[next[instruments.ids[row]]++] = row;
  return sorted;
}

struct LeafQuantity {
  std::uint32_t leaf;
  double quantity;
};

// The order of contracts in a book.
bool before(const Instrument& a, const Instrument& b) {
  return std::tuple(a.terms.index(), std::string_view(a.underlying), std::string_view(a.id)) <
         std::tuple(b.terms.index(), std::string_view(b.underlying), std::string_view(b.id));
}

// The sum per leaf, leaves ascending. Sums are exact, so the order within a leaf does not matter.
std::vector<LeafQuantity> sum_by_leaf(std::span<std::uint32_t> rows, const std::vector<std::uint32_t>& leaf_of,
                                      std::span<const double> quantities) {
  std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) { return leaf_of[a] < leaf_of[b]; });
  std::vector<LeafQuantity> sums;
  for (std::size_t i = 0; i < rows.size();) {
    const std::uint32_t leaf = leaf_of[rows[i]];
    ExactSum sum;
    for (; i < rows.size() && leaf_of[rows[i]] == leaf; ++i) sum.add(quantities[rows[i]]);
    sums.push_back({leaf, sum.value()});
  }
  return sums;
}

}  // namespace

NettedBook net(const Inputs& inputs, const Groups& groups, const std::vector<market::UnderlyingToday>& underlyings) {
  std::unordered_map<std::string, std::uint32_t> index_of;
  for (std::uint32_t u = 0; u < underlyings.size(); ++u) index_of.emplace(underlyings[u].name, u);

  const Positions::Column& held = inputs.positions.column(PositionKey::instrument);
  RowsByInstrument rows = sort_rows(held);

  NettedBook book;
  ExactSum gross, gross_scale;
  std::vector<const Instrument*> order;
  for (const Instrument& instrument : inputs.instruments) order.push_back(&instrument);
  std::sort(order.begin(), order.end(), [](const Instrument* a, const Instrument* b) { return before(*a, *b); });
  for (const Instrument* instrument : order) {
    const auto name = held.names.find(instrument->id);
    if (!name) continue;
    Contract contract{instrument, index_of.at(instrument->underlying), static_cast<std::uint32_t>(book.weights.size()),
                      0};
    const double spot = underlyings[contract.underlying].spot;
    double notional = spot, scale = spot;  // per unit
    visit_family(instrument->terms, [&]<class Family>(const auto& terms) {
      scale = Family::scale(terms, spot);
      if constexpr (requires { Family::notional(terms, spot); }) notional = Family::notional(terms, spot);
    });
    for (const LeafQuantity& netted :
         sum_by_leaf(rows.of(*name), groups.leaf_of_position, inputs.positions.quantities())) {
      const double quantity = netted.quantity * instrument->multiplier;
      if (quantity == 0.0) continue;
      book.weights.push_back({netted.leaf, quantity});
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

NettedBook join(const NettedBook& a, const NettedBook& b, std::uint32_t leaves) {
  NettedBook joined;
  joined.gross_notional = a.gross_notional + b.gross_notional;
  joined.gross_scale = a.gross_scale + b.gross_scale;
  const auto hold = [&](const NettedBook& book, const Contract& contract, std::uint32_t raised) {
    for (std::uint32_t w = 0; w < contract.weight_count; ++w) {
      const Weight& weight = book.weights[contract.first_weight + w];
      joined.weights.push_back({weight.leaf + raised, weight.quantity});
    }
    joined.contracts.back().weight_count += contract.weight_count;
  };
  auto i = a.contracts.begin(), j = b.contracts.begin();
  while (i != a.contracts.end() || j != b.contracts.end()) {
    const bool of_a = i != a.contracts.end() && (j == b.contracts.end() || !before(*j->instrument, *i->instrument));
    const bool of_b = j != b.contracts.end() && (i == a.contracts.end() || !before(*i->instrument, *j->instrument));
    const Contract& contract = of_a ? *i : *j;
    joined.contracts.push_back(
        {contract.instrument, contract.underlying, static_cast<std::uint32_t>(joined.weights.size()), 0});
    if (of_a) hold(a, *i++, 0);
    if (of_b) hold(b, *j++, leaves);
  }
  return joined;
}

double unrealised_profit(const Inputs& inputs, const std::vector<market::UnderlyingToday>& underlyings) {
  std::unordered_map<std::string_view, const market::UnderlyingToday*> underlying_of;
  for (const market::UnderlyingToday& underlying : underlyings) underlying_of.emplace(underlying.name, &underlying);
  const std::vector<const Instrument*> instruments = held_instruments(inputs);
  struct Marked {
    bool settled = false;  // to mark, so that an entry price says what was made so far
    bool coin = false;
    double multiplier, mark, spot;
  };
  std::vector<Marked> marked(instruments.size());  // [names]
  for (std::size_t name = 0; name < instruments.size(); ++name) {
    const Instrument& instrument = *instruments[name];
    const market::UnderlyingToday& underlying = *underlying_of.at(instrument.underlying);
    if (const std::optional<double> mark = mark_today(instrument.terms, underlying))
      marked[name] = {true, in_coin(instrument.terms), instrument.multiplier, *mark, underlying.spot};
  }
  const std::vector<std::uint32_t>& names = inputs.positions.column(PositionKey::instrument).ids;
  const std::span<const double> quantities = inputs.positions.quantities();
  const std::span<const double> entry_prices = inputs.positions.entry_prices();
  ExactSum profit;
  for (std::size_t row = 0; row < names.size(); ++row) {
    const auto& [settled, coin, multiplier, mark, spot] = marked[names[row]];
    if (!settled || std::isnan(entry_prices[row])) continue;
    const double units = quantities[row] * multiplier;
    profit.add(coin ? units * (1.0 / entry_prices[row] - 1.0 / mark) * spot : units * (mark - entry_prices[row]));
  }
  return profit.value();
}

}  // namespace tailbit
