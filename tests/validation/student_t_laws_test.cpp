// Student-t innovations, seen from outside: log-returns of whole simulations against exact laws. Kolmogorov-Smirnov
// tests with a false-alarm rate of 1e-6 and z-tests at 5 standard errors: below 1e-4 for the file.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/implied_level.hpp"
#include "tests/support/simulated.hpp"
#include "tests/support/t_laws.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::student_t_laws_test {
namespace {

using test::JobText;
using test::kDay;
using test::SumOfT;
using test::UnitT;

constexpr std::uint64_t kScenarios = 200'000;
constexpr double kSpot = 100.0, kVol = 0.25, kDrift = 0.8;

JobText t_job(double years, std::uint32_t steps, double dof, const std::string& period = "1d") {
  JobText job(years, kScenarios, 31, steps);
  job.model["innovations"] = {{"kind", "student_t"}, {"dof", dof}, {"period", period}};
  job.underlying("XYZ", kSpot, kVol, kDrift);
  job.hold("XYZ", 1.0);
  return job;
}
// Log-returns in units of their deviation, about their mean.
std::vector<double> standardised(const test::Simulated& ran, const std::string& instrument, double years,
                                 std::size_t date = 0) {
  std::vector<double> x = test::log_returns(ran.of(instrument, date), kSpot);
  for (double& r : x) r = (r - (kDrift - 0.5 * kVol * kVol) * years) / (kVol * std::sqrt(years));
  return x;
}
std::vector<double> products(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] * a[i] * b[i] * b[i];
  return out;
}

// --- One period
// -------------------------------------------------------------------------------------------------------

class WithinAPeriod : public testing::TestWithParam<double> {};

TEST_P(WithinAPeriod, ReturnsAreStudentTWhateverTheSteps) {
  const UnitT law(GetParam());
  for (const double years : {kDay, kDay / 3.0}) {
    for (const std::uint32_t steps : {1u, 4u, 24u}) {
      SCOPED_TRACE(std::to_string(steps) + " steps over " + std::to_string(years) + " years");
      std::vector<double> x = standardised(simulate_text(t_job(years, steps, GetParam())), "XYZ", years);
      test::expect_law(
          x, [&](double at) { return law.below(at); }, "a t return");
      test::expect_mean(x, 0.0, 1.0);
      for (int side = 0; side < 2; ++side) {
        for (const double level : {0.9, 0.99, 0.999, 0.9999}) test::expect_exceedances(x, level, law.quantile(level));
        for (double& r : x) r = -r;
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Dof, WithinAPeriod, testing::Values(2.5, 3.0, 4.0, 10.0),
                         [](const auto& test) { return "tenths_" + std::to_string(int(test.param * 10.0)); });

// --- Several periods
// --------------------------------------------------------------------------------------------------

struct Periods {
  const char* name;
  double years;
  const char* period;
  std::vector<double> shares;  // of the periods, of the horizon
  std::vector<std::uint32_t> steps;
};
const std::vector<Periods> kPeriods{
    {"three_days", 3.0 * kDay, "1d", {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0}, {3, 1, 5, 12}},
    {"a_day_and_two_hours", 26.0 / 24.0 * kDay, "1d", {24.0 / 26.0, 2.0 / 26.0}, {1, 2, 13}},
    {"a_day_of_shifts", kDay, "8h", {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0}, {1, 24}}};

class OverPeriods : public testing::TestWithParam<std::size_t> {};

// A sum of independent t variates, one per period, whether steps end with periods or straddle them.
TEST_P(OverPeriods, ReturnsAreSumsOfIndependentT) {
  const Periods& p = kPeriods[GetParam()];
  std::vector<double> weights;
  for (const double share : p.shares) weights.push_back(std::sqrt(share));
  const SumOfT law(4.0, weights);
  for (const std::uint32_t steps : p.steps) {
    SCOPED_TRACE(steps);
    const auto x = standardised(simulate_text(t_job(p.years, steps, 4.0, p.period)), "XYZ", p.years);
    test::expect_law(
        x, [&](double at) { return law.below(at); }, "a sum of t returns");
    test::expect_mean(x, 0.0, 1.0);
    std::vector<double> sizes = x;
    for (double& r : sizes) r = std::abs(r);
    for (const double bound : {1.0, 2.0, 4.0, 6.0})
      test::expect_exceedances(sizes, 1.0 - 2.0 * law.below(-bound), bound);
  }
}
INSTANTIATE_TEST_SUITE_P(Horizons, OverPeriods, testing::Range(std::size_t{0}, kPeriods.size()),
                         [](const auto& test) { return kPeriods[test.param].name; });

// The excess kurtosis 6 / (dof - 4) of a period falls with their number.
TEST(StudentTLaws, KurtosisFallsWithTheNumberOfPeriods) {
  for (const auto& [days, expected] : {std::pair{1.0, 6.0 / 16.0}, {3.0, 2.0 / 16.0}}) {
    JobText job = t_job(days * kDay, 3, 20.0);
    job.run["scenarios"] = 2'000'000;  // sees 0.5 % of the variance
    const auto x = standardised(simulate_text(job), "XYZ", days * kDay);
    std::vector<double> fourth = x;
    for (double& r : fourth) r = r * r * r * r;
    test::expect_variance(x, 0.0, 1.0, "variance");
    test::expect_own_mean(fourth, 3.0 + expected, "kurtosis");
  }
}

// --- What shares the mixing variable
// ----------------------------------------------------------------------------------

// P(|X| > c, |Y| > c) of two uncorrelated normals with the variance (dof - 2) / chi-square in common.
double joint_exceedance(double dof, double c) {
  // Over chi = sqrt(chi-square), whose density is smooth; midpoints.
  const double front = std::exp(std::log(2.0) * (1.0 - 0.5 * dof) - std::lgamma(0.5 * dof));
  constexpr double kWidth = 1e-3;
  double sum = 0.0;
  for (double chi = 0.5 * kWidth; chi < 40.0; chi += kWidth) {
    const double beyond = 2.0 * test::normal_below(-c * chi / std::sqrt(dof - 2.0));
    sum += kWidth * front * std::pow(chi, dof - 1.0) * std::exp(-0.5 * chi * chi) * beyond * beyond;
  }
  return sum;
}

// Spots of two underlyings and a vol: uncorrelated, and yet extreme together.
TEST(StudentTLaws, FactorsAreExtremeTogether) {
  const double dof = 4.0, vol_of_vol = 2.0, years = kDay;
  JobText job = t_job(years, 4, dof);
  job.underlying("ABC", kSpot, kVol, kDrift);
  job.hold("ABC", 1.0);
  job.model["underlyings"]["XYZ"]["implied_vol"]["level"] = {{"vol_of_vol", vol_of_vol}};
  nlohmann::json probe = test::option("probe", "XYZ", "call", kSpot, 60.0 * kDay);
  probe["vol"] = kVol;
  job.define(probe, 1.0);
  const test::Simulated ran = simulate_text(job);
  const std::vector<double> x = standardised(ran, "XYZ", years), y = standardised(ran, "ABC", years);
  std::vector<double> level = ran.of("probe");
  const double today = test::black("call", kSpot, kSpot, kVol, 60.0 * kDay);
  for (std::size_t i = 0; i < level.size(); ++i) {
    const double vol = test::implied_vol("call", kSpot + ran.of("XYZ")[i], kSpot, 59.0 * kDay, today + level[i], kVol);
    level[i] = (std::log(vol / kVol) + 0.5 * vol_of_vol * vol_of_vol * years) / (vol_of_vol * std::sqrt(years));
  }
  test::expect_law(
      level, [law = UnitT(dof)](double at) { return law.below(at); }, "a t level");
  for (const double bound : {1.0, 2.0, 3.0}) {
    const double share = joint_exceedance(dof, bound);
    for (const std::vector<double>& other : {y, level}) {
      std::vector<double> least(x.size());
      for (std::size_t i = 0; i < x.size(); ++i) least[i] = std::min(std::abs(x[i]), std::abs(other[i]));
      test::expect_exceedances(least, 1.0 - share, bound);
    }
  }
}

// E[X^2 Y^2] = (1 + 2 rho^2) (dof - 2) / (dof - 4) under one mixing variable, 1 under independent ones.
TEST(StudentTLaws, SquaresAreCorrelatedWithinAPeriodOnly) {
  const double dof = 12.0, rho = 0.6, half = 0.5 * kDay;
  JobText job = t_job(1.5 * kDay, 3, dof);
  job.underlying("ABC", kSpot, kVol, kDrift);
  job.correlate({"XYZ.spot", "ABC.spot"}, {{1.0, rho}, {rho, 1.0}});
  job.run["exposure_dates"] = {"12h", "1d", "36h"};
  job.hold("ABC", 1.0);
  const test::Simulated ran = simulate_text(job);
  const auto move = [&](const std::string& name, std::size_t date) {
    std::vector<double> x = standardised(ran, name, half * static_cast<double>(date + 1), date);
    if (date == 0) return x;
    const std::vector<double> before = standardised(ran, name, half * static_cast<double>(date), date - 1);
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = x[i] * std::sqrt(static_cast<double>(date + 1)) - before[i] * std::sqrt(static_cast<double>(date));
    return x;
  };
  const double shared = (dof - 2.0) / (dof - 4.0);
  test::expect_own_mean(products(move("XYZ", 0), move("ABC", 0)), (1.0 + 2.0 * rho * rho) * shared, "same step");
  test::expect_own_mean(products(move("XYZ", 0), move("XYZ", 1)), shared, "same day");
  test::expect_own_mean(products(move("XYZ", 0), move("ABC", 1)), shared, "same day, the other");
  test::expect_own_mean(products(move("XYZ", 1), move("XYZ", 2)), 1.0, "the next day");
}

// --- Largest move
// -----------------------------------------------------------------------------------------------------

// Each day's log-return is cut at max_move, and the summary says how often.
TEST(StudentTLaws, LargestMoveCutsEachDay) {
  const double most = 0.04, dof = 3.0;
  JobText job = t_job(3.0 * kDay, 6, dof);
  job.model["innovations"]["max_move"] = most;
  job.run["exposure_dates"] = {"1d", "2d", "3d"};
  const test::Simulated ran = simulate_text(job);
  const UnitT law(dof);
  const double mean = (kDrift - 0.5 * kVol * kVol) * kDay, stdev = kVol * std::sqrt(kDay);
  std::vector<double> before(kScenarios, 0.0);
  std::uint64_t cut = 0;
  for (std::size_t day = 0; day < 3; ++day) {
    const std::vector<double> x = test::log_returns(ran.of("XYZ", day), kSpot);
    std::vector<double> moved(x.size()), sizes(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      moved[i] = x[i] - before[i];
      sizes[i] = std::abs(moved[i]);
      ASSERT_LE(sizes[i], most + 1e-9);
      cut += sizes[i] > most - 1e-9 ? 1 : 0;
      moved[i] = (moved[i] - mean) / stdev;
    }
    const auto below = [&](double at) {  // within the limits the law is the uncut one
      return at >= (most - mean) / stdev - 1e-6 ? 1.0 : at <= (-most - mean) / stdev + 1e-6 ? 0.0 : law.below(at);
    };
    // The atoms at the limits are P(T beyond).
    const double up = law.above((most - mean) / stdev), down = law.below((-most - mean) / stdev);
    std::vector<double> inside;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (sizes[i] < most - 1e-9) inside.push_back(moved[i]);
    }
    test::expect_exceedances(sizes, 1.0 - up - down, most - 2e-6);
    test::expect_law(
        inside, [&](double at) { return (below(at) - down) / (1.0 - up - down); }, "a return not cut");
    before = x;
  }
  EXPECT_GT(cut, 1000u);
  EXPECT_EQ(ran.tally.moves_limited, cut);
  const test::Ran whole = test::run_text(job);
  const std::string told = std::to_string(cut) + " moves of a spot over a period were cut at max_move";
  EXPECT_NE(whole.summary["warnings"].dump().find(told), std::string::npos) << whole.summary["warnings"].dump();
}

}  // namespace
}  // namespace tailbit::student_t_laws_test
