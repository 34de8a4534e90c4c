// Greeks in the units that Deribit publishes (checked on its chains from 2020 to 2026, see chain_checks.hpp): of the
// price in USD, undiscounted, on the forward.
#pragma once

#include <array>
#include <string_view>

#include "tailbit/core/time.hpp"
#include "tailbit/instruments/closed_form.hpp"

namespace tailbit {

inline constexpr std::array<std::string_view, 5> kGreekNames{"delta", "gamma", "vega", "theta", "rho"};

// In the order of kGreekNames: delta per 1 of the forward, gamma per USD of it, vega in USD per vol point, theta in USD
// per calendar day, rho in USD per 1 % of rate.
using PublishedGreeks = std::array<double, 5>;

// `black` is the option's closed form with the forward as its spot, at rate 0 and carry 0; `years` to its expiry. Theta
// takes no more than the day's share that is left, and never more than the option is worth, `worth` in USD.
PublishedGreeks in_published_units(const ClosedForm& black, double years, double worth);

// The whole minute at or before a moment: Greeks count the time to expiry in these.
Timestamp whole_minute(Timestamp time);

}  // namespace tailbit
