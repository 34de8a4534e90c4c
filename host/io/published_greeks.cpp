#include "host/io/published_greeks.hpp"

#include <algorithm>

namespace tailbit {

PublishedGreeks in_published_units(const ClosedForm& black, double years, double worth) {
  const double decay = black.theta / 365.0 * std::min(365.0 * years, 1.0);
  return {black.delta, black.gamma, black.vega / 100.0, std::max(decay, -worth), black.rho / 100.0};
}

Timestamp whole_minute(Timestamp time) {
  constexpr std::int64_t kMinute = 60;
  return {time.seconds - (time.seconds % kMinute + kMinute) % kMinute};
}

}  // namespace tailbit
