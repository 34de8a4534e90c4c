// A chain of listed options as of one moment, normalised from whatever file it came in: any of Deribit's CSV layouts
// since 2020, and the answers of its API (public/get_book_summary_by_currency, public/ticker) as JSON or JSON Lines.
//
// Units: USD, decimals (0.6 = 60 % vol), UTC seconds; option prices per unit of the underlying, in the settlement
// currency (coin, or USD for names such as SOL_USDC-...). What Deribit's fields mean: its API documentation,
// public/ticker and public/get_book_summary_by_currency; units of Greeks in host/io/chain_checks.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tailbit/core/time.hpp"
#include "tailbit/instruments/terms.hpp"

namespace tailbit {

// One option as its row says.
struct ChainQuote {
  std::string where;         // "line 12" or "/result/17"
  std::string name;          // "BTC-27MAR26-70000-C"
  std::string underlying;    // "BTC"
  bool usd_settled = false;  // prices in USD; else in coin
  OptionKind option = OptionKind::call;
  double strike = 0.0;  // USD
  Timestamp expiry;
  std::optional<Timestamp> time;           // of the quote; see Chain::as_of_from for where it may come from
  std::optional<double> forward;           // USD, for this expiry
  bool synthetic_forward = false;          // no listed future backs it (SYN.*)
  std::optional<double> index_price;       // USD
  std::optional<double> bid, ask, mark;    // absent: no quote (0, empty, None)
  std::optional<double> bid_vol, ask_vol;  // absent: none (0, 500 % or more, empty)
  std::optional<double> mark_vol;
  // As published: delta per 1 of the forward, gamma per USD, vega in USD per 1 % of vol, theta in USD per day, rho in
  // USD per 1 % of rate. Only compared with, never used.
  std::optional<double> delta, gamma, vega, theta, rho;
  double open_interest = 0.0;  // coin
};

// A row that is not among the quotes. Reasons begin with one of a few words, then tell details behind a colon:
// "malformed: strike is \"x\"", "not an option", "a future: ...", "a perpetual: ...", "expired: ...", "repeated: ...",
// "no forward: ...".
struct ChainDrop {
  std::string where, name, reason;
};

// The median of what the rows say, and how far apart they are.
struct ChainForward {
  double forward = 0.0, low = 0.0, high = 0.0;  // USD
  bool synthetic = false;                       // no row names a listed future
  bool from_future = false;                     // from the future's own row: no option row has a forward
  std::size_t rows = 0;                         // that say something
};

struct ChainUnderlying {
  double spot = 0.0, spot_low = 0.0, spot_high = 0.0;  // index price, USD
  std::map<Timestamp, ChainForward> forwards;          // by expiry, of the quotes
  std::map<Timestamp, double> futures;                 // marks of expiries without options, USD
  std::optional<double> perpetual_mark;                // USD
};

struct Chain {
  std::string source;  // path
  std::string layout;  // "csv, vols in percent, times in ms since 1970"
  std::size_t rows = 0;
  Timestamp as_of;
  std::int64_t time_spread_seconds = 0;  // from the earliest quote to the latest
  // "latest quote", "given", "the answer's usOut", "inferred from vega and theta", "inferred from marks and vols"
  std::string as_of_from;
  std::vector<ChainQuote> quotes;  // in file order; quotes and dropped are all rows
  std::vector<ChainDrop> dropped;  // in file order
  std::vector<std::string> warnings;
  std::map<std::string, ChainUnderlying> underlyings;  // of the quotes
};

struct ChainOptions {
  std::optional<Timestamp> as_of;  // replaces what the file says, and what it does not say
};

// Throws a Failure if the file cannot be read, is of no known layout, contradicts itself in its units, does not say
// when it was taken, or holds no option that can be used.
Chain read_chain(const std::string& path, const ChainOptions& options = {});

// The moment that a quote is of: its own time, or the chain's; always the chain's where that was given.
Timestamp quote_time(const Chain& chain, const ChainQuote& quote);

// "malformed", "expired", ...: what a reason begins with.
std::string drop_kind(const ChainDrop& drop);

}  // namespace tailbit
