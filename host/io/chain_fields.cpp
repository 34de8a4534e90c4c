// What the fields of a chain are called. Sources: Deribit's API documentation (public/ticker,
// public/get_book_summary_by_currency, public/get_instruments, public/get_order_book) and chains as people saved them.
#include <algorithm>
#include <array>

#include "host/io/chain_rows.hpp"

namespace tailbit {
namespace {

constexpr double kPercent = 100.0;

constexpr ChainAlias kAliases[] = {
    {ChainField::name, "instrument_name"},
    {ChainField::name, "instrument"},
    {ChainField::name, "symbol"},
    {ChainField::kind, "option_type"},
    {ChainField::kind, "type"},
    {ChainField::strike, "strike"},
    {ChainField::strike, "strike_price"},
    {ChainField::expiry, "expiration_timestamp"},
    {ChainField::expiry, "expiry_datetime"},
    {ChainField::expiry, "expiration"},
    {ChainField::expiry, "expire_date"},
    {ChainField::expiry, "expiry"},
    {ChainField::time, "timestamp"},
    {ChainField::created, "creation_timestamp"},
    {ChainField::forward, "underlying_price"},
    {ChainField::forward, "futures_price"},
    {ChainField::forward, "forward"},
    {ChainField::forward, "underlying"},  // some write the forward here, others the coin
    {ChainField::forward_name, "underlying_index"},
    {ChainField::forward_name, "underlying_name"},
    {ChainField::forward_name, "futures_instrument_name"},
    {ChainField::index, "index_price"},
    {ChainField::index, "estimated_delivery_price"},
    {ChainField::index, "spot_ref"},
    {ChainField::bid, "best_bid_price"},
    {ChainField::bid, "bid_price"},
    {ChainField::bid, "bid"},
    {ChainField::ask, "best_ask_price"},
    {ChainField::ask, "ask_price"},
    {ChainField::ask, "ask"},
    {ChainField::mark, "mark_price"},
    {ChainField::mark, "mark"},
    {ChainField::bid_vol, "bid_iv", kPercent},
    {ChainField::ask_vol, "ask_iv", kPercent},
    {ChainField::mark_vol, "mark_iv", kPercent},
    {ChainField::mark_vol, "implied_volatility"},
    {ChainField::delta, "greeks.delta"},
    {ChainField::delta, "delta"},
    {ChainField::gamma, "greeks.gamma"},
    {ChainField::gamma, "gamma"},
    {ChainField::vega, "greeks.vega"},
    {ChainField::vega, "vega"},
    {ChainField::theta, "greeks.theta"},
    {ChainField::theta, "theta"},
    {ChainField::rho, "greeks.rho"},
    {ChainField::rho, "rho"},
    {ChainField::open_interest, "open_interest"},
    {ChainField::interest_rate, "interest_rate"},
};

// "" is the number of the row, as written by pandas.
constexpr std::string_view kUnused[] = {"",
                                        "index",
                                        "Unnamed: 0",
                                        "greeks",
                                        "stats",
                                        "stats.volume",
                                        "stats.volume_usd",
                                        "stats.volume_notional",
                                        "stats.price_change",
                                        "stats.low",
                                        "stats.high",
                                        "state",
                                        "settlement_price",
                                        "settlement_period",
                                        "settlement_currency",
                                        "min_price",
                                        "max_price",
                                        "last",
                                        "last_price",
                                        "low",
                                        "high",
                                        "change_id",
                                        "bids",
                                        "asks",
                                        "best_bid_amount",
                                        "best_ask_amount",
                                        "mid_price",
                                        "bid_ask_spread",
                                        "volume",
                                        "volume_usd",
                                        "volume_notional",
                                        "price_change",
                                        "currency",
                                        "base_currency",
                                        "quote_currency",
                                        "counter_currency",
                                        "time_to_maturity",
                                        "contract_size",
                                        "tick_size",
                                        "min_trade_amount",
                                        "is_active",
                                        "instrument_id",
                                        "instrument_type",
                                        "price_index",
                                        "rfq",
                                        "kind",
                                        "maker_commission",
                                        "taker_commission",
                                        "block_trade_commission",
                                        "block_trade_min_trade_amount",
                                        "block_trade_tick_size",
                                        "tick_size_steps",
                                        "delivery_price",
                                        "current_funding",
                                        "funding_8h",
                                        "interest_value",
                                        "combo_state",
                                        "implied_bid",
                                        "implied_ask"};

}  // namespace

std::span<const ChainAlias> chain_aliases() { return kAliases; }

const ChainAlias* find_chain_alias(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kAliases), std::end(kAliases), [&](const auto& a) { return a.name == name; });
  return found == std::end(kAliases) ? nullptr : found;
}

std::string names_of(ChainField field) {
  std::vector<std::string_view> names;
  for (const ChainAlias& alias : kAliases) {
    if (alias.field == field) names.push_back(alias.name);
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

bool is_known_but_unused(std::string_view name) {
  return std::find(std::begin(kUnused), std::end(kUnused), name) != std::end(kUnused);
}

bool is_blank(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kNothing{"", "None", "none", "null", "nan", "NaN", "NaT", "NULL"};
  return std::find(kNothing.begin(), kNothing.end(), text) != kNothing.end();
}

void ChainRow::offer(const ChainAlias& alias, std::string_view text) {
  if (is_blank(text)) return;
  const auto i = static_cast<std::size_t>(alias.field);
  if (aliases_[i] && aliases_[i] < &alias) return;
  aliases_[i] = &alias;
  texts_[i] = text;
}

}  // namespace tailbit
