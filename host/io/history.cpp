#include "host/io/history.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "host/io/csv.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// The leading digits of a text are taken off it: 12 of "12:30".
std::optional<std::int64_t> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = 10 * value + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// "+03:00", "-0330" or "+03".
std::optional<std::int64_t> take_zone(std::string_view& text) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const std::int64_t sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  take(text, ':');
  const auto minutes = text.empty() ? std::optional<std::int64_t>(0) : take_digits(text, 2);
  if (!hours || !minutes || *minutes > 59 || *hours * 60 + *minutes > 14 * 60) return std::nullopt;
  return sign * (*hours * 3'600 + *minutes * 60);
}

// Seconds of the day, to the nearest.
std::optional<std::int64_t> take_clock(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  const auto minute = take(text, ':') ? take_digits(text, 2) : std::nullopt;
  const auto second = take(text, ':') ? take_digits(text, 2) : std::optional<std::int64_t>(0);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  bool up = false;
  if (take(text, '.')) {
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    up = text.front() >= '5';
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
  }
  return *hour * 3'600 + *minute * 60 + *second + up;
}

std::optional<Timestamp> parse_iso(std::string_view text, std::optional<std::int64_t> zone_seconds) {
  const std::string date(text.substr(0, 10));
  const auto midnight = parse_timestamp(date + "T00:00:00Z");
  if (!midnight) return std::nullopt;
  text.remove_prefix(10);
  std::int64_t clock = 0;
  if (take(text, 'T') || take(text, ' ')) {
    const auto seconds = take_clock(text);
    if (!seconds) return std::nullopt;
    clock = *seconds;
  }
  std::int64_t ahead = zone_seconds.value_or(0);
  if (!text.empty()) {
    const auto stated = take(text, 'Z') ? std::optional<std::int64_t>(0) : take_zone(text);
    if (!stated || !text.empty() || zone_seconds) return std::nullopt;
    ahead = *stated;
  }
  return Timestamp{midnight->seconds + clock - ahead};
}

std::optional<Timestamp> parse_unix(std::string_view text, double per_second) {
  constexpr double kLast = 253'402'300'800.0;  // the year 10000
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  const double seconds = std::floor(*number / per_second + 0.5);
  if (!(seconds >= 0.0 && seconds < kLast)) return std::nullopt;
  return Timestamp{static_cast<std::int64_t>(seconds)};
}

double unit_of(SeriesUnit unit) {
  switch (unit) {
    case SeriesUnit::percent: return 1e-2;
    case SeriesUnit::basis_points: return 1e-4;
    case SeriesUnit::decimal: break;
  }
  return 1.0;
}

std::string remedy_for_time(const SeriesSource& source) {
  switch (source.time_format) {
    case TimeFormat::unix_seconds: return "give seconds since 1970, or correct `time_format`";
    case TimeFormat::unix_milliseconds: return "give milliseconds since 1970, or correct `time_format`";
    case TimeFormat::iso: break;
  }
  if (source.zone_seconds) return "write 2026-01-15 10:00:00 without a zone, or leave `zone` out";
  return "write 2026-01-15 or 2026-01-15T10:00:00Z, or give `time_format`";
}

// Rows of one series, as they come.
class HistoryReader {
 public:
  HistoryReader(const SeriesSource& source, Problems& problems)
      : csv_(source.file, ExitCode::bad_data, columns_of(source), problems, {source.separator, true}) {
    out_.source = source;
  }

  History read() {
    while (csv_.next()) {
      if (!csv_.malformed().empty()) {
        csv_.problem(csv_.malformed(), "correct the row, or give the file's `separator`");
      } else if (counts()) {
        read_row();
      }
    }
    if (backwards_.value_or(false)) {
      std::reverse(out_.observations.begin(), out_.observations.end());
      std::reverse(out_.expiries.begin(), out_.expiries.end());
    }
    return std::move(out_);
  }

 private:
  static std::vector<CsvColumn> columns_of(const SeriesSource& source) {
    std::vector<CsvColumn> columns{{source.time, true}, {source.value, true}};
    for (const auto& [column, unused] : source.where) columns.push_back({column, true});
    if (!source.instrument.empty()) columns.push_back({source.instrument, true});
    return columns;
  }

  bool counts() const {
    std::size_t column = 2;
    for (const auto& [unused, text] : out_.source.where) {
      if (csv_[column++] != text) return false;
    }
    return true;
  }

  void read_row() {
    const SeriesSource& source = out_.source;
    ++out_.rows;
    const auto time = parse_series_time(csv_[0], source.time_format, source.zone_seconds);
    if (!time) return csv_.problem(in_quotes(csv_[0]) + " is not a time", remedy_for_time(source));
    std::optional<Timestamp> expiry;
    if (!source.instrument.empty()) {
      const std::string_view name = csv_[csv_.columns().size() - 1];
      const auto listed = parse_listed_name(std::string(name));
      if (listed && std::holds_alternative<Perpetual::Terms>(listed->terms)) return;
      const auto* future = listed ? std::get_if<Future::Terms>(&listed->terms) : nullptr;
      if (future == nullptr) {
        return csv_.problem(in_quotes(name) + " is no dated future",
                            "write \"BTC-27MAR26\", or say by `where` which rows count");
      }
      expiry = future->expiry;
    }
    if (!in_order(*time, expiry)) return;
    if (csv_[1].empty()) {
      ++out_.blank;
      return;
    }
    const auto number = parse_number(csv_[1]);
    if (!number) return csv_.problem(in_quotes(csv_[1]) + " is not a number", "correct it, or leave the cell empty");
    if (source.positive && *number <= 0.0) {
      return csv_.problem(in_quotes(source.value) + " is " + number_text(*number) + ", not above 0",
                          "correct it, or leave the cell empty");
    }
    out_.observations.push_back({{time->seconds + source.bar_seconds}, *number * unit_of(source.unit)});
    if (expiry) out_.expiries.push_back(*expiry);
  }

  bool in_order(Timestamp time, std::optional<Timestamp> expiry) {
    const std::optional<Timestamp> before = last_;
    last_ = time;
    if (before != last_) of_this_time_.clear();
    if (expiry && of_this_time_.insert(*expiry).second && before == time) return true;
    if (!before) return true;
    const std::string text = timestamp_text(time);
    if (*before == time) {
      csv_.problem("the time " + text + " is there twice", "keep one of the rows, or say by `where` which count");
      return false;
    }
    if (!backwards_) backwards_ = time < *before;
    if (*backwards_ == (time < *before)) return true;
    csv_.problem("the time " + text + " is out of order behind " + timestamp_text(*before),
                 "sort the rows by time, or say by `where` which count");
    return false;
  }

  CsvFile csv_;
  History out_;
  std::optional<Timestamp> last_;
  std::set<Timestamp> of_this_time_;  // expiries seen
  std::optional<bool> backwards_;
};

template <class Change>
std::vector<double> each_change(const std::vector<double>& values, Change&& change) {
  std::vector<double> out;
  for (std::size_t i = 1; i < values.size(); ++i) out.push_back(change(values[i - 1], values[i]));
  return out;
}

}  // namespace

std::optional<std::int64_t> parse_zone(std::string_view text) {
  const auto seconds = text.size() == 6 && text[3] == ':' ? take_zone(text) : std::nullopt;
  return text.empty() ? seconds : std::nullopt;
}

std::optional<Timestamp> parse_series_time(std::string_view text, TimeFormat format,
                                           std::optional<std::int64_t> zone_seconds) {
  switch (format) {
    case TimeFormat::unix_seconds: return parse_unix(text, 1.0);
    case TimeFormat::unix_milliseconds: return parse_unix(text, 1000.0);
    case TimeFormat::iso: break;
  }
  return text.size() < 10 ? std::nullopt : parse_iso(text, zone_seconds);
}

History read_history(const SeriesSource& source, Problems& problems) {
  const std::size_t problems_before = problems.count();
  History history = HistoryReader(source, problems).read();
  if (history.observations.empty() && problems.count() == problems_before) {
    const std::string what = history.rows > 0       ? "the column " + in_quotes(source.value) + " has no value"
                             : source.where.empty() ? "there is no row"
                                                    : "no row is as `where` says";
    problems.add(ExitCode::bad_data, {source.file, "", what, "give a file with values, or leave the series out"});
  }
  return history;
}

Grid make_grid(Timestamp from, Timestamp to, std::int64_t period) {
  if (to < from) return {from, period, 0};
  return {from, period, static_cast<std::size_t>((to.seconds - from.seconds) / period) + 1};
}

Sampled sample(const History& history, const Grid& grid, std::int64_t most_age) {
  Sampled out;
  out.values.assign(grid.count, kGap);
  std::size_t next = 0;
  std::optional<std::size_t> last_known;
  for (std::size_t i = 0; i < grid.count; ++i) {
    const Timestamp boundary = grid.at(i);
    while (next < history.observations.size() && history.observations[next].known <= boundary) ++next;
    if (next == 0) continue;
    const Observation& latest = history.observations[next - 1];
    if (boundary.seconds - latest.known.seconds >= most_age) continue;
    out.values[i] = latest.value;
    ++out.known;
    if (last_known && *last_known + 1 < i) {
      out.gaps += i - *last_known - 1;
      if (!out.first_gap) out.first_gap = grid.at(*last_known + 1);
    }
    last_known = i;
  }
  return out;
}

std::vector<double> log_changes(const std::vector<double>& values) {
  return each_change(values, [](double before, double after) { return std::log(after / before); });
}

std::vector<double> changes(const std::vector<double>& values) {
  return each_change(values, [](double before, double after) { return after - before; });
}

}  // namespace tailbit
