#include "host/ops/sample_market.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "host/compile/greeks.hpp"
#include "host/compile/underlyings.hpp"
#include "host/io/text.hpp"
#include "host/ops/named_random.hpp"
#include "tailbit/math/exp.hpp"

namespace tailbit {
namespace {

struct InventedCoin {
  const char* name;
  double spot, carry;          // USD, per year
  double short_vol, long_vol;  // at the money
  double rho, wings;           // of the surface
  double premium;              // of the perpetual
};
constexpr std::array kCoins{InventedCoin{"BTC", 95'000.0, 0.045, 0.36, 0.46, -0.25, 0.8, 0.0002},
                            InventedCoin{"ETH", 3300.0, 0.038, 0.57, 0.66, -0.15, 0.9, 0.0003}};
constexpr std::array kExpiries{"2026-01-16", "2026-01-17", "2026-01-23", "2026-01-30",
                               "2026-02-27", "2026-03-27", "2026-06-26", "2026-12-25"};

double rounded(double x, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, x);
  return *parse_number(text);
}

// A slice of Gatheral and Jacquier's surface SVI (2014, section 4.1; phi = eta / sqrt(theta), for which theta rising
// and eta (1 + |rho|) <= 2 leave no arbitrage) as raw SVI.
SviQuote slice(const InventedCoin& coin, Timestamp expiry, double years) {
  const double vol = math::fma(coin.short_vol - coin.long_vol, math::exp(-4.0 * years), coin.long_vol);
  const double theta = vol * vol * years;
  const double phi = coin.wings / math::sqrt(theta);
  const double rest = 1.0 - coin.rho * coin.rho;
  return {expiry,   rounded(0.5 * theta * rest, 8), rounded(0.5 * theta * phi, 8),
          coin.rho, rounded(-coin.rho / phi, 8),    rounded(math::sqrt(rest) / phi, 8)};
}

std::string price_text(double price) { return price > 0.0 ? number_text(rounded(price, 6)) : ""; }

}  // namespace

Market sample_market() {
  Market market;
  market.as_of = *parse_timestamp("2026-01-15T10:00:00Z");
  for (const InventedCoin& coin : kCoins) {
    UnderlyingMarket& out = market.underlyings[coin.name];
    out.spot = coin.spot;
    out.funding.rule = FundingRule::deribit;
    out.funding.premium = coin.premium;
    SviSurface surface;
    for (const char* date : kExpiries) {
      const Timestamp expiry = *parse_expiry(date);
      const double years = years_between(market.as_of, expiry);
      out.forwards.push_back({expiry, rounded(coin.spot * math::exp(coin.carry * years), 2)});
      surface.slices.push_back(slice(coin, expiry, years));
    }
    out.surface = std::move(surface);
  }
  return market;
}

std::string sample_chain_csv(const Market& market, const std::vector<ListedOption>& listing, std::uint64_t seed) {
  constexpr double kTick = 0.0001;  // coin
  std::string text =
      "timestamp,instrument_name,underlying,underlying_name,option_type,strike,expiry_datetime,time_to_maturity,"
      "bid_price,ask_price,mark_price,mid_price,futures_price,futures_instrument_name,implied_volatility,delta,vega,"
      "open_interest,volume,bid_ask_spread,currency,index_price,volume_usd\n";
  for (const ListedOption& option : listing) {
    const auto& terms = std::get<European::Terms>(option.instrument.terms);
    const std::string& id = option.instrument.id;
    const market::UnderlyingToday underlying = make_underlying(option.instrument.underlying, market);
    const double years = years_between(market.as_of, terms.expiry);
    const double forward = rounded(underlying.spot * math::exp(underlying.carry.rate(years) * years), 2);
    // The venue's marks are a smooth surface; what people quote is a little off it.
    const double vol = rounded(vol_today(terms.strike, terms.expiry, 0.0, underlying), 4);
    const ClosedForm black = European::closed_form({}, {terms.option, forward, terms.strike, years, 0.0, 0.0, vol});
    const double mark = black.value / forward;
    const double spread = std::max(1.0, std::round(mark * (0.02 + 0.03 * named_uniform(seed, "spread " + id)) / kTick));
    const double below = std::floor(mark / kTick + 0.8 * (named_uniform(seed, "lean " + id) - 0.5) * spread);
    const double bid = std::max(0.0, below - spread + 1.0) * kTick;
    const double ask = (std::max(0.0, below) + spread) * kTick;
    const bool two_sided = bid > 0.0;
    const double volume = rounded(0.2 * option.open_interest * named_uniform(seed, "volume " + id), 1);
    const std::string future = option.instrument.underlying + "-" + listed_date_text(terms.expiry);
    const std::array<std::string, 23> cells{timestamp_text(market.as_of),
                                            id,
                                            number_text(forward),
                                            future,
                                            terms.option == OptionKind::call ? "call" : "put",
                                            number_text(terms.strike),
                                            timestamp_text(terms.expiry),
                                            number_text(years),
                                            price_text(bid),
                                            price_text(ask),
                                            number_text(rounded(mark, 8)),
                                            two_sided ? price_text(0.5 * (bid + ask)) : "",
                                            number_text(forward),
                                            future,
                                            number_text(vol),
                                            number_text(rounded(black.delta, 5)),
                                            number_text(rounded(black.vega / 100.0, 5)),
                                            number_text(option.open_interest),
                                            number_text(volume),
                                            two_sided ? price_text(ask - bid) : "",
                                            option.instrument.underlying,
                                            number_text(underlying.spot),
                                            number_text(rounded(volume * black.value, 2))};
    for (std::size_t c = 0; c < cells.size(); ++c) text += (c == 0 ? "" : ",") + cells[c];
    text += "\n";
  }
  return text;
}

}  // namespace tailbit
