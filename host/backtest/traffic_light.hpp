// The Basel Committee's traffic light: how improbable as many exceptions are if the forecast is right.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tailbit::backtest {

enum class Zone { green, yellow, red };
std::string_view zone_name(Zone zone);

// Yellow from where P(X <= x) reaches 95 %, red from 99.99 % (Basel Committee, "Supervisory framework for the use of
// 'backtesting'", 1996), for any number of days and probability p of an exception.
struct TrafficLight {
  Zone zone;
  double cumulative;  // P(X <= x)
};
TrafficLight traffic_light(std::uint64_t days, std::uint64_t exceptions, double p);

// Of 250 days at 99 %, the only case that multipliers are defined for.
inline constexpr std::uint64_t kBaselDays = 250;
struct Multipliers {
  double market_risk;  // of MAR99 in the Basel framework, 1.5 to 2
  double of_1996;      // 3 plus the addition of 1996, 3 to 4
};
Multipliers basel_multipliers(std::uint64_t exceptions);

// The last 250 days of a series, and how all stretches of 250 days lie; nothing for shorter series.
struct BaselWindows {
  std::uint64_t exceptions;  // of the last window
  Zone zone;
  Multipliers multipliers;
  std::uint64_t green, yellow, red;  // numbers of windows
};
std::optional<BaselWindows> basel_windows(const std::vector<bool>& exceptions);

}  // namespace tailbit::backtest
