// Innovations that draw whole periods at once: a bootstrap's moves are rows of its history, a grouped t has the
// marginals and the dependence that it is given; both on every date and for any number of steps. Z-tests at 5 standard
// errors, some 60 of them, and Kolmogorov-Smirnov tests (tests/support/z_tests.hpp): false alarms below 1e-4 for the
// file.
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "host/compile/student_t_tail.hpp"
#include "tests/support/simulated.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::period_moves_test {
namespace {

using test::JobText;
using test::kDay;
using Json = nlohmann::json;

constexpr std::uint64_t kScenarios = 100'000;
constexpr double kVolA = 0.5, kVolB = 0.8;

JobText two_coins(double days, std::uint32_t steps, const std::vector<std::string>& dates) {
  JobText job(days * kDay, kScenarios, 37, steps);
  job.underlying("AAA", 100.0, kVolA);
  job.underlying("BBB", 100.0, kVolB);
  job.model["correlation"] = {{"factors", {"AAA.spot", "BBB.spot"}}, {"matrix", {{1.0, 0.6}, {0.6, 1.0}}}};
  if (!dates.empty()) job.run["exposure_dates"] = dates;
  job.hold("AAA", 1.0);
  job.hold("BBB", 1.0);
  return job;
}

// The moves between two dates over vol and the root of `years`: what is e over a whole period.
std::vector<double> moves(const test::Simulated& ran, const std::string& name, double vol, int date, double years) {
  std::vector<double> out;
  for (std::uint64_t i = 0; i < kScenarios; ++i) {
    const double before = date == 0 ? 100.0 : 100.0 + ran.of(name, date - 1)[i];
    const double r = std::log((100.0 + ran.of(name, date)[i]) / before);
    out.push_back((r + 0.5 * vol * vol * years) / (vol * std::sqrt(years)));
  }
  return out;
}

// Rows that tell themselves: no two alike in A, and B's is a function of them.
constexpr int kRows = 25;
double residual_a(int row) { return (row - 12.0) / 7.0; }
double residual_b(int row) { return std::cos(row) - 0.3 * residual_a(row); }
Json history() {
  Json rows = Json::array();
  for (int row = 0; row < kRows; ++row) rows.push_back({residual_b(row), residual_a(row)});
  return {{"factors", {"BBB.spot", "AAA.spot"}}, {"rows", rows}};
}
int row_of(double a) { return static_cast<int>(std::lround(7.0 * a + 12.0)); }

class Bootstraps : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Bootstraps, DrawWholeRows) {
  constexpr double kBlock = 4.0;
  JobText job = two_coins(2.0, GetParam(), {"1d", "2d"});
  job.model["innovations"] = {{"kind", "bootstrap"}, {"residuals", history()}, {"mean_block", kBlock}};
  const test::Simulated ran = simulate_text(job);
  std::vector<std::vector<double>> a, b;
  for (int day = 0; day < 2; ++day) {
    a.push_back(moves(ran, "AAA", kVolA, day, kDay));
    b.push_back(moves(ran, "BBB", kVolB, day, kDay));
    std::vector<double> counts(kRows, 0.0);
    for (std::uint64_t i = 0; i < kScenarios; ++i) {
      const int row = row_of(a[day][i]);
      ASSERT_TRUE(row >= 0 && row < kRows);
      ASSERT_NEAR(a[day][i], residual_a(row), 1e-10) << i;
      ASSERT_NEAR(b[day][i], residual_b(row), 1e-10) << i;
      counts[row] += 1.0;
    }
    const double p = 1.0 / kRows;
    for (int row = 0; row < kRows; ++row) {
      test::expect_z("row " + std::to_string(row) + " on day " + std::to_string(day), counts[row] / kScenarios, p,
                     std::sqrt(p * (1.0 - p) / kScenarios));
    }
  }
  // The second day's row follows the first's, the last by the first, but where a block ends.
  std::vector<double> follows;
  for (std::uint64_t i = 0; i < kScenarios; ++i)
    follows.push_back(row_of(a[1][i]) == (row_of(a[0][i]) + 1) % kRows ? 1.0 : 0.0);
  test::expect_own_mean(follows, 1.0 - 1.0 / kBlock + 1.0 / kBlock / kRows, "rows in a row");
}
INSTANTIATE_TEST_SUITE_P(Steps, Bootstraps, testing::Values(2u, 6u, 24u));

// Within a day the path is a bridge to the row, on steps and between them.
TEST(Bootstraps, BridgeTheWayThere) {
  for (const std::uint32_t steps : {1u, 6u}) {
    JobText job = two_coins(1.0, steps, {"8h", "11h", "1d"});
    job.model["innovations"] = {{"kind", "bootstrap"}, {"residuals", history()}};
    const test::Simulated ran = simulate_text(job);
    const double hours[] = {8.0, 11.0};
    std::vector<double> day_a, day_b;
    for (std::uint64_t i = 0; i < kScenarios; ++i) {
      day_a.push_back(std::log(1.0 + ran.of("AAA", 2)[i] / 100.0));
      day_b.push_back(std::log(1.0 + ran.of("BBB", 2)[i] / 100.0));
    }
    for (int date = 0; date < 2; ++date) {
      const double s = hours[date] / 24.0;
      std::vector<double> rest, squares, products;
      for (std::uint64_t i = 0; i < kScenarios; ++i) {
        const double a = std::log(1.0 + ran.of("AAA", date)[i] / 100.0) - s * day_a[i];
        const double b = std::log(1.0 + ran.of("BBB", date)[i] / 100.0) - s * day_b[i];
        rest.push_back(a);
        squares.push_back(a * a);
        products.push_back(a * b);
      }
      const double variance = s * (1.0 - s) * kDay;
      const std::string at = " after " + std::to_string(hours[date]) + " hours of " + std::to_string(steps) + " steps";
      test::expect_own_mean(rest, 0.0, "bridge" + at);
      test::expect_own_mean(squares, variance * kVolA * kVolA, "squared bridge" + at);
      test::expect_own_mean(products, 0.6 * variance * kVolA * kVolB, "product of bridges" + at);
    }
  }
}

// A horizon that ends within the period has the law of the period's moves.
TEST(Bootstraps, KeepTheirLawWhereTheHorizonIsShorter) {
  for (const std::uint32_t steps : {1u, 5u}) {
    JobText job = two_coins(1.0 / 3.0, steps, {"8h"});
    job.model["innovations"] = {{"kind", "bootstrap"}, {"residuals", history()}};
    const std::vector<double> a = moves(simulate_text(job), "AAA", kVolA, 0, kDay / 3.0);
    for (const double e : a) ASSERT_NEAR(e, residual_a(row_of(e)), 1e-10);
  }
}

// Factors that the history lacks stay Gaussian.
TEST(Bootstraps, LeaveOthersGaussian) {
  JobText job = two_coins(1.0, 3, {"1d"});
  job.model.erase("correlation");
  Json rows = Json::array();
  for (int row = 0; row < kRows; ++row) rows.push_back({residual_a(row)});
  job.model["innovations"] = {{"kind", "bootstrap"}, {"residuals", {{"factors", {"BBB.spot"}}, {"rows", rows}}}};
  const test::Simulated ran = simulate_text(job);
  for (const double e : moves(ran, "BBB", kVolB, 0, kDay)) ASSERT_NEAR(e, residual_a(row_of(e)), 1e-10);
  std::vector<double> a = moves(ran, "AAA", kVolA, 0, kDay);
  test::expect_law(
      std::move(a), [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }, "A");
}

double below_t(double dof, double x) { return x < 0.0 ? student_t_tail(dof, -x) : 1.0 - student_t_tail(dof, x); }

// Kendall's tau of elliptical copulas is 2 / pi asin(rho) whatever their tails (Lindskog, McNeil and Schmock 2003),
// from pairs of scenarios that share none.
void expect_tau(const std::vector<double>& x, const std::vector<double>& y, double rho, const std::string& what) {
  std::vector<double> signs;
  for (std::size_t i = 0; i + 1 < x.size(); i += 2)
    signs.push_back((x[i] - x[i + 1]) * (y[i] - y[i + 1]) > 0.0 ? 1.0 : -1.0);
  test::expect_own_mean(signs, 2.0 / 3.14159265358979324 * std::asin(rho), what);
}

class GroupedT : public testing::TestWithParam<std::tuple<std::uint32_t, double>> {};

TEST_P(GroupedT, HasItsMarginalsAndItsDependence) {
  const auto [steps, days] = GetParam();
  JobText job = two_coins(days, steps, {});
  job.underlying("CCC", 100.0, 0.6);
  job.hold("CCC", 1.0);
  job.model["correlation"] = {{"factors", {"AAA.spot", "BBB.spot", "CCC.spot"}},
                              {"matrix", {{1.0, 0.6, -0.3}, {0.6, 1.0, 0.2}, {-0.3, 0.2, 1.0}}}};
  job.model["innovations"] = {{"kind", "grouped_t"},
                              {"groups", {{{"dof", 4.0}, {"factors", {"AAA.spot", "BBB.spot"}}}, {{"dof", 9.0}}}},
                              {"marginals", {{"AAA.spot", 2.6}, {"CCC.spot", 40.0}}}};
  const test::Simulated ran = simulate_text(job);
  const auto a = moves(ran, "AAA", kVolA, 0, days * kDay), b = moves(ran, "BBB", kVolB, 0, days * kDay),
             c = moves(ran, "CCC", 0.6, 0, days * kDay);
  test::expect_law(
      a, [](double x) { return below_t(2.6, x); }, "A");
  test::expect_law(
      b, [](double x) { return below_t(4.0, x); }, "B");
  test::expect_law(
      c, [](double x) { return below_t(40.0, x); }, "C");
  expect_tau(a, b, 0.6, "tau of A and B");
  // Both in the lowest 2 %, more often than a normal copula has it: the copula of (A, B) is that of a t with 4 degrees
  // of freedom, integrated over its mixing variable.
  const double quantile_a = -student_t_deviations(2.6, 0.02), quantile_b = -student_t_deviations(4.0, 0.02);
  std::vector<double> both;
  for (std::uint64_t i = 0; i < kScenarios; ++i) both.push_back(a[i] < quantile_a && b[i] < quantile_b ? 1.0 : 0.0);
  test::expect_own_mean(both, 0.0073287019, "A and B in their tails");
}
// By scipy 1.17.1, q = t.ppf(.02, 4): quad(lambda u: multivariate_normal([0, 0], [[1, .6], [.6, 1]]).cdf(
// [q * sqrt(chi2.ppf(u, 4) / 4)] * 2), 0, 1, epsabs=1e-10, limit=500).
INSTANTIATE_TEST_SUITE_P(Steps, GroupedT,
                         testing::Values(std::tuple(1u, 1.0), std::tuple(6u, 1.0), std::tuple(4u, 0.25)));

// From period to period moves are independent, and their squares are not as within a period.
TEST(GroupedT, IsDrawnAnewEachPeriod) {
  JobText job = two_coins(2.0, 4, {"12h", "1d", "2d"});
  job.model["innovations"] = {{"kind", "grouped_t"}, {"groups", {{{"dof", 10.0}}}}};
  const test::Simulated ran = simulate_text(job);
  const auto first = moves(ran, "AAA", kVolA, 0, 0.5 * kDay), second = moves(ran, "AAA", kVolA, 1, 0.5 * kDay),
             next = moves(ran, "AAA", kVolA, 2, kDay);
  std::vector<double> within, across;
  for (std::uint64_t i = 0; i < kScenarios; ++i) {
    const double day = std::sqrt(0.5) * (first[i] + second[i]);
    within.push_back(day);
    across.push_back(day * day * next[i] * next[i]);
  }
  test::expect_law(
      within, [](double x) { return below_t(10.0, x); }, "first day");
  test::expect_law(
      next, [](double x) { return below_t(10.0, x); }, "second day");
  test::expect_own_mean(across, 1.0, "product of squares");
}

// A GARCH vol remembers the moves that were drawn.
TEST(GroupedT, FeedsGarch) {
  const double vol = 0.7, omega = 0.03, alpha = 0.2, beta = 0.7;
  JobText job = two_coins(2.0, 6, {"1d", "2d"});
  job.model["underlyings"]["AAA"]["spot_vol"] = {
      {"kind", "garch"}, {"vol", vol}, {"omega", omega}, {"alpha", alpha}, {"beta", beta}};
  job.model["innovations"] = {{"kind", "grouped_t"}, {"groups", {{{"dof", 3.5}}}}};
  const test::Simulated ran = simulate_text(job);
  const auto first = moves(ran, "AAA", vol, 0, kDay);
  std::vector<double> standardised;
  for (std::uint64_t i = 0; i < kScenarios; ++i) {
    const double h = omega + alpha * vol * vol * first[i] * first[i] + beta * vol * vol;
    const double r = std::log((100.0 + ran.of("AAA", 1)[i]) / (100.0 + ran.of("AAA", 0)[i]));
    standardised.push_back((r + 0.5 * h * kDay) / std::sqrt(h * kDay));
  }
  test::expect_law(
      first, [](double x) { return below_t(3.5, x); }, "first day");
  test::expect_law(
      standardised, [](double x) { return below_t(3.5, x); }, "second day");
}

}  // namespace
}  // namespace tailbit::period_moves_test
