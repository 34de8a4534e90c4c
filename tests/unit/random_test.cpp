// Random numbers: the generator is Philox4x32-10, the counters are laid out as docs/definitions says, and what comes
// out is uniform, normal and independent.
//
// Statistical tests have fixed seeds and |z| < 5: a false alarm had a chance of 5.7e-7 for each z when the seeds were
// chosen, and none since.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "tailbit/random/draws.hpp"

#if __has_include(<Random123/philox.h>)
#include <Random123/philox.h>
#define TAILBIT_HAS_RANDOM123 1
#endif

namespace tailbit::random::random_test {
namespace {

void expect_words(Words actual, Words expected) {
  EXPECT_EQ(actual.x0, expected.x0);
  EXPECT_EQ(actual.x1, expected.x1);
  EXPECT_EQ(actual.x2, expected.x2);
  EXPECT_EQ(actual.x3, expected.x3);
}

// Random123's kat_vectors, "philox4x32 10".
TEST(Philox, GivesThePublishedKnownAnswers) {
  expect_words(Philox4x32::generate({0, 0, 0, 0}, {0, 0}), {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  expect_words(Philox4x32::generate({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
               {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  expect_words(Philox4x32::generate({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
               {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST(Philox, EqualsRandom123) {
#if TAILBIT_HAS_RANDOM123
  Words counter{1, 2, 3, 4};
  Key key{5, 6};
  for (int i = 0; i < 100'000; ++i) {
    const Words ours = Philox4x32::generate(counter, key);
    const philox4x32_ctr_t theirs = philox4x32_R(10, philox4x32_ctr_t{{counter.x0, counter.x1, counter.x2, counter.x3}},
                                                 philox4x32_key_t{{key.k0, key.k1}});
    ASSERT_EQ(ours.x0, theirs.v[0]) << i;
    ASSERT_EQ(ours.x1, theirs.v[1]) << i;
    ASSERT_EQ(ours.x2, theirs.v[2]) << i;
    ASSERT_EQ(ours.x3, theirs.v[3]) << i;
    counter = {counter.x0 + 0x9e3779b1u, counter.x1 + 0x85ebca77u, counter.x2 + 0xc2b2ae3du, counter.x3 + 0x27d4eb2fu};
    key = {key.k0 + 0x165667b1u, key.k1 + 0xd3a2646du};
  }
#else
  GTEST_SKIP() << "Random123 is not installed (Debian: librandom123-dev)";
#endif
}

TEST(Counter, HoldsScenarioStepBlockAndStream) {
  expect_words(make_counter(0x3456789aull, 7, 9, 0x4001), {0x3456789a, 7, 9, 0x4001});
}

TEST(Counter, PutsTheHighPartOfTheScenarioAboveTheStream) {
  expect_words(make_counter(0x12'3456789aull, 7, 9, 0x4001), {0x3456789a, 7, 9, 0x0012'4001});
  expect_words(make_counter(kMaxScenarios - 1, ~0u, ~0u, 0xffff), {~0u, ~0u, ~0u, 0x00ff'ffff});
}

TEST(Counter, KeyIsTheSeedLowWordFirst) {
  const Key key = make_key(0x0123456789abcdefull);
  EXPECT_EQ(key.k0, 0x89abcdefu);
  EXPECT_EQ(key.k1, 0x01234567u);
}

TEST(Uniform, ReachesExactlyItsSmallestAndLargestValue) {
  EXPECT_EQ(to_uniform(0, 0), 0x1p-53);
  EXPECT_EQ(to_uniform(0xfff, 0), 0x1p-53);  // the low twelve bits do not count
  EXPECT_EQ(to_uniform(0x1000, 0), 0x1.8p-52);
  EXPECT_EQ(to_uniform(~0u, ~0u), 1.0 - 0x1p-53);
}

TEST(Uniform, IsTheFormulaOfTheDefinitionsExactly) {
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const Words x = Philox4x32::generate({i, 0, 0, 0}, {11, 0});
    const std::uint64_t v = ((std::uint64_t{x.x1} << 32) + x.x0) >> 12;
    ASSERT_EQ(static_cast<long double>(to_uniform(x.x0, x.x1)), (static_cast<long double>(v) + 0.5L) * 0x1p-52L);
  }
}

TEST(Uniform, IsSymmetricAboutOneHalf) {
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const Words x = Philox4x32::generate({i, 0, 0, 0}, {12, 0});
    ASSERT_EQ(to_uniform(~x.x0, ~x.x1), 1.0 - to_uniform(x.x0, x.x1));
  }
}

TEST(Normals, AreInverseOfTheTwoUniformsOfABlockInOrder) {
  const Words x = Philox4x32::generate(make_counter(5'000'000'000ull, 3, 4, kBridge), make_key(99));
  const TwoNormals z = two_normals<Philox4x32>(make_key(99), 5'000'000'000ull, 3, 4, kBridge);
  EXPECT_EQ(z.first, math::normal_from_uniform(to_uniform(x.x0, x.x1)));
  EXPECT_EQ(z.second, math::normal_from_uniform(to_uniform(x.x2, x.x3)));
}

TEST(Normals, StayFiniteAtTheEndsOfTheUniforms) {
  EXPECT_NEAR(math::normal_from_uniform(0x1p-53), -8.209536, 1e-5);
  EXPECT_NEAR(math::normal_from_uniform(1.0 - 0x1p-53), 8.209536, 1e-5);
}

std::vector<double> normals(std::uint64_t seed, std::size_t pairs) {
  std::vector<double> z;
  z.reserve(2 * pairs);
  for (std::size_t i = 0; i < pairs; ++i) {
    const TwoNormals two = two_normals<Philox4x32>(make_key(seed), i, 0, 0, kInnovations);
    z.push_back(two.first);
    z.push_back(two.second);
  }
  return z;
}

TEST(Normals, HaveTheMomentsOfTheNormalLaw) {
  const std::vector<double> z = normals(20260101, 500'000);
  const double n = static_cast<double>(z.size());
  double first = 0, second = 0, third = 0, fourth = 0;
  for (const double x : z) {
    first += x;
    second += x * x;
    third += x * x * x;
    fourth += x * x * x * x;
  }
  // Variances of x, x^2, x^3 and x^4: 1, 2, 15 and 96.
  EXPECT_LT(std::abs(first / std::sqrt(n)), 5.0);
  EXPECT_LT(std::abs((second - n) / std::sqrt(2.0 * n)), 5.0);
  EXPECT_LT(std::abs(third / std::sqrt(15.0 * n)), 5.0);
  EXPECT_LT(std::abs((fourth - 3.0 * n) / std::sqrt(96.0 * n)), 5.0);
}

// Kolmogorov and Smirnov: P(sqrt(n) D > 2.75) = 2 exp(-2 2.75^2) = 5.4e-7.
TEST(Normals, HaveTheDistributionOfTheNormalLaw) {
  std::vector<double> z = normals(20260102, 500'000);
  std::sort(z.begin(), z.end());
  const double n = static_cast<double>(z.size());
  double distance = 0.0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double probability = 0.5 * std::erfc(-z[i] / std::sqrt(2.0));
    distance = std::max(distance, std::abs(probability - static_cast<double>(i) / n));
    distance = std::max(distance, std::abs(probability - static_cast<double>(i + 1) / n));
  }
  EXPECT_LT(std::sqrt(n) * distance, 2.75);
}

// Of independent standard normals, sum x y / sqrt(n) is standard normal.
template <class Other>
double correlation_z(Other&& other) {
  constexpr int kPairs = 100'000;
  double sum = 0.0;
  for (std::uint32_t i = 0; i < kPairs; ++i) {
    sum += two_normals<Philox4x32>(make_key(7), i, 3, 2, kInnovations).first * other(i);
  }
  return sum / std::sqrt(kPairs);
}

TEST(Normals, AreIndependentAlongEveryWordOfTheCounterAndTheSeed) {
  using G = Philox4x32;
  const Key key = make_key(7);
  EXPECT_LT(std::abs(correlation_z([&](auto i) { return two_normals<G>(key, i, 3, 2, kInnovations).second; })), 5.0);
  EXPECT_LT(std::abs(correlation_z([&](auto i) { return two_normals<G>(key, i + 1, 3, 2, kInnovations).first; })), 5.0);
  EXPECT_LT(std::abs(correlation_z([&](auto i) { return two_normals<G>(key, i, 4, 2, kInnovations).first; })), 5.0);
  EXPECT_LT(std::abs(correlation_z([&](auto i) { return two_normals<G>(key, i, 3, 3, kInnovations).first; })), 5.0);
  EXPECT_LT(std::abs(correlation_z([&](auto i) { return two_normals<G>(key, i, 3, 2, kBridge).first; })), 5.0);
  EXPECT_LT(std::abs(correlation_z([&](auto i) { return two_normals<G>(key, i, 3, 2, kBridge + 1).first; })), 5.0);
  EXPECT_LT(std::abs(correlation_z(
                [&](auto i) { return two_normals<G>(key, i + (std::uint64_t{1} << 32), 3, 2, kInnovations).first; })),
            5.0);
  EXPECT_LT(std::abs(correlation_z([&](auto i) { return two_normals<G>(make_key(8), i, 3, 2, kInnovations).first; })),
            5.0);
}

}  // namespace
}  // namespace tailbit::random::random_test
