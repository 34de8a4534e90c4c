// Periods of the mixing variable against the step grid: which part of a step lies in which period, and that a period's
// variable is the same whatever the steps.
#include <cmath>
#include <map>
#include <numeric>

#include <gtest/gtest.h>

#include "tailbit/models/student_t.hpp"
#include "tailbit/random/draws.hpp"
#include "tailbit/random/philox.hpp"
#include "tests/support/moving_book.hpp"

namespace tailbit::student_t_periods_test {
namespace {

using test::hold;
using test::kDaySeconds;

constexpr std::uint64_t kScenarios = 40;

CompiledJob job_of(std::int64_t horizon, std::uint32_t steps, std::int64_t period,
                   std::optional<double> max_move = {}) {
  Inputs inputs = test::two_coins(kScenarios, steps);
  inputs.config.horizon_seconds = horizon;
  inputs.model.student_t = StudentT{3.5, period, max_move};
  hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
  return test::compile_fitted(inputs);
}

struct Grid {
  std::int64_t horizon, period;
  std::uint32_t steps;
};
// Periods that steps divide, or that they do not; longer than the horizon, and as long; shorter than a step, by far and
// by a little; a horizon that neither divides.
const Grid kGrids[] = {{2 * kDaySeconds, kDaySeconds, 1},
                       {2 * kDaySeconds, kDaySeconds, 4},
                       {2 * kDaySeconds, kDaySeconds, 5},
                       {2 * kDaySeconds, 10 * kDaySeconds, 3},
                       {2 * kDaySeconds, 2 * kDaySeconds, 7},
                       {2 * kDaySeconds, 25'000, 1},
                       {2 * kDaySeconds, 25'000, 7},
                       {2 * kDaySeconds, 3600, 5},
                       {100'003, 777, 13},
                       {100'003, 100'002, 3},
                       {10, 3, 7},
                       {86'401, 86'400, 1},
                       {365 * kDaySeconds, 8 * 3600, 12},
                       {7, 7, 7},
                       {7 * kDaySeconds, 5 * kDaySeconds, 2}};

class Periods : public testing::TestWithParam<Grid> {};

// Seconds of overlap over the step's seconds, by fractions of whole numbers.
TEST_P(Periods, AreSharedByStepsAsTheyOverlap) {
  const auto [horizon, period, steps] = GetParam();
  const Paths paths = job_of(horizon, steps, period).plan.paths;
  ASSERT_EQ(paths.steps.size(), steps);
  std::map<std::uint32_t, double> of_period;  // steps' worth
  for (std::uint32_t k = 0; k < steps; ++k) {
    const Step& step = paths.steps[k];
    double sum = 0.0;
    std::uint32_t next = paths.shares[step.first_share].period;
    for (std::uint32_t i = step.first_share; i < step.first_share + step.share_count; ++i) {
      const PeriodShare& part = paths.shares[i];
      EXPECT_EQ(part.period, next++) << "step " << k;
      // In units of 1/steps second.
      const std::int64_t begin = std::max(horizon * k, period * steps * part.period);
      const std::int64_t end = std::min(horizon * (k + 1), period * steps * (std::int64_t{part.period} + 1));
      EXPECT_GT(end, begin) << "step " << k;
      EXPECT_DOUBLE_EQ(part.share, static_cast<double>(end - begin) / static_cast<double>(horizon)) << "step " << k;
      sum += part.share;
      of_period[part.period] += part.share;
    }
    EXPECT_NEAR(sum, 1.0, 1e-15 * (1.0 + step.share_count)) << "step " << k;
    if (step.share_count == 1) {
      EXPECT_EQ(sum, 1.0) << "step " << k;
    }
    EXPECT_EQ(step.ends_period, horizon * (k + 1) % (period * steps) == 0 || k + 1 == steps) << "step " << k;
  }
  // Every period, the last perhaps in part.
  const auto periods = static_cast<std::size_t>((horizon + period - 1) / period);
  ASSERT_EQ(of_period.size(), periods);
  for (std::uint32_t p = 0; p < periods; ++p) {
    const double seconds = static_cast<double>(std::min(horizon, period * (std::int64_t{p} + 1)) - period * p);
    EXPECT_NEAR(of_period[p], seconds * steps / static_cast<double>(horizon), 1e-12) << "period " << p;
  }
}

// The scale of every step, from the periods' own draws: stream kMixing, block = period, step 0.
TEST_P(Periods, GiveEachStepTheMeanOfTheirVariances) {
  const auto [horizon, period, steps] = GetParam();
  const CompiledJob job = job_of(horizon, steps, period);
  const test::Notes notes = test::take_notes(job);
  const random::Key key = random::make_key(job.plan.seed);
  for (std::uint32_t k = 0; k < steps; ++k) {
    for (std::uint64_t s = 0; s < kScenarios; ++s) {
      double mean = 0.0;
      const auto first = static_cast<std::uint32_t>(horizon * k / (period * steps));
      for (std::uint32_t p = first; period * steps * p < horizon * (k + 1); ++p) {
        const std::int64_t begin = std::max(horizon * k, period * steps * p);
        const std::int64_t end = std::min(horizon * (k + 1), period * steps * (std::int64_t{p} + 1));
        const double z = random::two_normals<random::Philox4x32>(key, s, 0, p, random::kMixing).first;
        mean += static_cast<double>(end - begin) / static_cast<double>(horizon) *
                period_variance(job.plan.paths.mixing.data(), z);
      }
      const double scale = notes.step_ends[k][s].scale;
      ASSERT_NEAR(scale / std::sqrt(mean), 1.0, 1e-14) << "step " << k << ", scenario " << s;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Grids, Periods, testing::ValuesIn(kGrids), [](const auto& test) {
  return std::to_string(test.param.horizon) + "_" + std::to_string(test.param.period) + "_" +
         std::to_string(test.param.steps);
});

// Steps that lie in one period have its variable, to the bit: in every grid, and over every horizon.
TEST(PeriodVariable, HasTheSameBitsWhateverTheSteps) {
  const std::int64_t period = 6 * 3600;
  std::map<std::uint32_t, std::vector<double>> scales;  // by period
  std::size_t steps_seen = 0;
  for (const auto& [horizon, steps] : std::vector<std::pair<std::int64_t, std::uint32_t>>{{2 * kDaySeconds, 8},
                                                                                          {2 * kDaySeconds, 16},
                                                                                          {2 * kDaySeconds, 24},
                                                                                          {2 * kDaySeconds, 48},
                                                                                          {2 * kDaySeconds, 11},
                                                                                          {kDaySeconds, 4},
                                                                                          {3600, 1},
                                                                                          {3600, 5},
                                                                                          {100'003, 20}}) {
    const CompiledJob job = job_of(horizon, steps, period);
    const test::Notes notes = test::take_notes(job);
    for (std::uint32_t k = 0; k < steps; ++k) {
      const std::int64_t first = horizon * k / (period * steps), last = (horizon * (k + 1) - 1) / (period * steps);
      if (first != last) continue;
      std::vector<double> here;
      for (const auto& scenario : notes.step_ends[k]) here.push_back(scenario.scale);
      const auto [known, is_new] = scales.try_emplace(static_cast<std::uint32_t>(first), here);
      EXPECT_TRUE(is_new || known->second == here) << "step " << k << " of " << steps;
      ++steps_seen;
    }
  }
  EXPECT_EQ(scales.size(), 8u);
  EXPECT_GT(steps_seen, 100u);
  for (std::uint32_t p = 1; p < 8; ++p) EXPECT_NE(scales[p], scales[p - 1]);
}

// So a return over one period is the same t variate's scale times normals, whether it is simulated in one step or not;
// a horizon inside the period keeps its draw.
TEST(PeriodVariable, ScalesEveryNormalOfItsStep) {
  Inputs inputs = test::two_coins(kScenarios, 4);
  test::move_everything(inputs);
  hold(inputs, "AAA", "AAA", Spot::Terms{}, 1.0);
  const CompiledJob gaussian = test::compile_fitted(inputs);
  inputs.model.student_t = StudentT{3.5, kDaySeconds, {}};
  const CompiledJob fat = test::compile_fitted(inputs);
  const test::Notes plain = test::take_notes(gaussian), mixed = test::take_notes(fat);
  for (std::uint32_t f = 0; f < gaussian.plan.factors; ++f) {
    const Transition& over_step = gaussian.plan.paths.transitions[f];
    for (std::size_t k = 0; k < 4; ++k) {
      for (std::size_t s = 0; s < kScenarios; ++s) {
        const auto noise = [&](const test::Notes& notes) {
          const double before = k == 0 ? 0.0 : notes.step_ends[k - 1][s].factors[f];
          return notes.step_ends[k][s].factors[f] - transition(before, over_step);
        };
        ASSERT_NEAR(noise(mixed), mixed.step_ends[k][s].scale * noise(plain), 1e-13 * (1.0 + std::abs(noise(mixed))))
            << "factor " << f << ", step " << k;
      }
    }
  }
}

// A largest move holds over a period, whatever its steps; what is cut is counted once a period and underlying.
TEST(LargestMove, IsOfAPeriodNotOfAStep) {
  constexpr double kMost = 0.012;
  for (const std::uint32_t steps : {2u, 4u, 8u}) {
    const CompiledJob job = job_of(2 * kDaySeconds, steps, kDaySeconds, kMost);
    const test::Notes notes = test::take_notes(job);
    std::uint64_t cut = 0;
    for (std::size_t s = 0; s < kScenarios; ++s) {
      for (std::uint32_t u = 0; u < 2; ++u) {
        double base = 0.0, start = 0.0;
        for (std::uint32_t k = 0; k < steps; ++k) {
          const double factor = notes.step_ends[k][s].factors[u];
          const double limited = base + std::clamp(factor - start, -kMost, kMost);
          ASSERT_NEAR(notes.step_ends[k][s].log_returns[u], limited, 1e-16) << "step " << k << " of " << steps;
          if ((k + 1) % (steps / 2) != 0) continue;
          cut += std::abs(factor - start) > kMost;
          base = limited;
          start = factor;
        }
      }
    }
    EXPECT_GT(cut, kScenarios);
    EXPECT_EQ(cpu::run(job.plan, {}).tally.moves_limited, cut) << steps << " steps";
  }
}

}  // namespace
}  // namespace tailbit::student_t_periods_test
