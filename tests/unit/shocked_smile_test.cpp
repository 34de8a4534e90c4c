// Smiles that factors have moved: against today's slices, finite differences and the mean that each vol keeps.
#include "tailbit/market/shocked_smile.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "host/fit/arbitrage.hpp"
#include "tailbit/models/ornstein_uhlenbeck.hpp"

namespace tailbit::shocked_smile_test {
namespace {

using market::SmileShock;
using market::SviSlice;
using market::SviSmile;
using market::VolAt;

constexpr SviSlice kSlices[] = {{0.25, -0.0410, 0.1331, 0.3060, 0.3586, 0.4153},
                                {0.02, 0.001, 0.05, -0.6, -0.03, 0.08},
                                {1.5, 0.2, 0.4, -0.2, 0.4, 1.3}};

SviSmile<double> smile_of(const SviSlice& s) { return {s.a, s.b, s.rho, s.m, s.sigma * s.sigma, 1.0 / s.years}; }

template <class F>
void at_many_k(const F& test) {
  for (const SviSlice& slice : kSlices) {
    for (int i = -24; i <= 24; ++i) test(slice, 0.1 * i);
  }
}

// Vol, slope and curvature back to total variance over `years`.
SmileVariance variance_of(const VolAt<double>& at, double years) {
  return {at.vol * at.vol * years, 2.0 * years * at.vol * at.slope,
          2.0 * years * (at.slope * at.slope + at.vol * at.curvature)};
}

TEST(SviSmile, IsTheSlicesVol) {
  at_many_k([](const SviSlice& slice, double k) {
    const SmileVariance expected = svi_variance_at(slice, k);
    const SmileVariance w = variance_of(smile_of(slice).at(k), slice.years);
    EXPECT_NEAR(w.variance, expected.variance, 1e-15);
    EXPECT_NEAR(w.slope, expected.slope, 1e-14);
    EXPECT_NEAR(w.curvature, expected.curvature, 1e-13);
    EXPECT_EQ(smile_of(slice).vol(k), smile_of(slice).at(k).vol);
  });
}

TEST(ShockedVol, HasTheDerivativesOfFiniteDifferences) {
  for (const SmileShock<double>& shock : {SmileShock<double>{1.0, 0.0}, {1.7, 0.0}, {0.6, -0.08}, {1.2, 0.15}}) {
    at_many_k([&](const SviSlice& slice, double k) {
      const auto at = [&](double x) { return market::shocked_vol(smile_of(slice).at(x), x, shock); };
      const double h = 1e-5;
      const VolAt<double> up = at(k + h), down = at(k - h), here = at(k);
      EXPECT_NEAR(here.slope, (up.vol - down.vol) / (2.0 * h), 1e-7);
      EXPECT_NEAR(here.curvature, (up.slope - down.slope) / (2.0 * h), 1e-6);
      EXPECT_EQ(here.vol, market::shocked_vol(smile_of(slice).vol(k), k, shock));
      EXPECT_EQ(here.vol, market::unfloored_vol(smile_of(slice).vol(k), k, shock));
    });
  }
}

TEST(ShockedVol, IsTodaysWithoutShocks) {
  at_many_k([](const SviSlice& slice, double k) {
    const VolAt<double> today = smile_of(slice).at(k), shocked = market::shocked_vol(today, k, {1.0, 0.0});
    EXPECT_EQ(shocked.vol, today.vol);
    EXPECT_EQ(shocked.slope, today.slope);
    EXPECT_EQ(shocked.curvature, today.curvature);
  });
}

TEST(ShockedVol, ScalesVarianceUnderALevelShock) {
  at_many_k([](const SviSlice& slice, double k) {
    const SmileVariance w = variance_of(market::shocked_vol(smile_of(slice).at(k), k, {1.5, 0.0}), slice.years);
    const SmileVariance today = svi_variance_at(slice, k);
    EXPECT_NEAR(w.variance, 2.25 * today.variance, 1e-14);
    EXPECT_NEAR(w.slope, 2.25 * today.slope, 1e-13);
    EXPECT_NEAR(w.curvature, 2.25 * today.curvature, 1e-12);
  });
}

TEST(ShockedVol, LeavesTheVolAtTheMoneyToTheLevel) {
  const VolAt<double> shocked = market::shocked_vol({0.5, -0.2, 0.3}, 0.0, {1.0, 0.7});
  EXPECT_EQ(shocked.vol, 0.5);
  EXPECT_DOUBLE_EQ(shocked.slope, 0.5);
  EXPECT_EQ(shocked.curvature, 0.3);
}

TEST(ShockedVol, IsFlatAtItsFloor) {
  const VolAt<double> today{0.5, -0.2, 0.3};
  const SmileShock<double> shock{1.0, -0.6};
  EXPECT_GT(market::shocked_vol(today, 0.8, shock).vol, 0.01);
  const VolAt<double> at = market::shocked_vol(today, 0.9, shock);
  EXPECT_EQ(at.vol, 0.001);
  EXPECT_EQ(at.slope, 0.0);
  EXPECT_EQ(at.curvature, 0.0);
  EXPECT_EQ(market::shocked_vol(today.vol, 0.9, shock), 0.001);
  EXPECT_LT(market::unfloored_vol(today.vol, 0.9, shock), 0.0);
  EXPECT_EQ(market::butterfly_g(at, 0.9, 0.3), 1.0);
}

TEST(ButterflyGOfVols, IsTheSlicesWithoutShocks) {
  at_many_k([](const SviSlice& slice, double k) {
    const double expected = butterfly_g(slice, k);
    EXPECT_NEAR(market::butterfly_g(smile_of(slice).at(k), k, slice.years), expected, 1e-12 * (1.0 + expected));
  });
}

TEST(ButterflyGOfVols, IsThatOfTotalVarianceUnderShocks) {
  at_many_k([](const SviSlice& slice, double k) {
    const double left = 0.7 * slice.years;
    const VolAt<double> at = market::shocked_vol(smile_of(slice).at(k), k, {1.3, -0.06});
    if (at.vol < 0.05) return;  // g grows as its inverse
    const double expected = butterfly_g(k, variance_of(at, left));
    EXPECT_NEAR(market::butterfly_g(at, k, left), expected, 1e-11 * (1.0 + std::abs(expected)));
  });
}

TEST(TermScale, IsOneAtThirtyDaysAndConstantBelowADay) {
  const double day = 1.0 / 365.0;
  EXPECT_NEAR(market::term_scale(30.0 * day, 0.5), 1.0, 1e-15);
  EXPECT_NEAR(market::term_scale(120.0 * day, 0.5), 0.5, 1e-15);
  EXPECT_NEAR(market::term_scale(7.0 * day, 0.3), std::pow(30.0 / 7.0, 0.3), 1e-14);
  EXPECT_NEAR(market::term_scale(day, 0.5), std::sqrt(30.0), 1e-14);
  EXPECT_EQ(market::term_scale(0.2 * day, 0.5), market::term_scale(day, 0.5));
  EXPECT_EQ(market::term_scale(0.7, 0.0), 1.0);
}

TEST(SmileShock, IsThatOfTheDefinition) {
  const SmileShock<double> shock = market::smile_shock(0.3, -0.2, 0.04, 2.0, 1.5);
  EXPECT_NEAR(shock.factor, std::exp(2.0 * 0.3 - 4.0 * 0.04 / 2.0), 1e-15);
  EXPECT_NEAR(shock.tilt, -0.3, 1e-15);
}

// The mean of the factor over x from N(0, v), by the trapezoidal rule, which is exact here but for rounding.
TEST(SmileShock, KeepsTheMeanOfEachVol) {
  for (const double scale : {0.3, 1.0, 4.6}) {
    const double stdev = 0.11, h = 0.05;
    double sum = 0.0;
    for (int i = -300; i <= 300; ++i) {
      const double z = h * i;
      sum += h / std::sqrt(2.0 * M_PI) * std::exp(-0.5 * z * z) *
             market::smile_shock(stdev * z, 0.0, stdev * stdev, scale, 1.0).factor;
    }
    EXPECT_NEAR(sum, 1.0, 1e-12) << scale;
  }
}

TEST(OrnsteinUhlenbeckVariance, IsTheClosedForm) {
  EXPECT_DOUBLE_EQ(ornstein_uhlenbeck_variance(0.9, 0.0, 0.25), 0.81 * 0.25);
  for (const double kappa : {1e-9, 1e-3, 0.0199, 0.0201, 0.5, 5.0, 300.0}) {
    const double expected = -0.81 * std::expm1(-2.0 * kappa * 0.25) / (2.0 * kappa);
    EXPECT_NEAR(ornstein_uhlenbeck_variance(0.9, kappa, 0.25) / expected, 1.0, 3e-14) << kappa;
  }
}

}  // namespace
}  // namespace tailbit::shocked_smile_test
