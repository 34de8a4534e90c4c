#include "host/io/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>

namespace tailbit {
namespace {

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A number of exactly these digits.
std::optional<int> parse_digits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  return parse_whole<int>(text);
}

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kExpiryTime = 8 * 3'600;  // listed contracts expire at 08:00 UTC

// Midnight.
std::optional<Timestamp> start_of_day(int year, int month, int day) {
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return Timestamp{sys_days(date).time_since_epoch().count() * kDay};
}

// "2026-03-27": midnight.
std::optional<Timestamp> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = parse_digits(text.substr(0, 4)), month = parse_digits(text.substr(5, 2)),
             day = parse_digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  return start_of_day(*year, *month, *day);
}

constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

}  // namespace

bool is_coin(std::string_view text) {
  const auto is_coin_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_coin_letter);
}

std::optional<double> parse_number(std::string_view text) {
  const auto value = parse_whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::string number_text(double x) {
  std::array<char, 32> buffer;
  const double size = std::abs(x);
  const bool plain = x == 0.0 || (size >= 1e-5 && size < 1e16);
  const auto result = plain ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), x, std::chars_format::fixed)
                            : std::to_chars(buffer.data(), buffer.data() + buffer.size(), x);
  return {buffer.data(), result.ptr};
}

std::size_t control_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0) return 2;
  const bool turns = byte(0) == 0xe2 && ((byte(1) == 0x80 && byte(2) >= 0xaa && byte(2) <= 0xae) ||
                                         (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9));
  return turns ? 3 : 0;
}

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  if (text.size() < 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':') return std::nullopt;
  const std::string_view zone = text.substr(19);
  if (zone != "Z" && zone != "+00:00") return std::nullopt;
  const auto date = parse_date(text.substr(0, 10));
  const auto hour = parse_digits(text.substr(11, 2)), minute = parse_digits(text.substr(14, 2)),
             second = parse_digits(text.substr(17, 2));
  if (!date || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return Timestamp{date->seconds + *hour * 3'600 + *minute * 60 + *second};
}

std::optional<Timestamp> parse_expiry(std::string_view text) {
  if (const auto date = parse_date(text)) return Timestamp{date->seconds + kExpiryTime};
  return parse_timestamp(text);
}

std::string listed_date_text(Timestamp t) {
  using namespace std::chrono;
  const year_month_day date{floor<days>(sys_seconds{seconds(t.seconds)})};
  const std::string year = std::to_string(static_cast<int>(date.year()) % 100);
  return std::to_string(static_cast<unsigned>(date.day())) +
         std::string(kMonths[static_cast<unsigned>(date.month()) - 1]) + (year.size() < 2 ? "0" : "") + year;
}

std::optional<Timestamp> parse_listed_date(std::string_view text) {
  if (text.size() != 6 && text.size() != 7) return std::nullopt;
  const std::size_t day_digits = text.size() - 5;
  const auto day = parse_digits(text.substr(0, day_digits)), year = parse_digits(text.substr(day_digits + 3));
  int month = 0;
  while (month < 12 && text.substr(day_digits, 3) != kMonths[static_cast<std::size_t>(month)]) ++month;
  if (!day || !year || month == 12) return std::nullopt;
  const auto date = start_of_day(2000 + *year, month + 1, *day);
  return date ? std::optional(Timestamp{date->seconds + kExpiryTime}) : std::nullopt;
}

std::string timestamp_text(Timestamp t) {
  using namespace std::chrono;
  const sys_seconds moment{seconds(t.seconds)};
  const sys_days midnight = floor<days>(moment);
  const year_month_day date{midnight};
  const hh_mm_ss time{moment - midnight};
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return buffer;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's': unit = 1; break;
    case 'm': unit = 60; break;
    case 'h': unit = 3'600; break;
    case 'd': unit = kDay; break;
    default: return std::nullopt;
  }
  const auto count = parse_whole<std::int64_t>(text.substr(0, text.size() - 1));
  if (!count || *count < 1 || *count > kLongestSeconds / unit) return std::nullopt;
  return *count * unit;
}

std::string duration_text(std::int64_t seconds) {
  constexpr std::pair<std::int64_t, char> kUnits[] = {{kDay, 'd'}, {3'600, 'h'}, {60, 'm'}};
  for (const auto& [unit, letter] : kUnits) {
    if (seconds % unit == 0) return std::to_string(seconds / unit) + letter;
  }
  return std::to_string(seconds) + 's';
}

std::optional<std::int64_t> seconds_from_years(double years) {
  const double seconds = std::round(years * kSecondsPerYear);
  if (!(seconds >= 1.0 && seconds <= static_cast<double>(kLongestSeconds))) return std::nullopt;
  return static_cast<std::int64_t>(seconds);
}

}  // namespace tailbit
