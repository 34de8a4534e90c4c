#include "host/compile/schedule.hpp"

#include <set>
#include <stdexcept>

namespace tailbit {
namespace {

using Wide = __int128;

// Adds the fixings of dates, and of the dates that they are bridged between.
class FixingTree {
 public:
  FixingTree(std::int64_t horizon, std::uint32_t steps, Schedule& schedule)
      : horizon_(horizon), steps_(steps), schedule_(schedule) {}

  void add(std::int64_t seconds) {
    const GridDate date = locate(seconds, horizon_, steps_);
    if (date.at_step_end) {
      append(seconds, {date.step, date.offset_seconds, true, true, Fixing::kStepStart, 0, 0, 0.0}, {0.0, 0.0});
    } else {
      descend(seconds, date.step);
      for (Fixing& fixing : schedule_.fixings) {
        if (fixing.date == schedule_.date_at.at(seconds)) fixing.looked_at = true;
      }
    }
  }

 private:
  // An end of the interval that a date is bridged in: in units of 1/steps second, and where its price is.
  struct End {
    Wide time;
    DateId date;
  };

  // Halves the whole seconds inside the step until the date is the one in the middle.
  void descend(std::int64_t seconds, std::uint32_t step) {
    const Wide start = Wide{horizon_} * step;
    End left{start, Fixing::kStepStart};
    End right{start + horizon_, 0};
    std::int64_t first = static_cast<std::int64_t>(start / steps_) + 1;  // whole seconds after the start ...
    std::int64_t last = static_cast<std::int64_t>((right.time + steps_ - 1) / steps_) - 1;  // ... and before the end
    for (;;) {
      const std::int64_t middle = first + (last - first) / 2;
      const End end{Wide{middle} * steps_, bridge(middle, step, left, right)};
      if (middle == seconds) return;
      if (seconds < middle) {
        right = end;
        last = middle - 1;
      } else {
        left = end;
        first = middle + 1;
      }
    }
  }

  DateId bridge(std::int64_t seconds, std::uint32_t step, const End& left, const End& right) {
    const auto known = schedule_.date_at.find(seconds);
    if (known != schedule_.date_at.end()) return known->second;
    const auto years = [&](Wide time) {
      return static_cast<double>(static_cast<std::int64_t>(time)) / static_cast<double>(steps_) / kSecondsPerYear;
    };
    const Schedule::Ends ends{years(Wide{seconds} * steps_ - left.time), years(right.time - Wide{seconds} * steps_)};
    const auto offset = static_cast<std::uint32_t>(seconds - static_cast<std::int64_t>(Wide{horizon_} * step / steps_));
    return append(seconds, {step, offset, false, false, left.date, right.date, 0, 0.0}, ends);
  }

  DateId append(std::int64_t seconds, Fixing fixing, Schedule::Ends ends) {
    fixing.date = schedule_.dates++;
    fixing.share = locate(seconds, horizon_, steps_).share;
    schedule_.fixings.push_back(fixing);
    schedule_.ends.push_back(ends);
    schedule_.date_at[seconds] = fixing.date;
    return fixing.date;
  }

  std::int64_t horizon_;
  std::uint32_t steps_;
  Schedule& schedule_;
};

}  // namespace

GridDate locate(std::int64_t seconds, std::int64_t horizon_seconds, std::uint32_t steps) {
  if (seconds <= 0 || seconds > horizon_seconds) throw std::logic_error("locate: the date is not within the horizon");
  const Wide scaled = Wide{seconds} * steps;  // date in units of 1/steps second
  const auto step = static_cast<std::uint32_t>((scaled + horizon_seconds - 1) / horizon_seconds - 1);
  const Wide start = Wide{horizon_seconds} * step;
  const auto passed = static_cast<std::int64_t>(scaled - start);
  GridDate date;
  date.step = step;
  date.at_step_end = passed == horizon_seconds;
  date.share = date.at_step_end ? 1.0 : static_cast<double>(passed) / static_cast<double>(horizon_seconds);
  date.offset_seconds = static_cast<std::uint32_t>(seconds - static_cast<std::int64_t>(start / steps));
  return date;
}

Schedule make_schedule(const Inputs& inputs) {
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
  schedule.dates = 1;
  FixingTree tree(horizon, steps, schedule);
  for (const std::int64_t seconds : fixed) tree.add(seconds);
  for (const std::int64_t seconds : revaluations) {
    const GridDate date = locate(seconds, horizon, steps);
    const DateId known_at = date.at_step_end ? 0 : schedule.date_at.at(seconds);
    schedule.nodes.push_back({date.step, !date.at_step_end, seconds, known_at, 0, 0, 0, 0});
  }
  return schedule;
}

}  // namespace tailbit
