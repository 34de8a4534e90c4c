// include/tailbit/math: accuracy, special values, and the bits themselves.
//
// Three kinds of reference: a table of 50-digit values (scripts/fit/reference_table.py) for every function and
// precision; the C library in long double (for float: in double) on dense sweeps; and pinned hashes, because every bit
// is part of the `numerics` version: a change of a coefficient's 15th digit need not break an error bound, but must not
// pass unseen.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/math_support.hpp"

namespace tailbit::math_test {
namespace {

constexpr double kTolerance = 2.0;  // ulp

template <class R>
constexpr R kInfinity = std::numeric_limits<R>::infinity();
template <class R>
const R kNan = std::numeric_limits<R>::quiet_NaN();

// |value - exact| in units of the last place of `exact`; below the normal range that is the smallest subnormal.
template <class R>
double error_in_ulps(R value, long double exact) {
  if (exact == 0.0L) return std::fabs(static_cast<double>(value)) / std::numeric_limits<R>::denorm_min();
  const int digits = std::numeric_limits<R>::digits;
  const int unit = std::max(std::ilogb(exact) - digits + 1, std::numeric_limits<R>::min_exponent - digits);
  return static_cast<double>(std::fabs(std::ldexp(static_cast<long double>(value) - exact, -unit)));
}

// Keeps the worst error of a sweep and where it was.
template <class R>
struct Worst {
  double error = 0;
  R argument = 0;

  void add(R x, R value, long double exact) {
    const double e = error_in_ulps(value, exact);
    if (!(e <= error)) {
      error = e;
      argument = x;
    }
  }
  void expect_within(double tolerance, const std::string& name) const {
    EXPECT_LE(error, tolerance) << name << " at " << std::hexfloat << argument;
    std::printf("             %-32s max %.4f ulp at %a\n", name.c_str(), error, static_cast<double>(argument));
  }
};

// ---------------------------------------------------------------------------------------------------------------------
// The table.

template <class R>
void check_table() {
  std::ifstream table(std::string(TAILBIT_TEST_DATA) + "/math_reference.csv");
  ASSERT_TRUE(table.is_open()) << "no math_reference.csv in " << TAILBIT_TEST_DATA;
  const auto known = functions<R>();
  std::map<std::string, Worst<R>> worst;
  std::map<std::string, int> rows;
  std::string line;
  std::getline(table, line);
  ASSERT_EQ(line, "function,precision,argument,rounded,value");
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    std::string name, precision, argument, rounded, value;
    std::getline(fields, name, ',');
    std::getline(fields, precision, ',');
    std::getline(fields, argument, ',');
    std::getline(fields, rounded, ',');
    std::getline(fields, value, ',');
    if (precision != precision_name<R>()) continue;
    const R x = static_cast<R>(std::strtod(argument.c_str(), nullptr));
    const long double exact = std::strtold(value.c_str(), nullptr);
    ASSERT_LE(error_in_ulps(static_cast<R>(std::strtod(rounded.c_str(), nullptr)), exact), 0.501) << line;
    worst[name].add(x, known.at(name)(x), exact);
    ++rows[name];
  }
  for (const char* name : {"exp", "log", "normal_density", "normal_cdf", "normal_inverse_cdf"}) {
    EXPECT_GE(rows[name], 700) << name;
    worst[name].expect_within(kTolerance, std::string("table ") + precision_name<R>() + " " + name);
  }
}

TEST(MathTable, Double) { check_table<double>(); }
TEST(MathTable, Float) { check_table<float>(); }

// ---------------------------------------------------------------------------------------------------------------------
// Dense sweeps in double against long double.

constexpr int kSweep = 1'000'000;
const long double kRootTwo = std::sqrt(2.0L);
const long double kInverseRootTwoPi = 1 / std::sqrt(2 * std::acos(-1.0L));

long double exact_density(long double x) { return std::exp(-x * x / 2) * kInverseRootTwoPi; }

// exp(-x^2/2) / sqrt(2 pi), the square in two words.
long double exact_density_of(double x) {
  const double square = x * x;
  const double rest = std::fma(x, x, -square);
  return std::exp(-static_cast<long double>(square) / 2) * (1 - static_cast<long double>(rest) / 2) * kInverseRootTwoPi;
}

// N(x), corrected for the rounding of x / sqrt(2), which far in the tail is worth a double's ulp.
long double exact_cdf(long double x) {
  const long double y = -x / kRootTwo;
  const long double root_rest = -std::fma(kRootTwo, kRootTwo, -2.0L) / (2 * kRootTwo);
  const long double y_rest = (std::fma(-y, kRootTwo, -x) - y * root_rest) / kRootTwo;
  return std::erfc(y) / 2 - y_rest * std::exp(-y * y) / std::sqrt(std::acos(-1.0L));
}

// Newton from an approximate value; the solution has long double accuracy whatever the start.
long double exact_inverse(double p, double start) {
  const bool upper = p > 0.5;
  const long double q = upper ? 1 - static_cast<long double>(p) : static_cast<long double>(p);
  long double x = upper ? start : -start;  // N(-x) = q
  for (int i = 0; i < 3; ++i) {
    const long double excess = q > 0.25L ? (0.5L - q) - std::erf(x / kRootTwo) / 2 : std::erfc(x / kRootTwo) / 2 - q;
    x += excess / exact_density(x);
  }
  return upper ? x : -x;
}

TEST(MathSweepDouble, Exp) {
  Arguments arguments(1);
  Worst<double> whole, hot;
  for (int i = 0; i < kSweep; ++i) {
    const double x = i % 4 == 0 ? arguments.between(-1, 1) : arguments.between(-746, 709.7);
    whole.add(x, math::exp(x), std::exp(static_cast<long double>(x)));
    const double y = i % 4 == 0 ? arguments.between(-2, 0) : arguments.between(-708, 0);
    hot.add(y, math::exp_nonpositive(y), std::exp(static_cast<long double>(y)));
  }
  whole.expect_within(1.0, "exp");
  hot.expect_within(1.0, "exp_nonpositive");
}

TEST(MathSweepDouble, Log) {
  Arguments arguments(2);
  Worst<double> worst;
  for (int i = 0; i < kSweep; ++i) {
    const double x = i % 3 == 0   ? arguments.magnitude(-1074, 1023)
                     : i % 3 == 1 ? arguments.between(0.5, 2)
                                  : 1 + (i % 2 ? 1 : -1) * arguments.magnitude(-50, -1);
    worst.add(x, math::log(x), std::log(static_cast<long double>(x)));
  }
  worst.expect_within(1.0, "log");
}

TEST(MathSweepDouble, NormalDensityAndCdf) {
  Arguments arguments(3);
  Worst<double> density, cdf;
  for (int i = 0; i < kSweep; ++i) {
    const double x = i % 2 ? arguments.between(-39, 10) : arguments.between(-4, 4);
    density.add(x, math::normal_density(x), exact_density_of(x));
    cdf.add(x, math::normal_cdf(x), exact_cdf(x));
  }
  density.expect_within(kTolerance, "normal_density");
  cdf.expect_within(kTolerance, "normal_cdf");
}

TEST(MathSweepDouble, NormalInverseCdf) {
  Arguments arguments(4);
  Worst<double> worst;
  for (int i = 0; i < kSweep; ++i) {
    const int kind = i % 5;
    const double p = kind == 0   ? arguments.unit()
                     : kind == 1 ? arguments.between(0.01, 0.12)
                     : kind == 2 ? arguments.magnitude(-1074, -1)
                     : kind == 3 ? arguments.magnitude(-54, -1)
                                 : 0.5 + (i % 2 ? 1 : -1) * arguments.magnitude(-52, -1);
    const double x = math::normal_inverse_cdf(p);
    worst.add(p, x, p == 0.5 ? 0 : exact_inverse(p, x));
  }
  worst.expect_within(kTolerance, "normal_inverse_cdf");
}

// ---------------------------------------------------------------------------------------------------------------------
// Every 101st float of the range where the function does something, against double.

template <class Check>
void every_101st(float from, float to, Check check) {  // positive floats
  for (std::uint32_t bits = math::to_bits(from); bits <= math::to_bits(to); bits += 101)
    check(math::float_from_bits(bits));
}

TEST(MathSweepFloat, Exp) {
  Worst<float> whole, hot;
  every_101st(0x1p-30f, 104.5f, [&](float x) {
    whole.add(-x, math::exp(-x), std::exp(-static_cast<double>(x)));
    if (x <= 87) hot.add(-x, math::exp_nonpositive(-x), std::exp(-static_cast<double>(x)));
    if (x < 88.72f) whole.add(x, math::exp(x), std::exp(static_cast<double>(x)));
  });
  whole.expect_within(1.0, "exp float");
  hot.expect_within(1.0, "exp_nonpositive float");
}

TEST(MathSweepFloat, Log) {
  Worst<float> worst;
  every_101st(std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max(),
              [&](float x) { worst.add(x, math::log(x), std::log(static_cast<double>(x))); });
  worst.expect_within(1.0, "log float");
}

TEST(MathSweepFloat, NormalDensityAndCdf) {
  Worst<float> density, cdf;
  every_101st(0x1p-30f, 15.0f, [&](float x) {
    const double d = x;
    density.add(x, math::normal_density(x), std::exp(-d * d / 2) * static_cast<double>(kInverseRootTwoPi));
    cdf.add(-x, math::normal_cdf(-x), std::erfc(d * std::sqrt(0.5)) / 2);
    cdf.add(x, math::normal_cdf(x), std::erfc(-d * std::sqrt(0.5)) / 2);
  });
  density.expect_within(kTolerance, "normal_density float");
  cdf.expect_within(kTolerance, "normal_cdf float");
}

// Against our own double function, which the tests above hold to long double.
TEST(MathSweepFloat, NormalInverseCdf) {
  Worst<float> worst;
  every_101st(std::numeric_limits<float>::denorm_min(), 0x1.fffffep-1f, [&](float p) {
    worst.add(p, math::normal_inverse_cdf(p), math::normal_inverse_cdf(static_cast<double>(p)));
  });
  worst.expect_within(kTolerance, "normal_inverse_cdf float");
}

// ---------------------------------------------------------------------------------------------------------------------
// Special values and structure.

template <class R>
class MathSpecial : public ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(MathSpecial, Precisions);

TYPED_TEST(MathSpecial, Exp) {
  using R = TypeParam;
  const bool is_double = std::is_same_v<R, double>;
  EXPECT_EQ(math::exp(R(0)), R(1));
  EXPECT_EQ(math::exp(R(-0.0)), R(1));
  EXPECT_EQ(math::exp(kInfinity<R>), kInfinity<R>);
  EXPECT_EQ(math::exp(-kInfinity<R>), R(0));
  EXPECT_FALSE(std::signbit(math::exp(-kInfinity<R>)));
  EXPECT_TRUE(std::isnan(math::exp(kNan<R>)));
  // The last argument below overflow, the first above; the same for the smallest subnormal.
  const R last = is_double ? R(0x1.62e42fefa39efp+9) : R(0x1.62e42ep+6);
  EXPECT_TRUE(std::isfinite(math::exp(last)));
  EXPECT_EQ(math::exp(std::nextafter(last, kInfinity<R>)), kInfinity<R>);
  EXPECT_EQ(math::exp(std::numeric_limits<R>::max()), kInfinity<R>);
  EXPECT_EQ(math::exp(is_double ? R(-745.13) : R(-103.97)), std::numeric_limits<R>::denorm_min());
  EXPECT_EQ(math::exp(is_double ? R(-745.14) : R(-103.98)), R(0));
  EXPECT_EQ(math::exp(std::numeric_limits<R>::denorm_min()), R(1));
  EXPECT_EQ(math::exp_nonpositive(R(0)), R(1));
  EXPECT_EQ(math::exp_nonpositive(R(-0.0)), R(1));
}

TYPED_TEST(MathSpecial, Log) {
  using R = TypeParam;
  EXPECT_EQ(math::log(R(1)), R(0));
  EXPECT_FALSE(std::signbit(math::log(R(1))));
  EXPECT_EQ(math::log(R(0)), -kInfinity<R>);
  EXPECT_EQ(math::log(R(-0.0)), -kInfinity<R>);
  EXPECT_EQ(math::log(kInfinity<R>), kInfinity<R>);
  EXPECT_TRUE(std::isnan(math::log(R(-1))));
  EXPECT_TRUE(std::isnan(math::log(-std::numeric_limits<R>::denorm_min())));
  EXPECT_TRUE(std::isnan(math::log(-kInfinity<R>)));
  EXPECT_TRUE(std::isnan(math::log(kNan<R>)));
}

TYPED_TEST(MathSpecial, Normal) {
  using R = TypeParam;
  const R half_ulp = std::numeric_limits<R>::epsilon() / 2;
  EXPECT_EQ(math::normal_density(kInfinity<R>), R(0));
  EXPECT_EQ(math::normal_density(-kInfinity<R>), R(0));
  EXPECT_EQ(math::normal_density(std::numeric_limits<R>::max()), R(0));
  EXPECT_TRUE(std::isnan(math::normal_density(kNan<R>)));
  EXPECT_EQ(math::normal_density(R(0)), R(0.398942280401432677939946L));

  EXPECT_EQ(math::normal_cdf(R(0)), R(0.5));
  EXPECT_EQ(math::normal_cdf(R(-0.0)), R(0.5));
  EXPECT_EQ(math::normal_cdf(kInfinity<R>), R(1));
  EXPECT_EQ(math::normal_cdf(-kInfinity<R>), R(0));
  EXPECT_EQ(math::normal_cdf(R(-1e30)), R(0));
  EXPECT_TRUE(std::isnan(math::normal_cdf(kNan<R>)));

  EXPECT_EQ(math::normal_inverse_cdf(R(0.5)), R(0));
  EXPECT_EQ(math::normal_inverse_cdf(R(0)), -kInfinity<R>);
  EXPECT_EQ(math::normal_inverse_cdf(R(1)), kInfinity<R>);
  EXPECT_TRUE(std::isfinite(math::normal_inverse_cdf(std::numeric_limits<R>::denorm_min())));
  EXPECT_TRUE(std::isfinite(math::normal_inverse_cdf(R(1) - half_ulp)));
  for (const R outside : {R(-1), R(-1e-40), R(1) + 2 * half_ulp, kInfinity<R>, -kInfinity<R>, kNan<R>}) {
    EXPECT_TRUE(std::isnan(math::normal_inverse_cdf(outside))) << outside;
  }
}

TYPED_TEST(MathSpecial, NormalFromUniformIsTheInverseBitForBit) {
  using R = TypeParam;
  const bool is_double = std::is_same_v<R, double>;
  Arguments arguments(5);
  const auto check = [](R u) {
    ASSERT_EQ(math::to_bits(math::normal_from_uniform(u)), math::to_bits(math::normal_inverse_cdf(u)))
        << std::hexfloat << u;
  };
  for (int i = 0; i < 200'000; ++i) {
    const double u = i % 2 ? arguments.unit() : arguments.magnitude(-53, -1);
    if (static_cast<R>(u) < R(1)) check(static_cast<R>(u));
    if (static_cast<R>(1 - u) < R(1)) check(static_cast<R>(1 - u));
  }
  check(R(0x1p-53));
  check(R(0.5));
  check(is_double ? R(1 - 0x1p-53) : R(1 - 0x1p-24));
}

TYPED_TEST(MathSpecial, Symmetry) {
  using R = TypeParam;
  Arguments arguments(6);
  for (int i = 0; i < 200'000; ++i) {
    const R x = static_cast<R>(arguments.between(0, 12));
    ASSERT_LE(std::fabs(math::normal_cdf(x) + math::normal_cdf(-x) - 1), std::numeric_limits<R>::epsilon() / 2) << x;
    ASSERT_EQ(math::normal_density(x), math::normal_density(-x));
    const R p = static_cast<R>(std::ldexp(std::floor(arguments.between(1, 0x1p23)), -24));  // 1 - p is exact
    ASSERT_EQ(math::normal_inverse_cdf(p), -math::normal_inverse_cdf(1 - p)) << p;
  }
}

// Rising over steps of more than the error bound; over the borders of the branches too.
template <class R>
void expect_rising(Function<R> function, double low, double high, int steps, const char* name) {
  R previous = function(static_cast<R>(low));
  for (int i = 1; i <= steps; ++i) {
    const R x = static_cast<R>(low + (high - low) * i / steps);
    const R value = function(x);
    ASSERT_LE(previous, value) << name << " at " << x;
    previous = value;
  }
}

TYPED_TEST(MathSpecial, Monotone) {
  using R = TypeParam;
  const bool is_double = std::is_same_v<R, double>;
  const auto f = functions<R>();
  const int steps = is_double ? 300'000 : 30'000;
  expect_rising<R>(f.at("exp"), is_double ? -746 : -104, is_double ? 710 : 89, steps, "exp");
  expect_rising<R>(f.at("log"), 1e-30, 4, steps, "log");
  expect_rising<R>(f.at("normal_cdf"), is_double ? -39 : -15, 4, steps, "normal_cdf");
  expect_rising<R>(f.at("normal_inverse_cdf"), 0, 1, steps, "normal_inverse_cdf");
  for (const double border : {0.08, 0.92, 0.25, 0.75, 0.5}) {
    const double width = is_double ? 1e-9 : 1e-2;
    expect_rising<R>(f.at("normal_inverse_cdf"), border - width, border + width, steps / 10, "normal_inverse_cdf");
  }
  expect_rising<R>(f.at("normal_inverse_cdf"), 0x1p-54, 0x1p-52, steps / 10, "normal_inverse_cdf");
}

TYPED_TEST(MathSpecial, NormalTailRational) {
  using R = TypeParam;
  const bool is_double = std::is_same_v<R, double>;
  Arguments arguments(7);
  long double worst = 0;
  for (int i = 0; i < 400'000; ++i) {
    const R a = static_cast<R>(i % 2 ? arguments.between(0, is_double ? 40 : 16) : arguments.between(0, 6));
    const math::Rational<R> rational = math::normal_tail_rational(a);
    const long double x = a;
    const long double tail = std::exp(-x * x / 2) * rational.numerator / rational.denominator;
    worst = std::max(worst, std::fabs(tail - std::erfc(x / kRootTwo) / 2));
  }
  EXPECT_LE(worst, is_double ? 1.5e-16L : 6.5e-8L);  // the fit's error and three roundings
  const math::Rational<R> at_zero = math::normal_tail_rational(R(0));
  EXPECT_EQ(at_zero.numerator / at_zero.denominator, R(0.5));
  const math::Rational<R> far = math::normal_tail_rational(is_double ? R(1e10) : R(16));
  EXPECT_TRUE(std::isfinite(far.numerator / far.denominator));
  EXPECT_GT(far.numerator / far.denominator, R(0));
}

}  // namespace
}  // namespace tailbit::math_test
