#include "host/io/chain.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "host/io/chain_entry.hpp"
#include "host/io/chain_rows.hpp"
#include "host/io/chain_statistics.hpp"
#include "host/io/chain_times.hpp"
#include "host/io/chain_units.hpp"
#include "host/io/files.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

using EntryKind = ChainEntry::Kind;

constexpr std::int64_t kLongSnapshot = 900;  // seconds

// Forwards of one expiry move by less within a snapshot.
constexpr double kForwardsApart = 0.01;

// A basis beyond these is worth a look: 2 % of the spot, and 100 % a year.
constexpr double kWideBasis = 0.02, kWideBasisPerYear = 1.0;

// The chain while it is put together: what is dropped keeps the number of its row, to be put in order at the end.
class Assembly {
 public:
  Assembly(const std::string& path, Problems& problems) : problems_(problems) { chain_.source = path; }

  Chain read(const ChainOptions& options);

 private:
  void take(const ChainRow& row);
  void drop(std::size_t row, const ChainQuote& quote, const std::string& reason) {
    dropped_.emplace_back(row, ChainDrop{quote.where, quote.name, reason});
  }
  void drop_expired();
  void drop_repeated();
  void place_futures();
  void drop_without_forward();
  void summarise();
  void describe_layout();
  void warn();
  void add_problem(const std::string& what, const std::string& remedy) {
    problems_.add(ExitCode::bad_data, {chain_.source, "", what, remedy});
  }
  void check_any_left();

  Problems& problems_;
  ChainFile file_;
  Chain chain_;
  std::vector<ChainEntry> entries_;                              // in file order
  std::vector<std::pair<std::size_t, ChainDrop>> dropped_;       // with the row's number
  std::map<std::pair<std::string, Timestamp>, double> futures_;  // marks, by underlying and expiry
  std::map<ChainField, const ChainAlias*> seen_;                 // the names of fields that rows used
  std::string time_text_;                                        // of the first row with a time
};

void Assembly::take(const ChainRow& row) {
  ChainEntry entry;
  entry.row = chain_.rows++;
  for (const ChainField field : {ChainField::mark_vol, ChainField::time, ChainField::created}) {
    if (row.alias(field)) seen_.try_emplace(field, row.alias(field));
  }
  if (time_text_.empty()) time_text_ = row[ChainField::time].empty() ? row[ChainField::created] : row[ChainField::time];
  const std::string reason = read_chain_entry(row, entry);
  if (reason.empty()) {
    entries_.push_back(std::move(entry));
  } else {
    drop(entry.row, entry.quote, reason);
  }
}

void Assembly::drop_expired() {
  std::erase_if(entries_, [&](const ChainEntry& entry) {
    if (entry.kind == EntryKind::perpetual || entry.quote.expiry > chain_.as_of) return false;
    drop(entry.row, entry.quote,
         "expired: at " + timestamp_text(entry.quote.expiry) + ", the chain is as of " + timestamp_text(chain_.as_of) +
             " (" + chain_.as_of_from + ")");
    return true;
  });
}

// Of rows with one name the latest counts, of equally late ones the first.
void Assembly::drop_repeated() {
  std::map<std::string, const ChainEntry*> best;
  for (const ChainEntry& entry : entries_) {
    const ChainEntry*& place = best[entry.quote.name];
    if (!place || (entry.quote.time && (!place->quote.time || *entry.quote.time > *place->quote.time))) place = &entry;
  }
  std::vector<ChainEntry> kept;
  for (const ChainEntry& entry : entries_) {
    const ChainEntry* chosen = best.at(entry.quote.name);
    if (chosen == &entry) {
      kept.push_back(entry);
    } else {
      drop(entry.row, entry.quote,
           "repeated: " + chosen->quote.where + (chosen->row > entry.row ? " is later" : " came first"));
    }
  }
  entries_ = std::move(kept);
}

// Futures and perpetuals leave the rows; their marks stay.
void Assembly::place_futures() {
  std::set<std::pair<std::string, Timestamp>> known, of_options;
  for (const ChainEntry& entry : entries_) {
    if (entry.kind != EntryKind::option) continue;
    of_options.insert({entry.quote.underlying, entry.quote.expiry});
    if (entry.quote.forward) known.insert({entry.quote.underlying, entry.quote.expiry});
  }
  std::erase_if(entries_, [&](const ChainEntry& entry) {
    const ChainQuote& quote = entry.quote;
    if (entry.kind == EntryKind::option) return false;
    const std::string what = entry.kind == EntryKind::future ? "a future" : "a perpetual";
    if (!quote.mark) {
      drop(entry.row, quote, what + ": without a mark");
    } else if (entry.kind == EntryKind::perpetual) {
      chain_.underlyings[quote.underlying].perpetual_mark = quote.mark;
      drop(entry.row, quote, "a perpetual: its mark is kept");
    } else if (known.count({quote.underlying, quote.expiry}) > 0) {
      drop(entry.row, quote, "a future: the options of its expiry have forwards of their own");
    } else if (of_options.count({quote.underlying, quote.expiry}) == 0) {
      chain_.underlyings[quote.underlying].futures.try_emplace(quote.expiry, *quote.mark);
      drop(entry.row, quote, "a future: its mark is kept as the forward of an expiry without options");
    } else {
      futures_.try_emplace({quote.underlying, quote.expiry}, *quote.mark);
      drop(entry.row, quote, "a future: used as forward");
    }
    return true;
  });
}

// A row without a forward takes its expiry's, if another row or a future tells one.
void Assembly::drop_without_forward() {
  std::set<std::pair<std::string, Timestamp>> known;
  for (const auto& [key, mark] : futures_) known.insert(key);
  for (const ChainEntry& entry : entries_) {
    if (entry.quote.forward) known.insert({entry.quote.underlying, entry.quote.expiry});
  }
  std::erase_if(entries_, [&](const ChainEntry& entry) {
    if (known.count({entry.quote.underlying, entry.quote.expiry}) > 0) return false;
    drop(entry.row, entry.quote,
         "no forward: neither here nor in another row of " + timestamp_text(entry.quote.expiry));
    return true;
  });
}

void Assembly::summarise() {
  struct Said {
    std::vector<double> spots;
    std::map<Timestamp, std::vector<double>> forwards;
    std::set<Timestamp> listed;  // a row names a listed future
  };
  std::map<std::string, Said> said;
  for (const ChainEntry& entry : entries_) {
    const ChainQuote& quote = entry.quote;
    Said& all = said[quote.underlying];
    if (quote.index_price) all.spots.push_back(*quote.index_price);
    std::vector<double>& forwards = all.forwards[quote.expiry];
    if (quote.forward) forwards.push_back(*quote.forward);
    if (quote.forward && entry.forward_named && !quote.synthetic_forward) all.listed.insert(quote.expiry);
    chain_.quotes.push_back(quote);
  }
  // A perpetual alone makes no chain.
  std::erase_if(chain_.underlyings, [&](const auto& u) { return said.count(u.first) == 0; });
  for (const auto& [name, all] : said) {
    ChainUnderlying& out = chain_.underlyings[name];
    for (const auto& [expiry, forwards] : all.forwards) {
      ChainForward& forward = out.forwards[expiry];
      forward.rows = forwards.size();
      forward.from_future = forwards.empty();
      const std::vector<double>& values = forwards.empty() ? std::vector{futures_.at({name, expiry})} : forwards;
      forward.forward = sample_median(values);
      forward.low = *std::min_element(values.begin(), values.end());
      forward.high = *std::max_element(values.begin(), values.end());
      forward.synthetic = !forward.from_future && all.listed.count(expiry) == 0;
    }
    if (all.spots.empty()) {
      const auto& [expiry, nearest] = *out.forwards.begin();
      out.spot = out.spot_low = out.spot_high = nearest.forward;
      chain_.warnings.push_back("there is no " + names_of(ChainField::index) + " for " + name +
                                ": its spot is taken to be the forward of " + timestamp_text(expiry) + ", " +
                                number_text(nearest.forward));
    } else {
      out.spot = sample_median(all.spots);
      out.spot_low = *std::min_element(all.spots.begin(), all.spots.end());
      out.spot_high = *std::max_element(all.spots.begin(), all.spots.end());
    }
  }
}

void Assembly::describe_layout() {
  const auto vol = seen_.find(ChainField::mark_vol);
  chain_.layout = file_.format + (vol == seen_.end()        ? ", no vols"
                                  : vol->second->unit > 1.0 ? ", vols in percent"
                                                            : ", vols in decimals");
  if (chain_.as_of_from == "given") {
    chain_.layout += ", time given";
  } else if (chain_.as_of_from != "latest quote") {
    chain_.layout += ", no times";
  } else if (const auto number = parse_number(time_text_)) {
    chain_.layout += *number < 1e11 ? ", times in s since 1970" : ", times in ms since 1970";
  } else {
    chain_.layout += ", times as ISO 8601";
  }
}

void Assembly::warn() {
  std::string unknown;
  for (const std::string& name : file_.names) {
    if (find_chain_alias(name) || is_known_but_unused(name)) continue;
    unknown += (unknown.empty() ? "" : ", ") + name;
  }
  if (!unknown.empty()) chain_.warnings.push_back("not understood and left out: " + unknown);
  if (chain_.time_spread_seconds > kLongSnapshot) {
    chain_.warnings.push_back("the quotes are spread over " + std::to_string(chain_.time_spread_seconds / 60) +
                              " minutes; all are taken as of " + timestamp_text(chain_.as_of));
  }
  std::size_t zoneless = 0, rated = 0, crossed = 0;
  for (const ChainEntry& entry : entries_) {
    zoneless += entry.zone_missing;
    rated += entry.interest_rate != 0.0;
    crossed += entry.quote.bid && entry.quote.ask && *entry.quote.bid > *entry.quote.ask;
  }
  const auto tell = [&](std::size_t rows, const std::string& what) {
    if (rows > 0) chain_.warnings.push_back(what + ": " + std::to_string(rows));
  };
  tell(zoneless, "rows whose times have no zone, read as UTC");
  tell(rated, "rows with an interest_rate, whose prices are taken as undiscounted all the same");
  tell(crossed, "rows that bid more than they ask");
  for (const auto& [name, u] : chain_.underlyings) {
    for (const auto& [expiry, forward] : u.forwards) {
      const std::string which = "the forward of " + name + " for " + timestamp_text(expiry);
      const double apart = forward.high / forward.low - 1.0;
      if (apart > kForwardsApart) {
        chain_.warnings.push_back(which + " is the median of rows that differ by " + rounded_text(100.0 * apart) +
                                  " %");
      }
      const double gap = forward.forward / u.spot - 1.0;
      if (std::abs(gap) < kWideBasis || std::abs(gap) < kWideBasisPerYear * years_between(chain_.as_of, expiry))
        continue;
      chain_.warnings.push_back(which + ", " + number_text(std::round(100.0 * forward.forward) / 100.0) + ", is " +
                                rounded_text(100.0 * gap) + " % off its spot of " +
                                number_text(std::round(100.0 * u.spot) / 100.0));
    }
  }
  const std::string clock = chain_clock_warning(chain_);
  if (!clock.empty()) chain_.warnings.push_back(clock);
}

void Assembly::check_any_left() {
  if (!entries_.empty()) return;
  std::string why = "there is no row";
  if (!dropped_.empty()) {
    const auto first = std::min_element(dropped_.begin(), dropped_.end(),
                                        [](const auto& a, const auto& b) { return a.first < b.first; });
    const ChainDrop& drop = first->second;
    why = "the first of " + std::to_string(dropped_.size()) + " rows, " + drop.where + ", " +
          (drop.name.empty() ? "" : in_quotes(drop.name) + ", ") + "is " + drop.reason;
  }
  const bool forwards = std::any_of(file_.names.begin(), file_.names.end(), [](const std::string& name) {
    const ChainAlias* alias = find_chain_alias(name);
    return alias && alias->field == ChainField::forward;
  });
  add_problem("no option can be used: " + why + (forwards ? "" : ", and there is no " + names_of(ChainField::forward)),
              "give a chain of options such as BTC-27MAR26-70000-C with their forwards");
}

Chain Assembly::read(const ChainOptions& options) {
  file_ = read_chain_rows(
      chain_.source, [&](const ChainRow& row) { take(row); }, problems_);
  problems_.throw_if_any();
  check_any_left();
  problems_.throw_if_any();
  find_chain_times(chain_, entries_, file_, options, problems_);
  problems_.throw_if_any();

  drop_expired();
  drop_repeated();
  place_futures();
  drop_without_forward();
  check_any_left();
  problems_.throw_if_any();
  std::sort(dropped_.begin(), dropped_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [row, drop] : dropped_) chain_.dropped.push_back(std::move(drop));

  summarise();
  const auto vol = seen_.find(ChainField::mark_vol);
  check_vol_units(chain_, vol == seen_.end() ? "" : std::string(vol->second->name), problems_);
  problems_.throw_if_any();
  drop_meaningless_vols(chain_);
  describe_layout();
  warn();
  return std::move(chain_);
}

void refuse_large_files(const std::string& path, Problems& problems) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error || status.type() == std::filesystem::file_type::not_found) return;  // told when it is opened
  if (!std::filesystem::is_regular_file(status)) {
    problems.add(ExitCode::bad_data, {path, "", "this is not a file", "save the chain to a file, and name that"});
    return;
  }
  const auto bytes = std::filesystem::file_size(path, error);
  if (!error && bytes > limits::kMostChainBytes) {
    problems.add(ExitCode::bad_data, {path, "",
                                      "the file has " + std::to_string(bytes >> 20) + " MiB, more than the " +
                                          std::to_string(limits::kMostChainBytes >> 20) + " of the largest chains",
                                      "give one snapshot a file"});
  }
}

}  // namespace

ChainFile read_chain_rows(const std::string& path, const ChainRowSink& sink, Problems& problems) {
  refuse_large_files(path, problems);
  if (!problems.empty()) return {};
  const auto text = read_file(path, ExitCode::bad_data, problems);
  if (!text) return {};
  const std::size_t first = text->find_first_not_of(" \t\r\n");
  const bool json = first != std::string::npos && ((*text)[first] == '{' || (*text)[first] == '[');
  return json ? read_chain_json(path, *text, sink, problems) : read_chain_csv(path, *text, sink, problems);
}

Chain read_chain(const std::string& path, const ChainOptions& options) {
  Problems problems;
  return Assembly(path, problems).read(options);
}

Timestamp quote_time(const Chain& chain, const ChainQuote& quote) {
  return chain.as_of_from == "given" ? chain.as_of : quote.time.value_or(chain.as_of);
}

std::string drop_kind(const ChainDrop& drop) { return drop.reason.substr(0, drop.reason.find(':')); }

}  // namespace tailbit
