// Where dates lie on the step grid, and what is revalued and fixed when.
#include "host/compile/schedule.hpp"

#include <cmath>
#include <set>
#include <utility>

#include <gtest/gtest.h>

namespace tailbit::schedule_test {
namespace {

constexpr std::int64_t kDay = 86'400;

Inputs inputs_of(std::uint32_t steps, std::vector<std::int64_t> exposures, std::vector<std::int64_t> expiries) {
  Inputs inputs;
  inputs.config.horizon_seconds = kDay;
  inputs.config.steps = steps;
  inputs.config.exposure_seconds = std::move(exposures);
  inputs.market.as_of = {1'767'225'600};
  for (const std::int64_t seconds : expiries) {
    European::Terms terms;
    terms.expiry = {inputs.market.as_of.seconds + seconds};
    inputs.instruments.push_back({"option " + std::to_string(seconds), "X", 1.0, terms});
  }
  return inputs;
}

TEST(Locate, FindsTheEndsOfSteps) {
  for (std::uint32_t step = 0; step < 4; ++step) {
    const GridDate date = locate((step + 1) * kDay / 4, kDay, 4);
    EXPECT_EQ(date.step, step);
    EXPECT_TRUE(date.at_step_end);
    EXPECT_EQ(date.share, 1.0);
  }
}

TEST(Locate, FindsDatesBetween) {
  const GridDate date = locate(kDay / 4 + 5400, kDay, 4);
  EXPECT_EQ(date.step, 1u);
  EXPECT_FALSE(date.at_step_end);
  EXPECT_EQ(date.share, 0.25);
  EXPECT_EQ(date.offset_seconds, 5400u);
  EXPECT_EQ(locate(1, kDay, 1).step, 0u);
  EXPECT_EQ(locate(1, kDay, 1).share, 1.0 / 86'400.0);
}

// Steps of 12,342 6/7 seconds.
TEST(Locate, IsExactForStepsOfFractionalSeconds) {
  const GridDate before = locate(12'342, kDay, 7), after = locate(12'343, kDay, 7);
  EXPECT_EQ(before.step, 0u);
  EXPECT_EQ(before.share, 86'394.0 / 86'400.0);
  EXPECT_EQ(before.offset_seconds, 12'342u);
  EXPECT_EQ(after.step, 1u);
  EXPECT_EQ(after.share, 1.0 / 86'400.0);
  EXPECT_EQ(after.offset_seconds, 1u);
  EXPECT_TRUE(locate(kDay, kDay, 7).at_step_end);
  EXPECT_EQ(locate(kDay, kDay, 7).step, 6u);
}

// The random counters of two dates differ, and each date lies inside its step.
TEST(Locate, GivesEverySecondItsOwnCounter) {
  for (const std::uint32_t steps : {1u, 4u, 7u, 1000u, 86'400u, 100'000u}) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> counters;
    for (std::int64_t seconds = 1; seconds <= kDay; ++seconds) {
      const GridDate date = locate(seconds, kDay, steps);
      ASSERT_TRUE(counters.emplace(date.step, date.offset_seconds).second) << seconds << " of " << steps;
      ASSERT_LT(kDay * date.step, seconds * steps);
      ASSERT_GE(kDay * (std::int64_t{date.step} + 1), seconds * steps);
      ASSERT_EQ(date.at_step_end, kDay * (std::int64_t{date.step} + 1) == seconds * steps);
      ASSERT_TRUE(date.share > 0.0 && date.share <= 1.0);
      ASSERT_NEAR((date.step + date.share) * kDay / steps, static_cast<double>(seconds), 1e-6);
    }
  }
}

TEST(Locate, HandlesALongHorizonInManySteps) {
  const std::int64_t century = 100LL * 31'536'000;
  const GridDate date = locate(century - 1, century, 4'000'000'000u);
  EXPECT_EQ(date.step, 3'999'999'998u);  // 1.27 steps before the end
  EXPECT_FALSE(date.at_step_end);
}

TEST(Schedule, RevaluesAtTheHorizonAndAtExposureDates) {
  const Schedule schedule = make_schedule(inputs_of(4, {3600, 43'200, kDay}, {}));
  ASSERT_EQ(schedule.nodes.size(), 3u);
  EXPECT_EQ(schedule.nodes[0].seconds, 3600);
  EXPECT_TRUE(schedule.nodes[0].inside_step);
  EXPECT_EQ(schedule.nodes[0].step, 0u);
  EXPECT_EQ(schedule.nodes[1].seconds, 43'200);
  EXPECT_FALSE(schedule.nodes[1].inside_step);
  EXPECT_EQ(schedule.nodes[1].step, 1u);
  EXPECT_EQ(schedule.nodes[2].seconds, kDay);
  EXPECT_FALSE(schedule.nodes[2].inside_step);
  EXPECT_EQ(schedule.nodes[2].step, 3u);
  EXPECT_EQ(schedule.step_years, 21'600.0 / 31'536'000.0);
}

TEST(Schedule, AddsTheHorizonWhereItIsNotAskedFor) {
  const Schedule schedule = make_schedule(inputs_of(2, {43'200}, {}));
  ASSERT_EQ(schedule.nodes.size(), 2u);
  EXPECT_EQ(schedule.nodes.back().seconds, kDay);
}

TEST(Schedule, FixesExpiriesUpToTheHorizonAndDatesOffTheGrid) {
  const Schedule schedule = make_schedule(inputs_of(4, {3600, 43'200}, {50'000, kDay, kDay + 1, 21'600}));
  std::vector<std::int64_t> looked_at;
  for (const auto& [seconds, date] : schedule.date_at) {
    for (const Fixing& fixing : schedule.fixings) {
      if (fixing.date == date && fixing.looked_at) looked_at.push_back(seconds);
    }
  }
  EXPECT_EQ(looked_at, (std::vector<std::int64_t>{3600, 21'600, 50'000, kDay}));
  EXPECT_EQ(schedule.dates, 1 + schedule.fixings.size());
  for (std::uint32_t i = 0; i < schedule.fixings.size(); ++i) EXPECT_EQ(schedule.fixings[i].date, 1 + i);
}

TEST(Schedule, TheMiddleOfAStepIsOneBridgeBetweenItsEnds) {
  const Schedule schedule = make_schedule(inputs_of(4, {}, {32'400}));
  ASSERT_EQ(schedule.fixings.size(), 1u);
  const Fixing& fixing = schedule.fixings[0];
  EXPECT_EQ(fixing.step, 1u);
  EXPECT_EQ(fixing.offset_seconds, 10'800u);
  EXPECT_EQ(schedule.ends[0].passed, 10'800.0 / kSecondsPerYear);
  EXPECT_EQ(schedule.ends[0].rest, 10'800.0 / kSecondsPerYear);
  EXPECT_EQ(fixing.left, Fixing::kStepStart);
  EXPECT_EQ(fixing.right, 0u);
  EXPECT_TRUE(fixing.looked_at);
  EXPECT_FALSE(fixing.at_step_end);
}

// Every date is bridged between two that come before it in the list and enclose it.
TEST(Schedule, DatesInsideAStepAreATreeOfBridges) {
  const Schedule schedule = make_schedule(inputs_of(1, {}, {1, 12'345, 43'201, 86'399}));
  std::map<DateId, double> seconds_of{{Fixing::kStepStart, 0.0}, {0, 86'400.0}};
  for (std::size_t i = 0; i < schedule.fixings.size(); ++i) {
    const Fixing& fixing = schedule.fixings[i];
    ASSERT_TRUE(seconds_of.contains(fixing.left));
    ASSERT_TRUE(seconds_of.contains(fixing.right));
    const double l = seconds_of[fixing.left], r = seconds_of[fixing.right], t = fixing.offset_seconds;
    ASSERT_LT(l, t);
    ASSERT_LT(t, r);
    EXPECT_EQ(schedule.ends[i].passed, (t - l) / kSecondsPerYear);
    EXPECT_EQ(schedule.ends[i].rest, (r - t) / kSecondsPerYear);
    seconds_of[fixing.date] = t;
  }
  EXPECT_LE(schedule.fixings.size(), 4u * 17u);
}

// The tree belongs to the step, not to the book: another date changes no bridge that was there.
TEST(Schedule, MoreDatesChangeNoBridge) {
  const Schedule few = make_schedule(inputs_of(3, {}, {5000}));
  const Schedule many = make_schedule(inputs_of(3, {100, 9999}, {5000, 4999, 14'400, 60'000}));
  const auto bridges = [](const Schedule& schedule) {
    std::map<std::int64_t, std::tuple<std::uint32_t, std::uint32_t, double, double>> result;
    for (const auto& [seconds, date] : schedule.date_at) {
      const Fixing& f = schedule.fixings[date - 1];
      result[seconds] = {f.step, f.offset_seconds, schedule.ends[date - 1].passed, schedule.ends[date - 1].rest};
    }
    return result;
  };
  const auto more = bridges(many);
  for (const auto& [seconds, bridge] : bridges(few)) EXPECT_EQ(more.at(seconds), bridge) << seconds;
}

TEST(Schedule, ExpiryAtTheHorizonIsNoBridge) {
  const Schedule schedule = make_schedule(inputs_of(4, {}, {kDay}));
  ASSERT_EQ(schedule.fixings.size(), 1u);
  EXPECT_TRUE(schedule.fixings[0].at_step_end);
  EXPECT_EQ(schedule.fixings[0].step, 3u);
}

TEST(Schedule, ExpiryBeyondTheHorizonIsNotFixed) {
  const Schedule schedule = make_schedule(inputs_of(4, {}, {kDay + 1}));
  EXPECT_TRUE(schedule.fixings.empty());
  EXPECT_EQ(schedule.dates, 1u);
}

TEST(Schedule, ContractsOfOneDateShareAFixing) {
  const Schedule one = make_schedule(inputs_of(1, {}, {50'000}));
  const Schedule schedule = make_schedule(inputs_of(1, {50'000}, {50'000, 50'000}));
  EXPECT_EQ(schedule.fixings.size(), one.fixings.size());
}

}  // namespace
}  // namespace tailbit::schedule_test
