// A chain of options as downloaded from Deribit (the CSV layout of 2026), as tailbit's market and instruments.
//
// Deribit's BTC and ETH options settle in coin; they are imported as USD-settled options of the same name, strike,
// expiry and vol, which have the same value in USD.
#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "host/io/inputs.hpp"

namespace tailbit {

// One listed option, as its row says.
struct ChainOption {
  Instrument instrument;  // a European option with its own vol
  Timestamp time;         // of the snapshot
  double index_price;     // USD
  double forward;         // USD, for the option's expiry
  double open_interest;   // coin, 0 if not given

  const European::Terms& terms() const { return std::get<European::Terms>(instrument.terms); }
};

struct DroppedRow {
  std::size_t line;
  std::string instrument, reason;
};

// The median of what the rows say, and how far apart they are.
struct Quote {
  double median, low, high;
};
struct ImportedUnderlying {
  Quote spot;
  std::map<Timestamp, Quote> forwards;  // by expiry
};

struct DeribitChain {
  std::size_t rows = 0;
  Timestamp as_of;  // of the latest row
  std::int64_t time_spread_seconds = 0;
  std::vector<ChainOption> options;  // in file order
  std::vector<DroppedRow> dropped;
  std::map<std::string, ImportedUnderlying> underlyings;
};

// Throws a Failure if the file is not of the layout or holds no option that can be used.
DeribitChain read_deribit_chain(const std::string& path);

Market chain_market(const DeribitChain& chain);
std::vector<Instrument> chain_instruments(const DeribitChain& chain);

// Writes DIR/market.json, DIR/instruments.json and DIR/import_report.json; with `book_seed` also a made-up book over
// all the options with a model and a config, ready to run (host/io/sample_book.hpp). Tells on `report` what was done.
// Returns 0; throws Failure.
int import_deribit_chain(const std::string& path, const std::string& out_dir, std::optional<std::uint64_t> book_seed,
                         std::ostream& report);

}  // namespace tailbit
