// Arbitrage in smiles: against densities of prices, brute force, and slices whose arbitrage is known.
#include "host/fit/arbitrage.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace tailbit::arbitrage_test {
namespace {

using market::SviSlice;

// Axel Vogt's slice, Gatheral and Jacquier 2014, example 3.1.
constexpr SviSlice kVogt{1.0, -0.0410, 0.1331, 0.3060, 0.3586, 0.4153};

// A slice of the surface "SSVI" (their section 4): theta the variance at the money.
SviSlice ssvi(double theta, double phi, double rho) {
  const double width = std::sqrt(1.0 - rho * rho);
  return {1.0, 0.5 * theta * width * width, 0.5 * theta * phi, rho, -rho / phi, width / phi};
}

double normal(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

double call(const SviSlice& slice, double strike) {  // on a forward of 1
  const double k = std::log(strike), s = std::sqrt(svi_variance_at(slice, k).variance);
  return normal(-k / s + 0.5 * s) - strike * normal(-k / s - 0.5 * s);
}

TEST(SviVarianceAt, IsRawSviAndItsDerivatives) {
  for (double k = -1.5; k <= 1.5; k += 0.25) {
    const double u = k - kVogt.m;
    EXPECT_NEAR(svi_variance_at(kVogt, k).variance,
                kVogt.a + kVogt.b * (kVogt.rho * u + std::sqrt(u * u + kVogt.sigma * kVogt.sigma)), 1e-15);
    const double h = 1e-4;
    const SmileVariance up = svi_variance_at(kVogt, k + h), down = svi_variance_at(kVogt, k - h);
    EXPECT_NEAR(svi_variance_at(kVogt, k).slope, (up.variance - down.variance) / (2.0 * h), 1e-8);
    EXPECT_NEAR(svi_variance_at(kVogt, k).curvature, (up.slope - down.slope) / (2.0 * h), 1e-8);
  }
}

// The second derivative of call prices by strike is the density, of which g is a factor.
TEST(ButterflyG, IsTheDensityOfPrices) {
  for (const SviSlice& slice : {kVogt, ssvi(0.09, 1.5, -0.6), ssvi(0.4, 1.0, 0.3)}) {
    for (double k = -0.8; k <= 1.2; k += 0.1) {
      const double strike = std::exp(k), h = 2e-4 * strike;
      const double density = (call(slice, strike + h) - 2.0 * call(slice, strike) + call(slice, strike - h)) / (h * h);
      const double w = svi_variance_at(slice, k).variance, d2 = -k / std::sqrt(w) - 0.5 * std::sqrt(w);
      const double factor = std::exp(-0.5 * d2 * d2) / std::sqrt(2.0 * M_PI * w);
      EXPECT_NEAR(butterfly_g(slice, k) * factor, density * strike, 2e-5) << k;
    }
  }
}

TEST(ButterflyG, OfAFlatSmileIsOne) {
  EXPECT_EQ(butterfly_g(0.7, SmileVariance{0.2, 0.0, 0.0}), 1.0);
  EXPECT_EQ(least_butterfly_g({1.0, 0.2, 0.0, 0.0, 0.0, 0.1}), 1.0);
}

TEST(LeastButterflyG, FindsVogtsArbitrage) {
  double least = 1.0, place = 0.0;
  for (double k = -3.0; k <= 3.0; k += 1e-5) {
    if (const double g = butterfly_g(kVogt, k); g < least) least = g, place = k;
  }
  EXPECT_LT(least, -0.01);
  EXPECT_NEAR(place, 0.9, 0.2);  // as their figure shows
  EXPECT_NEAR(least_butterfly_g(kVogt), least, 1e-9);
}

// Their theorem 4.2: theta phi (1 + |rho|) < 4 and theta phi^2 (1 + |rho|) <= 4 suffice.
TEST(LeastButterflyG, AgreesWithTheTheoremForSsvi) {
  for (const double rho : {-0.95, -0.5, 0.0, 0.3, 0.8}) {
    for (const double theta : {1e-5, 0.001, 0.05, 0.5, 3.0}) {
      const double limit = std::min(4.0 / (theta * (1.0 + std::abs(rho))),  //
                                    std::sqrt(4.0 / (theta * (1.0 + std::abs(rho)))));
      for (const double share : {0.1, 0.5, 0.99}) {
        EXPECT_GT(least_butterfly_g(ssvi(theta, share * limit, rho)), 0.0) << rho << " " << theta << " " << share;
      }
    }
  }
}

TEST(LeastButterflyG, SeesWingsSteeperThanTwo) {
  EXPECT_LT(least_butterfly_g({1.0, 5.0, 1.01, 1.0 - 1e-9, 0.0, 1.0}), 0.0);
  EXPECT_LT(least_butterfly_g({1.0, 5.0, 1.01, -1.0 + 1e-9, 0.0, 1.0}), 0.0);
  EXPECT_NEAR(least_butterfly_g({1.0, 5.0, 1.5, 0.4, 0.0, 1.0}), 0.25 - 2.1 * 2.1 / 16.0, 1e-9);
}

TEST(LeastButterflyG, SeesVarianceThatIsNotPositive) {
  EXPECT_EQ(least_butterfly_g({1.0, -0.2, 0.1, 0.0, 0.0, 1.0}), -std::numeric_limits<double>::infinity());
}

// Narrow dips far from the money are found too.
TEST(LeastButterflyG, AgreesWithBruteForce) {
  for (const double m : {-1.0, 0.0, 0.7}) {
    for (const double sigma : {0.003, 0.05, 0.6}) {
      for (const double b : {0.02, 0.2, 0.8}) {
        const SviSlice slice{1.0, 0.01, b, -0.4, m, sigma};
        double least = 1.0;
        for (int i = -60'000; i <= 60'000; ++i) {
          least = std::min(least, butterfly_g(slice, m + sigma * std::sinh(i * 2e-4)));
        }
        // The brute force ends at sinh(12) sigma.
        EXPECT_LE(least_butterfly_g(slice), least + 1e-9);
        EXPECT_GE(least_butterfly_g(slice), least - 1e-3 - 1e-6 * std::abs(least));
      }
    }
  }
}

TEST(LeastCalendarGap, OfALiftIsTheLift) {
  SviSlice later = kVogt;
  later.a += 0.0123;
  EXPECT_NEAR(least_calendar_gap(kVogt, later), 0.0123, 1e-15);
  EXPECT_NEAR(least_calendar_gap(later, kVogt), -0.0123, 1e-15);
}

TEST(LeastCalendarGap, IsMinusInfinityWhereAWingGetsLessSteep) {
  SviSlice later = kVogt;
  later.a += 1.0;
  later.rho += 1e-9;  // left wing
  EXPECT_EQ(least_calendar_gap(kVogt, later), -std::numeric_limits<double>::infinity());
  later.rho -= 2e-9;  // right wing
  EXPECT_EQ(least_calendar_gap(kVogt, later), -std::numeric_limits<double>::infinity());
  later.rho = kVogt.rho, later.b *= 1.0 + 1e-9;
  EXPECT_GT(least_calendar_gap(kVogt, later), 0.99);
}

// Slices with wings of one slope: far out the gap tends to the difference of their asymptotes.
TEST(LeastCalendarGap, SeesTheLimitOfParallelWings) {
  const SviSlice earlier{1.0, 0.1, 0.5, 0.0, 0.0, 0.3};
  SviSlice later = earlier;
  later.sigma = 0.5;  // above by 0.5 sigma^2 / (2 |k|), falling to nothing
  EXPECT_EQ(least_calendar_gap(earlier, later), 0.0);
  later.a -= 0.01;
  EXPECT_NEAR(least_calendar_gap(earlier, later), -0.01, 1e-15);
}

TEST(LeastCalendarGap, AgreesWithBruteForce) {
  const SviSlice earlier{0.1, 0.01, 0.05, -0.3, 0.05, 0.1};
  for (const double m : {-0.3, 0.0, 0.4}) {
    for (const double sigma : {0.01, 0.2, 1.0}) {
      const SviSlice later{0.2, 0.0, 0.12, 0.1, m, sigma};
      double least = 1.0;
      for (int i = -100'000; i <= 100'000; ++i) {
        const double k = i * 4e-5;
        least = std::min(least, svi_variance_at(later, k).variance - svi_variance_at(earlier, k).variance);
      }
      EXPECT_LE(least_calendar_gap(earlier, later), least + 1e-15) << m << " " << sigma;
      EXPECT_GE(least_calendar_gap(earlier, later), least - 1e-8) << m << " " << sigma;  // between points of the scan
    }
  }
}

// Their theorem 4.1, for phi = 1 / sqrt(theta (1 + theta)).
TEST(LeastCalendarGap, AgreesWithTheTheoremForSsvi) {
  const auto slice = [](double theta) { return ssvi(theta, 0.9 / std::sqrt(theta * (1.0 + theta)), -0.6); };
  for (double theta = 0.001; theta < 2.0; theta *= 1.5) {
    EXPECT_GT(least_calendar_gap(slice(theta), slice(1.01 * theta)), 0.0) << theta;
    EXPECT_LT(least_calendar_gap(slice(1.01 * theta), slice(theta)), 0.0) << theta;
  }
}

}  // namespace
}  // namespace tailbit::arbitrage_test
