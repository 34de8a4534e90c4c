// Time series of files that desks have: prices, vol indices, features of surfaces, funding. What `calibrate` estimates
// from, and what a backtest walks through.
//
//   const History prices = read_history(source, problems);         // ascending, as in the file
//   const Grid grid = {from, 86'400, 2'557};                       // boundaries of periods
//   const Sampled daily = sample(prices, grid, 86'400);            // one value for each boundary, gaps where none is
//   known const std::vector<double> returns = log_changes(daily.values); // [count - 1], a gap where either end is one
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/problems.hpp"
#include "tailbit/core/time.hpp"
#include "tailbit/instruments/terms.hpp"

namespace tailbit {

// How moments are written.
enum class TimeFormat {
  iso,               // a date, or date and time with or without seconds, fractions and a zone
  unix_seconds,      // since 1970, fractions allowed
  unix_milliseconds  // since 1970
};
template <>
struct Spelling<TimeFormat> {
  static constexpr std::array<std::string_view, 3> names{"iso", "unix_seconds", "unix_milliseconds"};
};

enum class SeriesUnit { decimal, percent, basis_points };
template <>
struct Spelling<SeriesUnit> {
  static constexpr std::array<std::string_view, 3> names{"decimal", "percent", "basis_points"};
};

// Where a series stands, and what its rows mean.
struct SeriesSource {
  std::string file;
  std::string time, value;                     // columns
  std::map<std::string, std::string> where{};  // rows count whose columns hold these texts
  char separator = ',';
  TimeFormat time_format = TimeFormat::iso;
  std::optional<std::int64_t> zone_seconds{};  // of times that state no zone: what their clock is ahead of UTC
  std::int64_t bar_seconds = 0;                // a value is known this long after its time, as a bar's close is
  SeriesUnit unit = SeriesUnit::decimal;
  bool positive = false;  // values must be above 0
};

struct Observation {
  Timestamp known;  // from when on
  double value;     // as a decimal
};

struct History {
  SeriesSource source;
  std::vector<Observation> observations;  // ascending strictly
  std::size_t rows = 0;                   // of those that count; in the file
  std::size_t blank = 0;                  // of them without a value
};

// Files may run forwards or backwards, but not both. A time that is there twice or out of order, a value that is no
// number, or not above 0 where it must be, is a problem with its line; blank cells are counted. No row is a problem.
History read_history(const SeriesSource& source, Problems& problems);

// What a series holds where nothing is known.
inline constexpr double kGap = std::numeric_limits<double>::quiet_NaN();
inline bool is_gap(double value) { return std::isnan(value); }

// Boundaries of periods: first, first + period, ...
struct Grid {
  Timestamp first;
  std::int64_t period = 0;  // seconds, > 0
  std::size_t count = 0;

  Timestamp at(std::size_t i) const { return {first.seconds + static_cast<std::int64_t>(i) * period}; }
  double period_years() const { return static_cast<double>(period) / kSecondsPerYear; }
};

// Of all whole periods from `from` to `to`, both included; without one if `to` is earlier.
Grid make_grid(Timestamp from, Timestamp to, std::int64_t period);

struct Sampled {
  std::vector<double> values;  // [grid.count] the last one known at the boundary, or kGap if that is older than allowed
  std::size_t known = 0;       // values that are there
  std::size_t gaps = 0;        // between the first and the last of them
  std::optional<Timestamp> first_gap;
};

// `most_age`: seconds that a value may be old at a boundary, which it must be younger than.
Sampled sample(const History& history, const Grid& grid, std::int64_t most_age);

// ln(x[i + 1] / x[i]) and x[i + 1] - x[i]: one fewer than values, kGap where either is one.
std::vector<double> log_changes(const std::vector<double>& values);
std::vector<double> changes(const std::vector<double>& values);

// What a cell says of a moment, to the nearest second: what a venue prints some milliseconds behind a boundary is that
// boundary's. Nothing if it is not of this format, or states a zone although `zone_seconds` does too.
std::optional<Timestamp> parse_series_time(std::string_view text, TimeFormat format,
                                           std::optional<std::int64_t> zone_seconds);

// "+03:00" in seconds: hours and minutes, up to 14:00.
std::optional<std::int64_t> parse_zone(std::string_view text);

}  // namespace tailbit
