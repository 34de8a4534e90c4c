#include "host/backtest/traffic_light.hpp"

#include <algorithm>
#include <array>

#include "host/backtest/binomial.hpp"

namespace tailbit::backtest {

std::string_view zone_name(Zone zone) {
  constexpr std::array<std::string_view, 3> kNames{"green", "yellow", "red"};
  return kNames[static_cast<std::size_t>(zone)];
}

TrafficLight traffic_light(std::uint64_t days, std::uint64_t exceptions, double p) {
  const double cumulative = Binomial{days, p}.at_most(exceptions);
  const Zone zone = cumulative < 0.95 ? Zone::green : cumulative < 0.9999 ? Zone::yellow : Zone::red;
  return {zone, cumulative};
}

Multipliers basel_multipliers(std::uint64_t exceptions) {
  constexpr std::uint64_t kFirst = 4, kLast = 10;  // the same below, and above
  constexpr std::array<Multipliers, kLast - kFirst + 1> kTable{
      {{1.5, 3.0}, {1.7, 3.4}, {1.76, 3.5}, {1.83, 3.65}, {1.88, 3.75}, {1.92, 3.85}, {2.0, 4.0}}};
  return kTable[std::clamp(exceptions, kFirst, kLast) - kFirst];
}

std::optional<BaselWindows> basel_windows(const std::vector<bool>& exceptions) {
  if (exceptions.size() < kBaselDays) return std::nullopt;
  constexpr double kProbability = 0.01;
  std::array<Zone, kBaselDays + 1> zones{};
  for (std::uint64_t x = 0; x <= kBaselDays; ++x) zones[x] = traffic_light(kBaselDays, x, kProbability).zone;
  std::array<std::uint64_t, 3> windows{};
  std::uint64_t inside = 0;
  for (std::size_t day = 0; day < exceptions.size(); ++day) {
    inside += exceptions[day];
    if (day >= kBaselDays) inside -= exceptions[day - kBaselDays];
    if (day + 1 >= kBaselDays) ++windows[static_cast<std::size_t>(zones[inside])];
  }
  return BaselWindows{inside, zones[inside], basel_multipliers(inside), windows[0], windows[1], windows[2]};
}

}  // namespace tailbit::backtest
