#include "host/io/import_deribit.hpp"

#include <algorithm>
#include <set>

#include "host/io/csv.hpp"
#include "host/io/files.hpp"
#include "host/io/readers.hpp"
#include "host/io/sample_book.hpp"
#include "host/io/text.hpp"
#include "host/io/write_inputs.hpp"

namespace tailbit {
namespace {

enum Column {
  timestamp,
  instrument_name,
  underlying,
  option_type,
  strike,
  expiry_datetime,
  implied_volatility,
  open_interest,
  currency,
  index_price
};

std::vector<CsvColumn> layout() {
  std::vector<CsvColumn> columns;
  for (const char* name : {"timestamp", "instrument_name", "underlying", "option_type", "strike", "expiry_datetime",
                           "implied_volatility", "open_interest", "currency", "index_price"}) {
    columns.push_back({name, true});
  }
  // Of no use here: names, prices in coin, and what follows from the columns above.
  for (const char* name :
       {"underlying_name", "time_to_maturity", "bid_price", "ask_price", "mark_price", "mid_price", "futures_price",
        "futures_instrument_name", "delta", "vega", "volume", "bid_ask_spread", "volume_usd"}) {
    columns.push_back({name, false});
  }
  return columns;
}

// Snapshots are stamped to the microsecond; the fraction is cut off.
std::optional<Timestamp> parse_truncated(std::string_view text) {
  std::string whole(text);
  if (whole.size() > 19 && whole[19] == '.') whole.erase(19, whole.find_first_not_of("0123456789", 20) - 19);
  return parse_timestamp(whole);
}

bool read_positive(std::string_view cell, double& out) {
  const auto number = parse_number(cell);
  if (number) out = *number;
  return number && *number > 0.0;
}

std::string bad_cell(const CsvFile& csv, Column column) {
  return "malformed: " + csv.columns()[column].name + " is " + in_quotes(csv[column]);
}

// The option that the name stands for, as if settled in USD: BTC-27MAR26-70000-C read as BTC_USDC-27MAR26-70000-C.
std::optional<Instrument> usd_settled_twin(const std::string& name, const std::string& coin) {
  if (coin.empty() || !name.starts_with(coin + "-")) return std::nullopt;
  auto listed = parse_listed_name(coin + "_USDC" + name.substr(coin.size()));
  if (!listed.instrument || !std::holds_alternative<European::Terms>(listed.instrument->terms)) return std::nullopt;
  listed.instrument->id = name;
  return listed.instrument;
}

// Reads a row; returns why it cannot be used, or "".
std::string read_option(const CsvFile& csv, ChainOption& out) {
  if (!csv.malformed().empty()) return "malformed: " + csv.malformed();
  const auto time = parse_truncated(csv[timestamp]);
  if (!time) return bad_cell(csv, timestamp);
  out.time = *time;
  const auto twin = usd_settled_twin(std::string(csv[instrument_name]), std::string(csv[currency]));
  if (!twin) return bad_cell(csv, instrument_name);
  out.instrument = *twin;
  auto& terms = std::get<European::Terms>(out.instrument.terms);
  if (parse_number(csv[strike]) != terms.strike) return bad_cell(csv, strike) + ", the name says otherwise";
  if (parse_timestamp(csv[expiry_datetime]) != terms.expiry)
    return bad_cell(csv, expiry_datetime) + ", the name says otherwise";
  if (csv[option_type] != Spelling<OptionKind>::names[static_cast<std::size_t>(terms.option)]) {
    return bad_cell(csv, option_type) + ", the name says otherwise";
  }
  if (!read_positive(csv[underlying], out.forward)) return bad_cell(csv, underlying);
  if (!read_positive(csv[index_price], out.index_price)) return bad_cell(csv, index_price);
  out.open_interest = 0.0;
  if (!csv[open_interest].empty() && !read_positive(csv[open_interest], out.open_interest) &&
      !(out.open_interest == 0.0)) {
    return bad_cell(csv, open_interest);
  }
  double vol = 0.0;
  if (!read_positive(csv[implied_volatility], vol))
    return "no vol: implied_volatility is " + in_quotes(csv[implied_volatility]);
  if (vol < kLeastVol) return "vol " + number_text(vol) + " is below " + number_text(kLeastVol);
  terms.vol = vol;
  return "";
}

Quote quote(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  const double median = n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
  return {median, values.front(), values.back()};
}

void summarise(DeribitChain& chain) {
  struct Rows {
    std::vector<double> spots;
    std::map<Timestamp, std::vector<double>> forwards;
  };
  std::map<std::string, Rows> rows;
  for (const ChainOption& option : chain.options) {
    Rows& r = rows[option.instrument.underlying];
    r.spots.push_back(option.index_price);
    r.forwards[option.terms().expiry].push_back(option.forward);
  }
  for (const auto& [name, r] : rows) {
    ImportedUnderlying& out = chain.underlyings[name];
    out.spot = quote(r.spots);
    for (const auto& [expiry, forwards] : r.forwards) out.forwards[expiry] = quote(forwards);
  }
}

// Options that are over by as_of, and names that come again, are of no use.
void drop_expired_and_repeated(DeribitChain& chain, const std::vector<std::size_t>& lines) {
  std::set<std::string> seen;
  std::vector<ChainOption> kept;
  for (std::size_t i = 0; i < chain.options.size(); ++i) {
    ChainOption& option = chain.options[i];
    const std::string& id = option.instrument.id;
    if (option.terms().expiry <= chain.as_of) {
      chain.dropped.push_back({lines[i], id, "expired at " + timestamp_text(option.terms().expiry)});
    } else if (!seen.insert(id).second) {
      chain.dropped.push_back({lines[i], id, "listed before"});
    } else {
      kept.push_back(std::move(option));
    }
  }
  chain.options = std::move(kept);
  std::sort(chain.dropped.begin(), chain.dropped.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
}

nlohmann::ordered_json report_json(const DeribitChain& chain, const std::string& source) {
  using nlohmann::ordered_json;
  ordered_json dropped = ordered_json::array(), underlyings = ordered_json::object();
  for (const DroppedRow& row : chain.dropped) {
    dropped.push_back({{"line", row.line}, {"instrument", row.instrument}, {"reason", row.reason}});
  }
  for (const auto& [name, u] : chain.underlyings) {
    ordered_json forwards = ordered_json::array();
    for (const auto& [expiry, f] : u.forwards) {
      forwards.push_back({{"expiry", timestamp_text(expiry)}, {"forward", f.median}, {"low", f.low}, {"high", f.high}});
    }
    underlyings[name] = {
        {"spot", u.spot.median}, {"low", u.spot.low}, {"high", u.spot.high}, {"forwards", std::move(forwards)}};
  }
  return {{"schema", "tailbit.import/1"},
          {"source", source},
          {"rows", chain.rows},
          {"imported", chain.options.size()},
          {"as_of", timestamp_text(chain.as_of)},
          {"time_spread_seconds", chain.time_spread_seconds},
          {"underlyings", std::move(underlyings)},
          {"dropped", std::move(dropped)}};
}

}  // namespace

DeribitChain read_deribit_chain(const std::string& path) {
  Problems problems;
  CsvFile csv(path, ExitCode::bad_data, layout(), problems);
  DeribitChain chain;
  std::vector<std::size_t> lines;  // [options]
  Timestamp earliest{0};
  while (csv.next()) {
    ++chain.rows;
    ChainOption option{};
    const std::string reason = read_option(csv, option);
    if (!reason.empty()) {
      chain.dropped.push_back({csv.line(), std::string(csv[instrument_name]), reason});
      continue;
    }
    earliest = lines.empty() ? option.time : std::min(earliest, option.time);
    chain.as_of = lines.empty() ? option.time : std::max(chain.as_of, option.time);
    chain.options.push_back(std::move(option));
    lines.push_back(csv.line());
  }
  problems.throw_if_any();
  chain.time_spread_seconds = chain.as_of.seconds - earliest.seconds;
  drop_expired_and_repeated(chain, lines);
  if (chain.options.empty()) {
    const std::string first = chain.dropped.empty() ? "there is no row" : "the first: " + chain.dropped.front().reason;
    csv.problem("no option can be used (" + first + ")", "give a chain in Deribit's layout of 2026");
  }
  problems.throw_if_any();
  summarise(chain);
  return chain;
}

Market chain_market(const DeribitChain& chain) {
  Market market;
  market.as_of = chain.as_of;
  for (const auto& [name, u] : chain.underlyings) {
    UnderlyingMarket& out = market.underlyings[name];
    out.spot = u.spot.median;
    for (const auto& [expiry, forward] : u.forwards) out.forwards.push_back({expiry, forward.median});
  }
  return market;
}

std::vector<Instrument> chain_instruments(const DeribitChain& chain) {
  std::vector<Instrument> instruments;
  for (const ChainOption& option : chain.options) instruments.push_back(option.instrument);
  std::sort(instruments.begin(), instruments.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return instruments;
}

int import_deribit_chain(const std::string& path, const std::string& out_dir, std::optional<std::uint64_t> book_seed,
                         std::ostream& report) {
  const DeribitChain chain = read_deribit_chain(path);
  make_folder(out_dir);
  write_file(out_dir + "/market.json", json_text(market_to_json(chain_market(chain))));
  write_file(out_dir + "/instruments.json", json_text(instruments_to_json(chain_instruments(chain))));
  write_file(out_dir + "/import_report.json", json_text(report_json(chain, path)));
  if (book_seed) write_sample_book(chain, *book_seed, out_dir);
  report << "imported " << chain.options.size() << " of " << chain.rows << " options as of "
         << timestamp_text(chain.as_of) << " into " << out_dir << "\n";
  if (!chain.dropped.empty()) {
    report << chain.dropped.size() << " rows dropped, reasons in " << out_dir << "/import_report.json\n";
  }
  if (book_seed) report << "to run the book: tailbit run " << out_dir << "/run.json\n";
  return 0;
}

}  // namespace tailbit
