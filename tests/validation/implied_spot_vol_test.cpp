// Spots whose vol is the surface's, seen from outside: one step, several with a moving level, and along a smile whose
// strikes keep their vols. Z-tests at 5 standard errors and Kolmogorov-Smirnov tests at 1e-6: below 1e-4 for the file.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/vol_world.hpp"
#include "tests/support/z_tests.hpp"

namespace tailbit::implied_spot_vol_test {
namespace {

using test::JobText;
using test::kDay;
using test::Ornstein;
using test::VolWorld;

constexpr std::uint64_t kScenarios = 200'000;

JobText implied_job(const VolWorld& world, double years, std::uint32_t steps) {
  JobText job(years, kScenarios, 61, steps);
  world.describe(job);
  job.model["underlyings"]["XYZ"]["spot_vol"] = {{"kind", "implied"}};
  job.hold("XYZ", 1.0);
  return job;
}
void expect_standard_normal(std::vector<double> z, const std::string& what) {
  test::expect_law(
      std::move(z), [](double at) { return test::normal_below(at); }, what);
}

// In one step the vol is today's 30-day at-the-money one: between slices w(0) is linear in time.
TEST(ImpliedSpotVol, OfOneStepIsTodaysMonth) {
  const double years = 2.0 * kDay;
  for (const bool sticky_strike : {false, true}) {
    for (const auto& slices : {test::kTwoSlices, std::vector<test::Slice>{test::kTwoSlices[0]},
                               std::vector<test::Slice>{test::kTwoSlices[1]}, std::vector<test::Slice>{}}) {
      VolWorld world;
      world.slices = slices;
      world.sticky_strike = sticky_strike;
      world.level = {5.0, 1.5};  // has not moved yet
      const double vol = world.vol_today(0.0, 30.0 * kDay);
      const test::Simulated ran = simulate_text(implied_job(world, years, 1));
      std::vector<double> z = test::log_returns(ran.of("XYZ"), world.spot);
      for (double& x : z) x = (x - (world.drift - 0.5 * vol * vol) * years) / (vol * std::sqrt(years));
      test::expect_mean(z, 0.0, 1.0);
      test::expect_variance(z, 0.0, 1.0, "variance");
      expect_standard_normal(z, "a normal return");
    }
  }
}

// Of steps k of length dt with vols s_k = s exp(x_k - v_k / 2): X = sum drift dt - s_k^2 dt / 2 + s_k sqrt(dt) Z_k.
// With E[s_k^2] = s^2 exp(v_k), E[s_j^2 s_k^2] = s^4 exp(v_j + v_k + 4 c_jk) and, Z_j being correlated with x_k,
// E[s_k^2 s_j Z_j] = 2 s^3 cov(x_k, Z_j) exp(v_k + 2 c_jk), all by the moment generating function of normals.
struct Moments {
  double mean = 0.0, variance = 0.0;
};
Moments moments(double vol, double drift, const Ornstein& level, double rho, double years, int steps) {
  const double dt = years / steps;
  Moments m;
  const auto v = [&](int k) { return level.variance(k * dt); };
  for (int k = 0; k < steps; ++k) {
    m.mean += drift * dt - 0.5 * vol * vol * std::exp(v(k)) * dt;
    m.variance += vol * vol * std::exp(v(k)) * dt;
    for (int j = 0; j < steps; ++j) {
      const double c = test::covariance(level, j * dt, level, k * dt, 1.0);
      m.variance += 0.25 * dt * dt * std::pow(vol, 4.0) * std::exp(v(j) + v(k)) * std::expm1(4.0 * c);
      if (j >= k) continue;
      const double z = rho * level.vol * level.decayed(dt) / std::sqrt(dt) * std::exp(-level.kappa * (k - j - 1) * dt);
      m.variance -= std::pow(dt, 1.5) * 2.0 * std::pow(vol, 3.0) * z * std::exp(v(k) + 2.0 * c);
    }
  }
  return m;
}

TEST(ImpliedSpotVol, OfManyStepsHasItsMoments) {
  const double years = 60.0 * kDay;
  for (const double kappa : {0.0, 12.0}) {
    for (const double rho : {0.0, -0.7}) {
      for (const int steps : {2, 6}) {
        VolWorld world;
        world.level = {kappa, 1.0};
        JobText job = implied_job(world, years, static_cast<std::uint32_t>(steps));
        job.correlate({"XYZ.spot", "XYZ.vol"}, {{1.0, rho}, {rho, 1.0}});
        const test::Simulated ran = simulate_text(job);
        const Moments m = moments(world.flat_vol, world.drift, world.level, rho, years, steps);
        const std::vector<double> x = test::log_returns(ran.of("XYZ"), world.spot);
        SCOPED_TRACE(std::to_string(steps) + " steps, kappa " + std::to_string(kappa));
        test::expect_mean(x, m.mean, std::sqrt(m.variance));
        test::expect_variance(x, m.mean, m.variance, "variance");
        // E[S_h] = S_0 exp(drift h), whatever the vols do.
        test::expect_own_mean(ran.of("XYZ"), world.spot * std::expm1(world.drift * years), "growth");
      }
    }
  }
}

// Path by path: the second step's return in units of the vol at its start is a standard normal, independent of it.
void expect_second_step(const VolWorld& world, double rho, const std::function<double(double, double)>& vol_of) {
  const double years = 20.0 * kDay, dt = 0.5 * years;
  JobText job = implied_job(world, years, 2);
  job.run["exposure_dates"] = {"10d", "20d"};
  if (world.level.vol > 0.0) job.correlate({"XYZ.spot", "XYZ.vol"}, {{1.0, rho}, {rho, 1.0}});
  const test::VolOption probe{"call", 100.0, 200.0 * kDay, 0.8};
  VolWorld::hold(job, "probe", probe, 1.0);
  const test::Simulated ran = simulate_text(job);
  const std::vector<double> first = test::log_returns(ran.of("XYZ", 0), world.spot);
  const std::vector<double> second = test::log_returns(ran.of("XYZ", 1), world.spot);
  std::vector<double> z(first.size()), with_spot(first.size());
  const double left = probe.expiry - dt, growth = std::exp(world.rate * left);
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double value = (world.value_today(probe) + ran.of("probe", 0)[i]) * growth;
    const double own = test::implied_vol("call", world.spot * std::exp(first[i]) * growth, 100.0, left, value, 0.8);
    const double vol = vol_of(first[i], own / 0.8);
    z[i] = (second[i] - first[i] - (world.drift - 0.5 * vol * vol) * dt) / (vol * std::sqrt(dt));
    with_spot[i] = z[i] * z[i] * first[i];
  }
  expect_standard_normal(z, "a normal second step");
  test::expect_variance(z, 0.0, 1.0, "variance");
  // A vol that does not follow the spot, or not as it should, leaves a correlation of size and first return.
  double mean = 0.0;
  for (const double x : first) mean += x / static_cast<double>(first.size());
  for (std::size_t i = 0; i < z.size(); ++i) with_spot[i] -= mean * z[i] * z[i];
  test::expect_own_mean(with_spot, 0.0, "size with first return");
}

TEST(ImpliedSpotVol, FollowsTheLevel) {
  VolWorld world;
  world.slices = test::kTwoSlices;
  world.level = {6.0, 2.0};
  const double vol = world.vol_today(0.0, 30.0 * kDay);
  expect_second_step(world, -0.5, [vol](double, double factor) { return vol * factor; });
}
// Where strikes keep their vols, the option at the money is at k = ln(S_t / S_0) of today's smile.
TEST(ImpliedSpotVol, FollowsTodaysSmileWhereStrikesKeepTheirVols) {
  VolWorld world;
  world.slices = test::kTwoSlices;
  world.sticky_strike = true;
  expect_second_step(world, 0.0, [&](double x, double) { return world.vol_today(x, 30.0 * kDay); });
  world.level = {6.0, 1.0};
  // The probe has a vol of its own, which its strike keeps; the level moves both.
  expect_second_step(world, -0.5, [&](double x, double factor) { return world.vol_today(x, 30.0 * kDay) * factor; });
}

}  // namespace
}  // namespace tailbit::implied_spot_vol_test
