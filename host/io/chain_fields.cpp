// What the fields of a chain are called. Sources: Deribit's API documentation (public/ticker,
// public/get_book_summary_by_currency, public/get_instruments, public/get_order_book) and chains as people saved them.
#include <algorithm>
#include <array>

#include "host/io/chain_rows.hpp"

namespace tailbit {
namespace {

using F = ChainField;
constexpr double kPercent = 100.0;

constexpr ChainAlias kAliases[] = {
    {F::name, "instrument_name"},
    {F::name, "instrument"},
    {F::name, "symbol"},
    {F::kind, "option_type"},
    {F::kind, "type"},
    {F::strike, "strike"},
    {F::strike, "strike_price"},
    {F::expiry, "expiration_timestamp"},
    {F::expiry, "expiry_datetime"},
    {F::expiry, "expiration"},
    {F::expiry, "expire_date"},
    {F::expiry, "expiry"},
    {F::time, "timestamp"},
    {F::created, "creation_timestamp"},
    {F::forward, "underlying_price"},
    {F::forward, "futures_price"},
    {F::forward, "forward"},
    {F::forward, "underlying"},  // some write the forward here, others the coin
    {F::forward_name, "underlying_index"},
    {F::forward_name, "underlying_name"},
    {F::forward_name, "futures_instrument_name"},
    {F::index, "index_price"},
    {F::index, "estimated_delivery_price"},
    {F::index, "spot_ref"},
    {F::bid, "best_bid_price"},
    {F::bid, "bid_price"},
    {F::bid, "bid"},
    {F::ask, "best_ask_price"},
    {F::ask, "ask_price"},
    {F::ask, "ask"},
    {F::mark, "mark_price"},
    {F::mark, "mark"},
    {F::bid_vol, "bid_iv", kPercent},
    {F::ask_vol, "ask_iv", kPercent},
    {F::mark_vol, "mark_iv", kPercent},
    {F::mark_vol, "implied_volatility"},
    {F::delta, "greeks.delta"},
    {F::delta, "delta"},
    {F::gamma, "greeks.gamma"},
    {F::gamma, "gamma"},
    {F::vega, "greeks.vega"},
    {F::vega, "vega"},
    {F::theta, "greeks.theta"},
    {F::theta, "theta"},
    {F::rho, "greeks.rho"},
    {F::rho, "rho"},
    {F::open_interest, "open_interest"},
    {F::interest_rate, "interest_rate"},
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
