#include "host/ops/describe.hpp"

#include <algorithm>
#include <map>

#include "host/compile/greeks.hpp"
#include "host/compile/groups.hpp"
#include "host/compile/underlyings.hpp"
#include "host/compile/value_today.hpp"
#include "host/io/text.hpp"
#include "host/ops/describe_regimes.hpp"
#include "host/ops/run.hpp"
#include "host/ops/surface_check.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

// The columns of every table.
struct Exposure {
  double gross_notional = 0.0, value = 0.0, delta = 0.0, gamma_1pct = 0.0, vega = 0.0, theta = 0.0, rho = 0.0;
  std::size_t positions = 0;

  void add(const Exposure& unit, double units) {
    gross_notional += math::abs(units) * unit.gross_notional;
    value += units * unit.value;
    delta += units * unit.delta;
    gamma_1pct += units * unit.gamma_1pct;
    vega += units * unit.vega;
    theta += units * unit.theta;
    rho += units * unit.rho;
    ++positions;
  }
  Json json() const {
    return {{"positions", positions},   {"gross_notional", gross_notional},
            {"value", value},           {"delta", delta},
            {"gamma_1pct", gamma_1pct}, {"vega", vega},
            {"theta", theta},           {"rho", rho}};
  }
};

// Of one unit of quantity.
Exposure unit_of(const Instrument& instrument, const market::UnderlyingToday& underlying) {
  const ClosedForm greeks = greeks_today(instrument.terms, underlying);
  const double spot = underlying.spot, m = instrument.multiplier;
  double notional = spot;
  visit_family(instrument.terms, [&]<class Family>(const auto& terms) {
    if constexpr (requires { Family::notional(terms, spot); }) notional = Family::notional(terms, spot);
  });
  Exposure unit;
  unit.gross_notional = m * notional;
  unit.value = m * value_today(instrument.terms, underlying);
  unit.delta = m * greeks.delta * spot;
  unit.gamma_1pct = m * greeks.gamma * spot * spot / 100.0;
  unit.vega = m * greeks.vega / 100.0;
  unit.theta = m * greeks.theta / 365.0;
  unit.rho = m * greeks.rho / 100.0;
  return unit;
}

using Table = std::map<std::string, Exposure>;

Json table_json(const Table& table) {
  Json rows = Json::array();
  for (const auto& [name, exposure] : table) {
    Json row{{"name", name}};
    row.update(exposure.json());
    rows.push_back(std::move(row));
  }
  return rows;
}

class BookView {
 public:
  explicit BookView(const Inputs& inputs) : inputs_(inputs), held_(held_instruments(inputs)) {
    std::map<std::string, market::UnderlyingToday> underlyings;
    for (const auto& underlying : make_underlyings(inputs)) underlyings.emplace(underlying.name, underlying);
    for (const Instrument* instrument : held_)
      units_.push_back(unit_of(*instrument, underlyings.at(instrument->underlying)));
    contracts_.resize(held_.size());
    quantities_.resize(held_.size());
    const auto& names = inputs.positions.column(PositionKey::instrument).ids;
    for (std::size_t row = 0; row < names.size(); ++row) {
      contracts_[names[row]].add(units_[names[row]], inputs.positions.quantities()[row]);
      quantities_[names[row]] += inputs.positions.quantities()[row];
      total_.add(units_[names[row]], inputs.positions.quantities()[row]);
    }
  }

  const Exposure& total() const { return total_; }
  std::size_t contracts() const { return held_.size(); }

  // By what only the contract decides.
  Json by_contract_key(const std::string& key) const {
    Table table;
    for (std::size_t name = 0; name < held_.size(); ++name) {
      const Exposure& c = contracts_[name];
      Exposure& e = table[group_value(key, {}, *held_[name])];
      const std::size_t positions = e.positions + c.positions;
      e.add(c, 1.0);
      e.positions = positions;
    }
    return table_json(table);
  }

  // The same with its value in coin.
  Json by_underlying() const {
    Json rows = by_contract_key("underlying");
    for (Json& row : rows)
      row["value_coin"] =
          row["value"].get<double>() / inputs_.market.underlyings.at(row["name"].get<std::string>()).spot;
    return rows;
  }

  // By a column of the book.
  Json by_column(PositionKey key) const {
    const Positions::Column& column = inputs_.positions.column(key);
    const auto& names = inputs_.positions.column(PositionKey::instrument).ids;
    std::vector<Exposure> sums(column.names.size());
    for (std::size_t row = 0; row < names.size(); ++row)
      sums[column.ids[row]].add(units_[names[row]], inputs_.positions.quantities()[row]);
    Table table;
    for (std::size_t id = 0; id < sums.size(); ++id)
      table[std::string(column.names[static_cast<std::uint32_t>(id)])] = sums[id];
    return table_json(table);
  }

  // The contracts with the most of something, in size.
  Json top(std::size_t count, double Exposure::*what) const {
    std::vector<std::size_t> order(held_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const double x = math::abs(contracts_[a].*what), y = math::abs(contracts_[b].*what);
      return x != y ? x > y : held_[a]->id < held_[b]->id;
    });
    Json rows = Json::array();
    for (std::size_t i = 0; i < std::min(count, order.size()); ++i) {
      if (contracts_[order[i]].*what == 0.0) break;
      Json row{{"name", held_[order[i]]->id}, {"quantity", quantities_[order[i]]}};
      row.update(contracts_[order[i]].json());
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  const Inputs& inputs_;
  std::vector<const Instrument*> held_;  // [names]
  std::vector<Exposure> units_;          // [names] of one unit
  std::vector<Exposure> contracts_;      // [names] of the book
  std::vector<double> quantities_;       // [names]
  Exposure total_;
};

// What there is of each underlying's market, and how good it is.
Json market_json(const Inputs& inputs) {
  Json out = Json::array();
  for (const auto& [name, u] : inputs.market.underlyings) {
    Json row{{"underlying", name}, {"spot", u.spot}, {"forwards", u.forwards.size()}};
    if (const auto* flat = std::get_if<FlatSurface>(&u.surface)) row["flat_vol"] = flat->vol;
    if (const auto* svi = std::get_if<SviSurface>(&u.surface)) {
      const market::UnderlyingToday underlying = make_underlying(name, inputs.market);
      row["slices"] = Json::array();
      for (const SviQuote& q : svi->slices) {
        const double years = years_between(inputs.market.as_of, q.expiry);
        const double forward = underlying.spot * math::exp(underlying.carry.rate(years) * years);
        Json slice{{"expiry", timestamp_text(q.expiry)},
                   {"days", years * 365.0},
                   {"forward", forward},
                   {"atm_vol", vol_today(forward, q.expiry, 0.0, underlying)}};
        if (q.fit) {
          slice["options"] = q.fit->options;
          slice["two_sided"] = q.fit->two_sided;
          slice["inside"] = q.fit->inside;
          slice["median_width"] = q.fit->median_width;
        }
        row["slices"].push_back(std::move(slice));
      }
    }
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

Json describe_job(const std::string& config_path, const DescribeOptions& options) {
  const ResolvedInputs resolved = resolve(config_path, {});
  const Inputs& inputs = resolved.inputs;
  const BookView book(inputs);
  Json out{{"schema", "tailbit.describe/1"},
           {"as_of", timestamp_text(inputs.market.as_of)},
           {"contracts", book.contracts()},
           {"coin_cash_positions", resolved.coin_cash_positions},
           {"total", book.total().json()}};
  out["by_underlying"] = book.by_underlying();
  for (const char* key : {"expiry", "family"}) out[std::string("by_") + key] = book.by_contract_key(key);
  out["by_venue"] = book.by_column(PositionKey::venue);
  out["by_desk"] = book.by_column(PositionKey::desk);
  out["by_account"] = book.by_column(PositionKey::account);
  out["top_vega"] = book.top(options.top, &Exposure::vega);
  out["top_delta"] = book.top(options.top, &Exposure::delta);
  out["market"] = market_json(inputs);
  if (inputs.model.regimes) out["regimes"] = regimes_outlook(inputs);
  if (options.surfaces != 0) {
    const SurfaceShocks shocks = options.stressed ? kStressedShocks : SurfaceShocks{};
    out["surfaces"] = to_json(check_shocked_surfaces(inputs.market, shocks, inputs.config.horizon_seconds,
                                                     options.surfaces, inputs.config.seed, 0));
  }
  out["warnings"] = inputs.warnings;
  return out;
}

}  // namespace tailbit
