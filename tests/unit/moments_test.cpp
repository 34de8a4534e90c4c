// Moments by blocks against sums in long double over all values at once.
#include "tailbit/measure/moments.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tailbit/random/draws.hpp"

namespace tailbit::measure::moments_test {
namespace {

using Values = std::vector<std::int64_t>;

Values drawn(std::size_t count, double scale, double shift) {
  Values values;
  for (std::size_t i = 0; i < count; ++i) {
    const auto z = random::two_normals<random::Philox4x32>({1, 2}, i, 0, 0, random::kInnovations);
    values.push_back(static_cast<std::int64_t>(scale * (z.first + 0.3 * z.second * z.second) + shift));
  }
  return values;
}

struct Exact {
  long double mean, second = 0, third = 0, fourth = 0, size3 = 0;
};
Exact exact(const Values& values, std::int64_t offset, Part part) {
  __int128 sum = 0;
  for (const std::int64_t v : values) sum += part_of(offset + v, part);
  Exact e{static_cast<long double>(sum) / static_cast<long double>(values.size())};
  for (const std::int64_t v : values) {
    const long double d = static_cast<long double>(part_of(offset + v, part)) - e.mean;
    e.second += d * d;
    e.third += d * d * d;
    e.size3 += std::fabs(d * d * d);
    e.fourth += d * d * d * d;
  }
  return e;
}

TEST(Moments, OfBlocksAreThoseOfAllValues) {
  for (const std::size_t count : {1u, 2u, 511u, 512u, 513u, 20'000u}) {
    for (const double shift : {0.0, 4e11, -7e12}) {
      const Values values = drawn(count, 1e9, shift);
      for (const Part part : {Part::whole, Part::positive, Part::negative}) {
        const std::int64_t offset = 123'456'789;
        const CentralMoments m = central_moments(values, offset, part);
        const Exact e = exact(values, offset, part);
        // Rounding of a block's mean and of the sums: some ulps of the greatest, or of the terms that cancel.
        const double around = 1e-12 * std::fabs(shift) + 1e-3;
        EXPECT_EQ(m.mean, static_cast<double>(e.mean)) << count << " " << shift;
        EXPECT_NEAR(m.second, static_cast<double>(e.second), 1e-13 * static_cast<double>(e.second) + around * around);
        EXPECT_NEAR(m.third, static_cast<double>(e.third), 1e-11 * static_cast<double>(e.size3) + around);
        EXPECT_NEAR(m.fourth, static_cast<double>(e.fourth), 1e-12 * static_cast<double>(e.fourth) + around);
      }
    }
  }
}

// What a tree is for: a far mean costs no digits.
TEST(Moments, DoNotCancelFarFromZero) {
  Values values;
  for (int i = 0; i < 4000; ++i) values.push_back((std::int64_t{1} << 50) + i % 2);
  const CentralMoments m = central_moments(values, 0, Part::whole);
  EXPECT_NEAR(m.second, 1000.0, 1e-9);
  EXPECT_NEAR(m.fourth, 250.0, 1e-9);
}

TEST(Moments, OfABlockAreExactSumsAndItsOwnMean) {
  const Values values{-3, 1, 5, 9};
  const BlockMoments block = block_moments(values.data(), values.size(), 2, Part::whole);
  EXPECT_EQ(block.sum, 20);
  EXPECT_EQ(block.second, 36.0 + 4.0 + 4.0 + 36.0);
  EXPECT_EQ(block.third, 0.0);
  EXPECT_EQ(block.fourth, 2 * 1296.0 + 2 * 16.0);
}

}  // namespace
}  // namespace tailbit::measure::moments_test
