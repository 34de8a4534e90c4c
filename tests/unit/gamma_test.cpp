// include/tailbit/math/gamma*.hpp against 60-digit values, and against what the functions must satisfy.
#include "tailbit/math/gamma.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

#include "tailbit/math/gamma_quantile.hpp"
#include "tests/unit/math_support.hpp"
#include "tests/unit/student_t_reference.hpp"

namespace tailbit::math::gamma_test {
namespace {

double relative_error(double value, double exact) { return std::fabs(value / exact - 1.0); }

TEST(Gamma, LogGammaIsExactToItsRounding) {
  for (const auto& row : reference::kLogGammas)
    EXPECT_LE(std::fabs(log_gamma(row.a) - row.value), 4e-16 * (1.0 + std::fabs(row.value))) << row.a;
}

// 1e-14 where tables and quantiles are made, above 1e-17; below it the exponential's argument limits the accuracy.
TEST(Gamma, BothTailsAreRelativelyAccurate) {
  double worst = 0.0;
  for (const auto& row : reference::kGammaTails) {
    const GammaParts parts = gamma_parts(row.a, row.x);
    const double smaller = std::min(row.lower, row.upper);
    const double tolerance = smaller >= 1e-17 ? 1e-14 : 4e-16 * std::fabs(std::log(smaller));
    EXPECT_LE(relative_error(parts.density, row.density), tolerance) << row.a << " " << row.x;
    EXPECT_LE(relative_error(parts.lower, row.lower), tolerance) << row.a << " " << row.x;
    EXPECT_LE(relative_error(parts.upper, row.upper), tolerance) << row.a << " " << row.x;
    EXPECT_EQ(parts.lower, gamma_lower(row.a, row.x));
    EXPECT_EQ(parts.upper, gamma_upper(row.a, row.x));
    if (smaller >= 1e-17)
      worst = std::max({worst, relative_error(parts.lower, row.lower), relative_error(parts.upper, row.upper)});
  }
  std::printf("             incomplete gamma: max relative error %.2e\n", worst);
}

// Shape 1 is the exponential distribution, shape 2 has Q = (1 + x) exp(-x).
TEST(Gamma, WholeShapesHaveClosedForms) {
  for (const double x : {1e-9, 0.001, 0.3, 0.999, 1.0, 1.001, 1.9999, 2.0, 2.0001, 5.0, 30.0}) {
    EXPECT_LE(relative_error(gamma_lower(1.0, x), -std::expm1(-x)), 5e-15) << x;
    EXPECT_LE(relative_error(gamma_upper(1.0, x), std::exp(-x)), 5e-15) << x;
    EXPECT_LE(relative_error(gamma_upper(2.0, x), (1.0 + x) * std::exp(-x)), 5e-15) << x;
  }
}

// P(a, x) - P(a + 1, x) = x^a exp(-x) / Gamma(a + 1): series and fraction change sides at x = a, a difference of shapes
// does not notice.
TEST(Gamma, NeighbouringShapesDifferByTheDensity) {
  Arguments arguments(21);
  for (int i = 0; i < 20'000; ++i) {
    const double a = arguments.magnitude(0, 12);
    const double x = a * arguments.between(0.9, 1.1) + arguments.between(0.0, 1.5);
    const GammaParts parts = gamma_parts(a, x);
    const GammaParts next = gamma_parts(a + 1.0, x);
    EXPECT_NEAR(parts.lower - next.lower, parts.density / a, 2e-14) << a << " " << x;
    EXPECT_NEAR(next.upper - parts.upper, parts.density / a, 2e-14) << a << " " << x;
  }
}

TEST(Gamma, TailsAreContinuousAndMonotoneWhereMethodsMeet) {
  for (const double a : {1.0, 1.025, 1.5, 3.65, 20.0, 250.0, 5000.0}) {
    for (const double border : {0.5 * a, a, 2.0 * a}) {
      const GammaParts below = gamma_parts(a, border * (1.0 - 0x1p-40));
      const GammaParts above = gamma_parts(a, border * (1.0 + 0x1p-40));
      if (below.density == 0.0) continue;  // both tails are 0 and 1 there
      EXPECT_NEAR(above.lower / below.lower, 1.0, 2e-12 * (1.0 + below.density / below.lower)) << a << " " << border;
      EXPECT_NEAR(above.upper / below.upper, 1.0, 2e-12 * (1.0 + below.density / below.upper)) << a << " " << border;
      if (below.density > 0.01) {
        EXPECT_LT(below.lower, above.lower) << a << " " << border;
        EXPECT_GT(below.upper, above.upper) << a << " " << border;
      }
    }
  }
}

TEST(GammaQuantile, IsTheInverse) {
  Arguments arguments(22);
  for (int i = 0; i < 5'000; ++i) {
    const double a = i % 8 == 0 ? 1.0 + arguments.magnitude(-40, -1) : std::min(5000.0, arguments.magnitude(0, 13));
    const double z = arguments.between(-8.5, 8.5);
    const GammaParts parts = gamma_parts(a, std::exp(log_gamma_quantile(a, z)));
    // What a rounding of ln x does to a tail, with the tails' own errors.
    const double tail = z > 0.0 ? parts.upper : parts.lower;
    const double tolerance = 2e-14 + parts.density / tail * 1e-14;
    EXPECT_LE(relative_error(tail, normal_cdf(-std::fabs(z))), tolerance) << a << " " << z;
  }
}

// The exponential distribution again: the quantile at N(z) is -ln N(-z).
TEST(GammaQuantile, OfShapeOneIsExponential) {
  for (double z = -8.3; z <= 8.3; z += 0.1) {
    const double exact = z > 0.0 ? -std::log(normal_cdf(-z)) : -std::log1p(-normal_cdf(z));
    EXPECT_NEAR(log_gamma_quantile(1.0, z), std::log(exact), 1.5e-14) << z;
  }
}

}  // namespace
}  // namespace tailbit::math::gamma_test
