// What regimes do to vols, correlations and jumps, day by day, and how jumps excite themselves, against exact moments.
// Z-tests at 5 standard errors, some 80 of them: false alarms below 1e-4 for the file.
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/implied_level.hpp"
#include "tests/support/simulated.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::regime_laws_test {
namespace {

using test::JobText;
using test::kDay;
using Json = nlohmann::json;

constexpr std::uint64_t kScenarios = 200'000;
constexpr int kDays = 4;
constexpr double kVolA = 0.5, kVolB = 0.7;

// Three states with vols of A and B, a correlation and an intensity of their own.
struct State {
  double vol_a, vol_b, correlation, intensity;
};
constexpr std::array<State, 3> kStates{{{0.5, 0.5, 0.9, 0.0}, {1.0, 1.0, 0.3, 1.0}, {2.5, 4.0, -0.6, 6.0}}};
constexpr std::array<std::array<double, 3>, 3> kTransition{{{0.7, 0.25, 0.05}, {0.3, 0.5, 0.2}, {0.1, 0.0, 0.9}}};
constexpr std::array<double, 3> kFirst{0.2, 0.5, 0.3};

Json correlation(double rho) { return {{"factors", {"AAA.spot", "BBB.spot"}}, {"matrix", {{1.0, rho}, {rho, 1.0}}}}; }

Json regimes() {
  const auto row = [](const std::array<double, 3>& p) { return Json{p[0], p[1], p[2]}; };
  Json states = Json::array();
  for (const State& s : kStates) {
    states.push_back({{"name", "state" + std::to_string(states.size())},
                      {"vol_multiplier", s.vol_a},
                      {"underlyings", {{"BBB", {{"vol_multiplier", s.vol_b}}}}},
                      {"intensity_multiplier", s.intensity}});
    if (s.correlation != 0.3) states.back()["correlation"] = correlation(s.correlation);
  }
  return {{"states", states},
          {"transition", {row(kTransition[0]), row(kTransition[1]), row(kTransition[2])}},
          {"first", row(kFirst)}};
}

JobText four_days(std::uint32_t steps) {
  JobText job(kDays * kDay, kScenarios, 29, steps);
  job.underlying("AAA", 100.0, kVolA);
  job.underlying("BBB", 100.0, kVolB);
  job.model["correlation"] = correlation(0.3);
  job.model["regimes"] = regimes();
  job.run["exposure_dates"] = {"1d", "2d", "3d", "4d"};
  job.hold("AAA", 1.0);
  job.hold("BBB", 1.0);
  return job;
}

// [days][scenarios]
std::vector<std::vector<double>> daily_returns(const test::Simulated& ran, const std::string& name) {
  std::vector<std::vector<double>> returns;
  for (int day = 0; day < kDays; ++day) {
    auto& out = returns.emplace_back();
    for (std::uint64_t i = 0; i < kScenarios; ++i) {
      const double before = day == 0 ? 100.0 : 100.0 + ran.of(name, day - 1)[i];
      out.push_back(std::log((100.0 + ran.of(name, day)[i]) / before));
    }
  }
  return returns;
}

// The probabilities of the states on each day.
std::vector<std::array<double, 3>> probabilities() {
  std::vector<std::array<double, 3>> days{kFirst};
  while (days.size() < kDays) {
    std::array<double, 3> next{};
    for (int from = 0; from < 3; ++from) {
      for (int to = 0; to < 3; ++to) next[to] += days.back()[from] * kTransition[from][to];
    }
    days.push_back(next);
  }
  return days;
}

double mean_over(const std::array<double, 3>& p, auto&& of) {
  double mean = 0.0;
  for (int s = 0; s < 3; ++s) mean += p[s] * of(s);
  return mean;
}

// Of a return whose variance is known: r = -v / 2 + sqrt(v) e.
double second_moment(double variance) { return variance + 0.25 * variance * variance; }

void expect_products(const std::vector<double>& x, const std::vector<double>& y, double exact,
                     const std::string& what) {
  std::vector<double> products;
  for (std::size_t i = 0; i < x.size(); ++i) products.push_back(x[i] * y[i]);
  test::expect_own_mean(products, exact, what);
}

class RegimeMoments : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RegimeMoments, OfDailyReturnsAreExact) {
  const test::Simulated ran = simulate_text(four_days(GetParam()));
  const auto a = daily_returns(ran, "AAA"), b = daily_returns(ran, "BBB");
  const auto days = probabilities();
  const auto variance_a = [](int s) { return kVolA * kVolA * kStates[s].vol_a * kStates[s].vol_a * kDay; };
  const auto variance_b = [](int s) { return kVolB * kVolB * kStates[s].vol_b * kStates[s].vol_b * kDay; };
  for (int day = 0; day < kDays; ++day) {
    const std::string at = " on day " + std::to_string(day);
    expect_products(a[day], a[day], mean_over(days[day], [&](int s) { return second_moment(variance_a(s)); }),
                    "square of A" + at);
    expect_products(b[day], b[day], mean_over(days[day], [&](int s) { return second_moment(variance_b(s)); }),
                    "square of B" + at);
    expect_products(a[day], b[day],
                    mean_over(days[day],
                              [&](int s) {
                                return kStates[s].correlation * std::sqrt(variance_a(s) * variance_b(s)) +
                                       0.25 * variance_a(s) * variance_b(s);
                              }),
                    "product" + at);
    std::vector<double> spot;
    for (const double r : b[day]) spot.push_back(std::exp(r));
    test::expect_own_mean(spot, 1.0, "spot of B" + at);
    if (day == 0) continue;
    // A volatile day follows a volatile one as often as the chain says.
    std::vector<double> before = a[day - 1], now = a[day];
    for (double& r : before) r *= r;
    for (double& r : now) r *= r;
    expect_products(before, now,
                    mean_over(days[day - 1],
                              [&](int s) {
                                return second_moment(variance_a(s)) * mean_over(kTransition[s], [&](int next) {
                                         return second_moment(variance_a(next));
                                       });
                              }),
                    "squares of days in a row" + at);
  }
}

// The same regimes for vols that move by themselves: a GARCH vol's shocks are those of before the regime.
TEST_P(RegimeMoments, MultiplyGarchVols) {
  JobText job = four_days(GetParam());
  const double vol = 0.8, omega = 0.05, alpha = 0.2, beta = 0.6;
  job.model["underlyings"]["AAA"]["spot_vol"] = {
      {"kind", "garch"}, {"vol", vol}, {"omega", omega}, {"alpha", alpha}, {"beta", beta}};
  const auto a = daily_returns(simulate_text(job), "AAA");
  const auto days = probabilities();
  double h = vol * vol, h_squared = h * h;
  for (int day = 0; day < kDays; ++day) {
    expect_products(a[day], a[day],
                    mean_over(days[day],
                              [&](int s) {
                                const double m = kStates[s].vol_a * kStates[s].vol_a;
                                return m * h * kDay + 0.25 * m * m * h_squared * kDay * kDay;
                              }),
                    "square on day " + std::to_string(day));
    h_squared = omega * omega + 2.0 * omega * (alpha + beta) * h +
                (3.0 * alpha * alpha + 2.0 * alpha * beta + beta * beta) * h_squared;
    h = omega + (alpha + beta) * h;
  }
}

// Jumps of one size and nothing else: a day's return is a count and what makes up for it.
TEST_P(RegimeMoments, MultiplyIntensities) {
  constexpr double kIntensity = 100.0, kSize = -0.02;
  JobText job = four_days(GetParam());
  auto& model = job.model["underlyings"]["AAA"];
  model["spot_vol"]["vol"] = 0.0;
  model["jumps"] = {{"intensity", kIntensity}, {"mean", kSize}, {"stdev", 0.0}};
  const auto a = daily_returns(simulate_text(job), "AAA");
  const auto days = probabilities();
  const double excess = kSize - (std::exp(kSize) - 1.0);
  for (int day = 0; day < kDays; ++day) {
    const auto count = [&](int s) { return kIntensity * kStates[s].intensity * kDay; };
    test::expect_own_mean(a[day], mean_over(days[day], [&](int s) { return count(s) * excess; }),
                          "mean on day " + std::to_string(day));
    expect_products(
        a[day], a[day],
        mean_over(days[day], [&](int s) { return count(s) * kSize * kSize + count(s) * count(s) * excess * excess; }),
        "square on day " + std::to_string(day));
  }
}

INSTANTIATE_TEST_SUITE_P(Steps, RegimeMoments, testing::Values(4u, 12u));

// A regime does not look at the dates between steps, and a date between them is in its step's.
TEST(Regimes, HoldAtDatesInsideSteps) {
  JobText job = four_days(4);
  job.run["exposure_dates"] = {"30h"};
  const test::Simulated ran = simulate_text(job);
  const auto days = probabilities();
  const auto variance = [](int s) { return kVolB * kVolB * kStates[s].vol_b * kStates[s].vol_b * kDay; };
  std::vector<double> spot, squares;
  for (std::uint64_t i = 0; i < kScenarios; ++i) {
    const double r = std::log(1.0 + ran.of("BBB", 0)[i] / 100.0);
    spot.push_back(std::exp(r));
    squares.push_back(r * r);
  }
  test::expect_own_mean(spot, 1.0, "spot after 30 hours");
  const double exact = mean_over(days[0], [&](int s) {
    return mean_over(kTransition[s], [&](int next) { return second_moment(variance(s) + 0.25 * variance(next)); });
  });
  test::expect_own_mean(squares, exact, "square after 30 hours");
}

// Mean and mean square of the number of jumps of a process that excites itself, by the equations of its moments
// (Dassios and Zhao 2013, section 2), in small steps: x is the excess, N the count.
struct HawkesMoments {
  double count, count_squared;
};
HawkesMoments hawkes_moments(double base, double branching, double decay, double excess, double years) {
  constexpr int kParts = 200'000;
  const double dt = years / kParts, jump = branching * decay, kept = decay - jump;
  double x = excess, xx = excess * excess, xn = 0.0, n = 0.0, nn = 0.0;
  for (int i = 0; i < kParts; ++i) {
    const double rate = base + x;
    const double dxn = -kept * xn + jump * base * n + xx + base * x + jump * rate;
    const double dxx = -2.0 * kept * xx + 2.0 * jump * base * x + jump * jump * rate;
    nn += dt * (2.0 * (base * n + xn) + rate);
    n += dt * rate;
    xn += dt * dxn;
    xx += dt * dxx;
    x += dt * (-kept * x + jump * base);
  }
  return {n, nn};
}

class Excitement : public testing::TestWithParam<std::pair<double, std::optional<double>>> {};

// The count is read off the vol, which each jump multiplies.
TEST_P(Excitement, MakesJumpsComeInClusters) {
  constexpr double kBase = 150.0, kDecay = 200.0, kVolJump = 0.02, kFlat = 0.8, kExpiry = 60.0 * kDay;
  const auto [branching, excess] = GetParam();
  JobText job(kDays * kDay, 100'000, 31, 384);
  job.underlying("AAA", 100.0, 0.3);
  auto& model = job.model["underlyings"]["AAA"];
  model["implied_vol"]["level"] = {{"vol_of_vol", 0.0}};
  model["jumps"] = {{"intensity", kBase}, {"mean", -0.01}, {"stdev", 0.02}, {"vol_jump", kVolJump}};
  model["jumps"]["self_excitation"] = {{"branching_ratio", branching}, {"decay", kDecay}};
  if (excess) model["jumps"]["self_excitation"]["excess_today"] = *excess;
  job.market["underlyings"]["AAA"]["surface"] = {{"kind", "flat"}, {"vol", kFlat}};
  job.hold("AAA", 1.0);
  nlohmann::json own = test::option("own", "AAA", "call", 100.0, kExpiry);
  own["vol"] = kFlat;
  job.define(own, 1.0);
  const test::Simulated ran = simulate_text(job);
  const double today = test::black("call", 100.0, 100.0, kFlat, kExpiry), left = kExpiry - kDays * kDay;
  std::vector<double> spot, counts, squares;
  for (std::size_t i = 0; i < 100'000; ++i) {
    const double s = 100.0 + ran.of("AAA")[i];
    const double vol = test::implied_vol("call", s, 100.0, left, today + ran.of("own")[i], kFlat);
    const double count = std::round(std::log(vol / kFlat) / kVolJump);
    spot.push_back(s / 100.0);
    counts.push_back(count);
    squares.push_back(count * count);
  }
  const double start = excess.value_or(kBase * branching / (1.0 - branching));
  const HawkesMoments exact = hawkes_moments(kBase, branching, kDecay, start, kDays * kDay);
  test::expect_own_mean(spot, 1.0, "spot");
  test::expect_own_mean(counts, exact.count, "number of jumps");
  test::expect_own_mean(squares, exact.count_squared, "squared number of jumps");
}

INSTANTIATE_TEST_SUITE_P(Branching, Excitement,
                         testing::Values(std::pair(0.0, std::optional<double>{}), std::pair(0.6, std::optional(0.0)),
                                         std::pair(0.6, std::optional(400.0)),
                                         std::pair(0.3, std::optional<double>{})));

}  // namespace
}  // namespace tailbit::regime_laws_test
