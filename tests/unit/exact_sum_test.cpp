// ExactSum is the exact sum rounded once: whatever the order, whatever cancels, ties to even.
#include "tailbit/core/exact_sum.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace tailbit::exact_sum_test {
namespace {

double exact_sum(const std::vector<double>& terms) {
  ExactSum sum;
  for (const double x : terms) sum.add(x);
  return sum.value();
}

// In every order: at most six terms.
void expect_sum(std::vector<double> terms, double expected) {
  std::sort(terms.begin(), terms.end());
  do {
    ASSERT_EQ(exact_sum(terms), expected);
    std::vector<double> mirrored;
    for (const double x : terms) mirrored.push_back(-x);
    ASSERT_EQ(exact_sum(mirrored), -expected);
  } while (std::next_permutation(terms.begin(), terms.end()));
}

TEST(ExactSum, IsZeroOfNothing) { EXPECT_EQ(exact_sum({}), 0.0); }

TEST(ExactSum, SurvivesCancellation) {
  expect_sum({1e16, 1.0, -1e16}, 1.0);
  expect_sum({1e100, 1.0, -1e100, 1e-100}, 1.0);
  expect_sum({1e100, -1e100, 1e-100}, 1e-100);
  expect_sum({3.0, -1.0, -2.0}, 0.0);
}

TEST(ExactSum, RoundsHalfWayCasesToEven) {
  expect_sum({1.0, 0x1p-53}, 1.0);
  expect_sum({1.0, 0x1p-52, 0x1p-53}, 1.0 + 0x1p-51);
  expect_sum({1.0, -0x1p-54}, 1.0);
}

// The next part below decides: double rounding would go to even.
TEST(ExactSum, LooksBelowATie) {
  expect_sum({1.0, 0x1p-53, 0x1p-200}, 1.0 + 0x1p-52);
  expect_sum({1.0, 0x1p-53, -0x1p-200}, 1.0);
  expect_sum({1.0, 0x1p-52, 0x1p-53, -0x1p-200}, 1.0 + 0x1p-52);
  expect_sum({1.0, -0x1p-54, -0x1p-200}, 1.0 - 0x1p-53);
  // CPython, test_math.py, testFsum.
  expect_sum({0x1p53, -0.5, -0x1p-54}, 0x1p53 - 1.0);
  expect_sum({0x1p53, 1.0, 0x1p-100}, 0x1p53 + 2.0);
  expect_sum({0x1p53 + 10.0, 1.0, 0x1p-100}, 0x1p53 + 12.0);
  expect_sum({0x1p53 - 4.0, 0.5, 0x1p-54}, 0x1p53 - 3.0);
}

// Values of Python's math.fsum.
TEST(ExactSum, GivesPythonsSumOfTheHarmonicSeries) {
  std::vector<double> harmonic, alternating;
  for (int n = 1; n <= 1000; ++n) {
    harmonic.push_back(1.0 / n);
    alternating.push_back((n % 2 == 0 ? 1.0 : -1.0) / n);
  }
  EXPECT_EQ(exact_sum(harmonic), 0x1.df11f45f4e61ap+2);
  EXPECT_EQ(exact_sum(alternating), -0x1.62a2af1bd3624p-1);
  EXPECT_EQ(exact_sum(std::vector<double>(10, 0.1)), 1.0);
}

// Terms of 53 bits over 40 binary exponents: 113 bits hold 100 of them exactly, so converting rounds once.
TEST(ExactSum, EqualsQuadruplePrecisionWhereThatIsExact) {
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 2000; ++trial) {
    std::vector<double> terms;
    __float128 sum = 0;
    for (int i = 0; i < 100; ++i) {
      const auto mantissa = static_cast<double>(static_cast<std::int64_t>(random() >> 11));
      const double sign = random() % 2 == 0 ? 1.0 : -1.0;
      terms.push_back(sign * std::ldexp(mantissa, static_cast<int>(random() % 40)));
      sum += terms.back();
    }
    ASSERT_EQ(exact_sum(terms), static_cast<double>(sum)) << trial;
  }
}

TEST(ExactSum, DoesNotDependOnTheOrder) {
  std::mt19937_64 random(2);
  std::vector<double> terms;
  for (int i = 0; i < 200; ++i) {
    const double mantissa = static_cast<double>(random() >> 11) * (i % 2 == 0 ? 1.0 : -1.0);
    terms.push_back(std::ldexp(mantissa, static_cast<int>(random() % 400) - 200));
  }
  const double expected = exact_sum(terms);
  for (int trial = 0; trial < 300; ++trial) {
    std::shuffle(terms.begin(), terms.end(), random);
    ASSERT_EQ(exact_sum(terms), expected);
  }
}

}  // namespace
}  // namespace tailbit::exact_sum_test
