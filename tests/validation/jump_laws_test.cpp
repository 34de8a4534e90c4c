// What jumps do to spots, vols, skews and bases at dates on and between steps, recovered scenario by scenario from
// contracts, against exact moments of compound Poisson processes. Z-tests at 5 standard errors, some 100 of them: false
// alarms below 1e-3 for the file.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/implied_level.hpp"
#include "tests/support/simulated.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::jump_laws_test {
namespace {

using test::JobText;
using test::kDay;

constexpr std::uint64_t kScenarios = 200'000;
constexpr double kSpot = 100.0, kVol = 0.4, kFlat = 0.8, kExpiry = 60.0 * kDay, kHorizon = 4.0 * kDay;
// Own jumps of AAA, and those in common with BBB.
constexpr double kOwn = 100.0, kOwnMean = -0.03, kOwnStdev = 0.02;
constexpr double kCommon = 60.0, kCorrelation = 0.7, kMeanA = -0.02, kStdevA = 0.03, kMeanB = 0.01, kStdevB = 0.04;
constexpr double kVolJump = 0.15, kSkewJump = -0.05, kBasisJump = -0.08;
constexpr double kLevelKappa = 40.0, kSkewKappa = 0.0, kBasisKappa = 90.0;

struct Date {
  const char* text;
  double years;
};
const std::vector<Date> kDates{{"7h", 7.0 / 24.0 * kDay}, {"30h", 1.25 * kDay}, {"2d", 2.0 * kDay}, {"4d", kHorizon}};

JobText probes(std::uint32_t steps) {
  JobText job(kHorizon, kScenarios, 17, steps);
  for (const Date& date : kDates) job.run["exposure_dates"].push_back(date.text);
  job.underlying("AAA", kSpot, kVol);
  job.underlying("BBB", kSpot, kVol);
  auto& aaa = job.model["underlyings"]["AAA"];
  aaa["implied_vol"]["level"] = {{"kappa", kLevelKappa}, {"vol_of_vol", 0.0}, {"term_decay", 0.0}};
  aaa["implied_vol"]["skew"] = {{"kappa", kSkewKappa}, {"vol", 0.0}};
  aaa["basis"] = {{"kappa", kBasisKappa}, {"vol", 0.0}, {"term_decay", 0.0}};
  aaa["jumps"] = {{"intensity", kOwn},    {"mean", kOwnMean},       {"stdev", kOwnStdev},
                  {"vol_jump", kVolJump}, {"skew_jump", kSkewJump}, {"basis_jump", kBasisJump}};
  job.model["common_jumps"] = {{"intensity", kCommon},
                               {"correlation", kCorrelation},
                               {"underlyings",
                                {{"AAA", {{"mean", kMeanA}, {"stdev", kStdevA}, {"vol_jump", kVolJump}}},
                                 {"BBB", {{"mean", kMeanB}, {"stdev", kStdevB}}}}}};
  job.market["underlyings"]["AAA"]["surface"] = {{"kind", "flat"}, {"vol", kFlat}};
  job.hold("AAA", 1.0);
  job.hold("BBB", 1.0);
  job.define(test::future("future", "AAA", kExpiry), 1.0);
  nlohmann::json own = test::option("own", "AAA", "call", kSpot, kExpiry);
  own["vol"] = kFlat;
  job.define(own, 1.0);
  job.define(test::option("wing", "AAA", "call", 1.4 * kSpot, kExpiry), 1.0);
  return job;
}

// Log-returns of both spots, and AAA's level, skew and basis, in a scenario.
struct Seen {
  double a, b, level, skew, basis;
};
std::vector<Seen> seen_at(const test::Simulated& ran, std::size_t date) {
  const double left = kExpiry - kDates[date].years;
  const double own_today = test::black("call", kSpot, kSpot, kFlat, kExpiry);
  const double wing_today = test::black("call", kSpot, 1.4 * kSpot, kFlat, kExpiry);
  std::vector<Seen> all;
  for (std::size_t i = 0; i < kScenarios; ++i) {
    const double spot = kSpot + ran.of("AAA", date)[i], forward = kSpot + ran.of("future", date)[i];
    const double vol = test::implied_vol("call", forward, kSpot, left, own_today + ran.of("own", date)[i], kFlat);
    const double wing =
        test::implied_vol("call", forward, 1.4 * kSpot, left, wing_today + ran.of("wing", date)[i], vol);
    all.push_back({std::log(spot / kSpot), std::log(1.0 + ran.of("BBB", date)[i] / kSpot), std::log(vol / kFlat),
                   (wing - vol) / (std::log(1.4 * kSpot / forward) * std::sqrt(0.5)), std::log(forward / spot) / left});
  }
  return all;
}

double mgf(double mean, double stdev, double power) {
  return std::exp(power * mean + 0.5 * power * power * stdev * stdev);
}

// The mean of a decaying sum of jumps of `amount`, and the integral of the square of what one leaves.
double mean_left(double intensity, double amount, double kappa, double t) {
  return intensity * amount * (kappa == 0.0 ? t : (1.0 - std::exp(-kappa * t)) / kappa);
}

class JumpMoments : public testing::TestWithParam<std::uint32_t> {};

TEST_P(JumpMoments, AreExactOnAndBetweenSteps) {
  const test::Simulated ran = simulate_text(probes(GetParam()));
  std::vector<std::vector<Seen>> seen;
  for (std::size_t date = 0; date < kDates.size(); ++date) seen.push_back(seen_at(ran, date));
  const auto expect = [&](const std::string& what, std::size_t date, double exact, auto&& of) {
    std::vector<double> sample;
    for (std::size_t i = 0; i < kScenarios; ++i) sample.push_back(of(i));
    test::expect_own_mean(sample, exact, what + " at " + kDates[date].text);
  };
  // E[(S_t / S_0)^2] of AAA.
  const auto second_moment = [](double t) {
    const double own = mgf(kOwnMean, kOwnStdev, 2) - 2.0 * mgf(kOwnMean, kOwnStdev, 1) + 1.0;
    const double common = mgf(kMeanA, kStdevA, 2) - 2.0 * mgf(kMeanA, kStdevA, 1) + 1.0;
    return std::exp((kVol * kVol + kOwn * own + kCommon * common) * t);
  };
  for (std::size_t d = 0; d < kDates.size(); ++d) {
    const double t = kDates[d].years;
    const std::vector<Seen>& now = seen[d];
    expect("spot of AAA", d, 1.0, [&](std::size_t i) { return std::exp(now[i].a); });
    expect("spot of BBB", d, 1.0, [&](std::size_t i) { return std::exp(now[i].b); });
    expect("squared spot of AAA", d, second_moment(t), [&](std::size_t i) { return std::exp(2.0 * now[i].a); });
    expect("level", d, mean_left(kOwn + kCommon, kVolJump, kLevelKappa, t),
           [&](std::size_t i) { return now[i].level; });
    expect("skew", d, mean_left(kOwn, kSkewJump, kSkewKappa, t), [&](std::size_t i) { return now[i].skew; });
    expect("basis", d, mean_left(kOwn, kBasisJump, kBasisKappa, t), [&](std::size_t i) { return now[i].basis; });
    // Of a compound Poisson process: intensity times the second moment.
    const double level_mean = mean_left(kOwn + kCommon, kVolJump, kLevelKappa, t);
    expect("squared level", d,
           level_mean * level_mean + mean_left(kOwn + kCommon, kVolJump * kVolJump, 2.0 * kLevelKappa, t),
           [&](std::size_t i) { return now[i].level * now[i].level; });
    // Jumps of the spot and of what jumps with it come together.
    const double a_mean = [&] {
      const double own = kOwnMean - mgf(kOwnMean, kOwnStdev, 1) + 1.0, common = kMeanA - mgf(kMeanA, kStdevA, 1) + 1.0;
      return (-0.5 * kVol * kVol + kOwn * own + kCommon * common) * t;
    }();
    expect("spot and level", d,
           mean_left(kOwn, kOwnMean * kVolJump, kLevelKappa, t) + mean_left(kCommon, kMeanA * kVolJump, kLevelKappa, t),
           [&](std::size_t i) { return (now[i].a - a_mean) * (now[i].level - level_mean); });
    expect("spot and basis", d, mean_left(kOwn, kOwnMean * kBasisJump, kBasisKappa, t), [&](std::size_t i) {
      return (now[i].a - a_mean) * (now[i].basis - mean_left(kOwn, kBasisJump, kBasisKappa, t));
    });
    const double b_mean = (-0.5 * kVol * kVol + kCommon * (kMeanB - mgf(kMeanB, kStdevB, 1) + 1.0)) * t;
    expect("both spots", d, kCommon * (kMeanA * kMeanB + kCorrelation * kStdevA * kStdevB) * t,
           [&](std::size_t i) { return (now[i].a - a_mean) * (now[i].b - b_mean); });
    // What comes later does not know of what was before.
    for (std::size_t s = 0; s < d; ++s) {
      expect(std::string("squared spot until ") + kDates[s].text, d, second_moment(kDates[s].years),
             [&](std::size_t i) { return std::exp(seen[s][i].a + now[i].a); });
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Steps, JumpMoments, testing::Values(1u, 2u, 8u),
                         [](const auto& info) { return "Steps" + std::to_string(info.param); });

}  // namespace
}  // namespace tailbit::jump_laws_test
