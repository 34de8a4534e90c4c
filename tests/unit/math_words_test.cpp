// What a device computes in words of 32 bits, and what the hot loops compute with one operation fewer, against the
// plain form: equal bits.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tailbit/math/exp.hpp"
#include "tailbit/random/philox.hpp"

namespace tailbit::math_words_test {
namespace {

// Numbers of every exponent, then of the hot loops' range, and those where something changes.
template <class Check>
void every_kind_of_double(Check check) {
  for (const double edge : {0.0, -0.0, 0x1p-1074, -0x1p-1074, 37.5, -37.5, 0x1.2bfffffffffffp+5, 0x1.2c00000000001p+5,
                            std::numeric_limits<double>::max(), std::numeric_limits<double>::infinity(),
                            -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    check(edge);
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    const random::Words w = random::Philox4x32::generate({i, 0, 0, 0}, {1, 2});
    check(math::by_words::join(w.x0, w.x1));
    check((static_cast<double>(w.x2) * 0x1p-31 - 1.0) * 40.0);
  }
}

TEST(MathWords, MagnitudeUpToIsAMinimum) {
  every_kind_of_double([](double x) {
    const double plain = math::min(37.5, math::abs(x));  // its second operand where either is not a number
    ASSERT_EQ(math::to_bits(math::magnitude_up_to(37.5, x)), math::to_bits(plain)) << x;
    ASSERT_EQ(math::to_bits(math::by_words::magnitude_up_to(37.5, x)), math::to_bits(plain)) << x;
    const auto single = static_cast<float>(x);
    ASSERT_EQ(math::to_bits(math::magnitude_up_to(13.0f, single)), math::to_bits(math::min(13.0f, math::abs(single))));
  });
}

TEST(MathWords, ZeroBelowLooksAtTheSign) {
  every_kind_of_double([](double x) {
    const auto single = static_cast<float>(x);
    if (x == 0.0 || x != x || single == 0.0f) return;
    ASSERT_EQ(math::zero_below(x, 3.5), x > 0.0 ? 3.5 : 0.0);
    ASSERT_EQ(math::by_words::zero_below(x, 3.5), x > 0.0 ? 3.5 : 0.0);
    ASSERT_EQ(math::by_words::zero_below(single, 3.5f), x > 0.0 ? 3.5f : 0.0f);
  });
  EXPECT_EQ(math::zero_below(0.0, 3.5), 3.5);
  EXPECT_EQ(math::by_words::zero_below(0.0, 3.5), 3.5);
}

TEST(MathWords, CopysignOppositeIsThatOfTheNegative) {
  every_kind_of_double([](double x) {
    for (const double magnitude : {0.0, 7.0})
      ASSERT_EQ(math::to_bits(math::copysign_opposite(magnitude, x)), math::to_bits(math::copysign(magnitude, -x)));
    const auto single = static_cast<float>(x);
    if (x != x) return;
    ASSERT_EQ(math::to_bits(math::copysign_opposite(2.5f, single)), math::to_bits(math::copysign(2.5f, -single)));
  });
}

TEST(MathWords, ScalingAddsToTheExponent) {
  for (int k = -1000; k <= 0; k += 7) {
    const double rounded = static_cast<double>(k) + math::Format<double>::rounding_magic;
    for (const double value : {1.0, 0x1.fffffffffffffp-1, 1.2345678901234567}) {
      ASSERT_EQ(math::to_bits(math::by_words::scaled_by(value, rounded)),
                math::to_bits(math::scaled_by(value, rounded)));
      ASSERT_EQ(math::scaled_by(value, rounded), std::ldexp(value, k));
    }
  }
}

TEST(MathWords, ExpMinusHalfSavesAProductAndNoBit) {
  for (std::uint32_t i = 0; i < 500'000; ++i) {
    const random::Words w = random::Philox4x32::generate({i, 0, 0, 0}, {3, 4});
    const double x = static_cast<double>(w.x0) * 0x1p-32 * (i % 3 == 0 ? 2.0 : 1416.0);
    ASSERT_EQ(math::to_bits(math::exp_minus_half(x)), math::to_bits(math::exp_nonpositive(-0.5 * x))) << x;
    const float y = static_cast<float>(w.x1) * 0x1p-32f * (i % 3 == 0 ? 2.0f : 174.0f);
    ASSERT_EQ(math::to_bits(math::exp_minus_half(y)), math::to_bits(math::exp_nonpositive(-0.5f * y))) << y;
  }
  for (const double x : {0.0, 0x1p-1074, 0x1p-1022, 1416.0})
    EXPECT_EQ(math::to_bits(math::exp_minus_half(x)), math::to_bits(math::exp_nonpositive(-0.5 * x))) << x;
}

}  // namespace
}  // namespace tailbit::math_words_test
