// How numbers, moments and durations are written in files. No function here depends on the locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tailbit/core/time.hpp"

namespace tailbit {

// A finite decimal number and nothing else; not "nan", "inf", " 1" or "1 ".
std::optional<double> parse_number(std::string_view text);

// The shortest decimal that reads back as the same number; with an exponent only below 1e-5 and from 1e16.
std::string number_text(double x);

// As venues write coins: capitals and digits.
bool is_coin(std::string_view text);

// The bytes of a character here that a terminal would obey, or that turns the direction of what is shown: controls C0
// and C1, U+202A to U+202E, U+2066 to U+2069. 0: it is another.
std::size_t control_at(std::string_view text, std::size_t at);

// For messages: "text".
std::string in_quotes(std::string_view text);

// "2026-03-27T08:00:00Z", or with +00:00 for Z. UTC and whole seconds only.
std::optional<Timestamp> parse_timestamp(std::string_view text);
// The same, or a date alone, which means 08:00 UTC, when listed contracts expire.
std::optional<Timestamp> parse_expiry(std::string_view text);
// "27MAR26", as in listed names: 08:00 UTC of that day.
std::optional<Timestamp> parse_listed_date(std::string_view text);
// The inverse; the time of day is left out.
std::string listed_date_text(Timestamp t);
std::string timestamp_text(Timestamp t);

// Longest duration that is understood.
inline constexpr std::int64_t kLongestSeconds = 100LL * 31'536'000LL;

// "90s", "15m", "8h" or "1d" in seconds: positive and at most kLongestSeconds.
std::optional<std::int64_t> parse_duration(std::string_view text);
// The inverse, in the largest unit that divides it.
std::string duration_text(std::int64_t seconds);
// Years, rounded to whole seconds; the same bounds.
std::optional<std::int64_t> seconds_from_years(double years);

}  // namespace tailbit
