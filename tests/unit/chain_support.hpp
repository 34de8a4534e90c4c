// Made-up options as a venue would list them: prices and Greeks from Black's formula in plain <cmath>, rounded as
// Deribit rounds them, and files of such rows.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "host/io/chain.hpp"
#include "host/io/text.hpp"
#include "tests/unit/io_files.hpp"

namespace tailbit::test {

inline Timestamp moment(const std::string& text) { return parse_timestamp(text).value(); }

// What Black's formula says of an option, in Deribit's units.
struct Listed {
  double mark, delta, gamma, vega, theta, rho;  // mark in coin, or USD if asked for
};
inline Listed listed_values(bool call, double forward, double strike, double years, double vol, bool usd = false) {
  const auto cdf = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  const double stdev = vol * std::sqrt(years), d1 = std::log(forward / strike) / stdev + 0.5 * stdev, d2 = d1 - stdev;
  const double density = std::exp(-0.5 * d1 * d1) / std::sqrt(2.0 * std::acos(-1.0)), sign = call ? 1.0 : -1.0;
  const double value = sign * (forward * cdf(sign * d1) - strike * cdf(sign * d2));
  const double decay = forward * density * vol / (2.0 * std::sqrt(years)) / 365.0 * std::min(365.0 * years, 1.0);
  return {usd ? value : value / forward,
          cdf(d1) - (call ? 0.0 : 1.0),
          density / (forward * stdev),
          forward * density * std::sqrt(years) / 100.0,
          -decay,
          sign * years * strike * cdf(sign * d2) / 100.0};
}

inline double rounded(double x, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(x * scale) / scale;
}

// Rows by column; a column that a row lacks is an empty cell.
using Cells = std::map<std::string, std::string>;

inline std::string csv_text(const std::vector<std::string>& columns, const std::vector<Cells>& rows) {
  std::string text;
  for (std::size_t c = 0; c < columns.size(); ++c) text += (c ? "," : "") + columns[c];
  text += "\n";
  for (const Cells& row : rows) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto cell = row.find(columns[c]);
      if (c > 0) text += ",";
      if (cell != row.end()) text += cell->second;
    }
    text += "\n";
  }
  return text;
}

inline Chain read_text(const std::string& text, const ChainOptions& options = {}) {
  const ScratchFolder folder;
  return read_chain(folder.write("chain", text), options);
}

// What a user would be told of the file.
inline Outcome chain_outcome(const std::string& text, const ChainOptions& options = {}) {
  const ScratchFolder folder;
  const std::string path = folder.write("chain", text);
  return outcome_of(folder, [&] { read_chain(path, options); });
}

// "where name: reason" of all drops.
inline std::vector<std::string> drops_of(const Chain& chain) {
  std::vector<std::string> drops;
  for (const ChainDrop& drop : chain.dropped) drops.push_back(drop.where + " " + drop.name + ": " + drop.reason);
  return drops;
}

inline const ChainQuote& quote_of(const Chain& chain, const std::string& name) {
  for (const ChainQuote& quote : chain.quotes) {
    if (quote.name == name) return quote;
  }
  throw std::out_of_range(name);
}

// A chain as Deribit would publish it at `time`, column by column: 3 expiries with 12 options each, vols with more
// digits than are printed, the Greeks of the nearest whole minute. `time_column` holds the time in ms.
inline std::vector<Cells> published_rows(Timestamp time, const std::string& time_column) {
  std::vector<Cells> rows;
  const Timestamp minute{(time.seconds + 30) / 60 * 60};
  int n = 0;
  for (const auto& [date, forward] :
       {std::pair{"26JAN26", 89700.25}, std::pair{"27FEB26", 90005.75}, std::pair{"26JUN26", 91401.5}}) {
    const Timestamp expiry = parse_listed_date(date).value();
    for (const int strike : {82000, 86000, 88000, 92000, 95000, 99000}) {
      for (const bool call : {true, false}) {
        const double vol = 0.4512345 + 0.2 * std::pow(std::log(strike / forward), 2) + 1.7e-5 * ++n;
        const Listed at_time = listed_values(call, forward, strike, years_between(time, expiry), vol),
                     at_minute = listed_values(call, forward, strike, years_between(minute, expiry), vol);
        rows.push_back(
            {{"instrument_name", "BTC-" + std::string(date) + "-" + std::to_string(strike) + (call ? "-C" : "-P")},
             {time_column, std::to_string(1000 * time.seconds)},
             {"underlying_price", number_text(forward)},
             {"underlying_index", "BTC-" + std::string(date)},
             {"index_price", "89650"},
             {"mark_price", number_text(rounded(at_time.mark, 8))},
             {"mark_iv", number_text(rounded(100.0 * vol, 2))},
             {"delta", number_text(rounded(at_minute.delta, 5))},
             {"gamma", number_text(rounded(at_minute.gamma, 5))},
             {"vega", number_text(rounded(at_minute.vega, 5))},
             {"theta", number_text(rounded(std::max(at_minute.theta, -at_time.mark * forward), 5))},
             {"rho", number_text(rounded(at_minute.rho, 5))}});
      }
    }
  }
  return rows;
}
inline const std::vector<std::string> kPublishedColumns{"instrument_name",
                                                        "timestamp",
                                                        "creation_timestamp",
                                                        "underlying_price",
                                                        "underlying_index",
                                                        "index_price",
                                                        "mark_price",
                                                        "mark_iv",
                                                        "delta",
                                                        "gamma",
                                                        "vega",
                                                        "theta",
                                                        "rho"};

}  // namespace tailbit::test
