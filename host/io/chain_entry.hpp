// One row of a chain's file, understood: an option, a dated future or a perpetual.
#pragma once

#include <optional>
#include <string>

#include "host/io/chain.hpp"
#include "host/io/chain_rows.hpp"

namespace tailbit {

struct ChainEntry {
  enum class Kind { option, future, perpetual };

  std::size_t row = 0;  // counted from 0
  Kind kind = Kind::option;
  // Of a future: name, underlying, usd_settled, expiry, time, index_price, mark. Of a perpetual: all these but expiry.
  // Vols as the name of their column says, not yet checked: 0 and 500 % are still there.
  ChainQuote quote;
  std::optional<Timestamp> created;  // "creation_timestamp", whatever it means in this file
  bool forward_named = false;        // the row says what its forward is: a listed future, or SYN.*
  bool zone_missing = false;         // a time of the row is without a zone, and was read as UTC
  double interest_rate = 0.0;        // per year, that the venue prices with
};

// Reads the row; returns why it cannot be used ("malformed: ...", "not an option"), or "".
std::string read_chain_entry(const ChainRow& row, ChainEntry& out);

// A moment as chains write it: seconds or milliseconds (or micro-, nanoseconds) since 1970, told apart by their size;
// ISO 8601 with T or a blank, a fraction that is cut off, and an offset or none; a date alone is 08:00 UTC, when listed
// contracts expire, and so is "26JAN24". Whole seconds, rounded down.
struct ChainMoment {
  Timestamp time;
  bool zone_missing = false;  // read as UTC
};
std::optional<ChainMoment> parse_chain_moment(std::string_view text);

}  // namespace tailbit
