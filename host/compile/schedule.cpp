#include "host/compile/schedule.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "tailbit/math/primitives.hpp"

namespace tailbit {

GridDate locate(std::int64_t seconds, std::int64_t horizon_seconds, std::uint32_t steps) {
  const __int128 scaled = static_cast<__int128>(seconds) * steps;  // date in units of 1/steps second
  const auto step = static_cast<std::uint32_t>((scaled + horizon_seconds - 1) / horizon_seconds - 1);
  const __int128 start = static_cast<__int128>(horizon_seconds) * step;
  const auto passed = static_cast<std::int64_t>(scaled - start);
  GridDate date;
  date.step = step;
  date.at_step_end = passed == horizon_seconds;
  date.share = date.at_step_end ? 1.0 : static_cast<double>(passed) / static_cast<double>(horizon_seconds);
  date.offset_seconds = static_cast<std::uint32_t>(seconds - static_cast<std::int64_t>(start / steps));
  return date;
}

std::size_t Schedule::fixing_at(std::int64_t seconds) const {
  const auto found = std::lower_bound(fixing_seconds.begin(), fixing_seconds.end(), seconds);
  if (found == fixing_seconds.end() || *found != seconds) throw std::logic_error("schedule: no fixing at this date");
  return static_cast<std::size_t>(found - fixing_seconds.begin());
}

Schedule make_schedule(const Inputs& inputs, std::uint32_t underlyings) {
  const std::int64_t horizon = inputs.config.horizon_seconds;
  const std::uint32_t steps = inputs.config.steps;

  std::set<std::int64_t> revaluations(inputs.config.exposure_seconds.begin(), inputs.config.exposure_seconds.end());
  revaluations.insert(horizon);

  // Contracts that expire on the way are paid by the spot of their expiry, wherever that lies; a revaluation inside a
  // step needs every underlying's price there.
  std::set<std::int64_t> fixed;
  for (const Instrument& instrument : inputs.instruments) {
    visit_family(instrument.terms, [&]<class Family>(const auto& terms) {
      if constexpr (requires { terms.expiry; }) {
        const std::int64_t seconds = terms.expiry.seconds - inputs.market.as_of.seconds;
        if (seconds <= horizon) fixed.insert(seconds);
      }
    });
  }
  for (const std::int64_t seconds : revaluations) {
    if (!locate(seconds, horizon, steps).at_step_end) fixed.insert(seconds);
  }

  Schedule schedule;
  schedule.step_years = static_cast<double>(horizon) / static_cast<double>(steps) / kSecondsPerYear;
  schedule.points = underlyings;
  for (const std::int64_t seconds : fixed) {
    const GridDate date = locate(seconds, horizon, steps);
    schedule.fixings.push_back(
        {date.step, date.offset_seconds, date.share, math::sqrt(date.share * (1.0 - date.share)), schedule.points});
    schedule.fixing_seconds.push_back(seconds);
    schedule.points += underlyings;
  }
  for (const std::int64_t seconds : revaluations) {
    const GridDate date = locate(seconds, horizon, steps);
    schedule.nodes.push_back({date.step, !date.at_step_end, seconds, 0, 0});
  }
  return schedule;
}

}  // namespace tailbit
