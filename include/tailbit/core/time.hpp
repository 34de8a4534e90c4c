// Time: UTC, whole seconds since 1970; a year is 365 days.
#pragma once

#include <compare>
#include <cstdint>

#include "tailbit/core/platform.hpp"

namespace tailbit {

inline constexpr double kSecondsPerYear = 31'536'000.0;

// A moment, in seconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  std::int64_t seconds = 0;
  friend constexpr auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// Years from one moment to another (negative when `to` is earlier).
constexpr double years_between(Timestamp from, Timestamp to) {
  return static_cast<double>(to.seconds - from.seconds) / kSecondsPerYear;
}

}  // namespace tailbit
