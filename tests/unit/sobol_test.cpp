// Sobol points: their table, their scrambling, and what dimensions are used for.
#include "tailbit/random/sobol.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "host/compile/joe_kuo.hpp"
#include "host/compile/path_splits.hpp"
#include "tailbit/random/philox.hpp"

namespace tailbit::sobol_test {
namespace {

using namespace random;

struct Points {
  std::vector<std::uint32_t> directions, scrambles;
  SobolPoints view;

  Points(std::uint32_t dimensions, std::uint32_t log2_randomisations)
      : directions(reversed_directions(dimensions)), scrambles(std::size_t{dimensions} << log2_randomisations) {
    for (std::uint32_t i = 0; i < scrambles.size(); ++i) scrambles[i] = Philox4x32::generate({i, 0, 0, 0}, {1, 2}).x0;
    view = {dimensions, log2_randomisations, directions.data(), scrambles.data()};
  }
};

double coordinate(const Points& points, std::uint32_t dimension, std::uint32_t point) {
  return std::ldexp(reversed_bits(sobol_bits(points.view, dimension, point)), -32);
}

// The first eight points in three dimensions (Joe and Kuo 2008; here in the order of their binary numbers, not of
// Gray's code), and two numbers of the last dimension, from the published table: m_12 = 1387 and m_13 = 1583.
TEST(Sobol, PointsAreThePublishedOnes) {
  const Points points(kSobolDimensions, 0);
  const double wanted[3][8] = {{0.0, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875},
                               {0.0, 0.5, 0.75, 0.25, 0.625, 0.125, 0.375, 0.875},
                               {0.0, 0.5, 0.75, 0.25, 0.375, 0.875, 0.625, 0.125}};
  for (std::uint32_t d = 0; d < 3; ++d) {
    for (std::uint32_t i = 0; i < 8; ++i) EXPECT_EQ(coordinate(points, d, i), wanted[d][i]) << d << " " << i;
  }
  EXPECT_EQ(coordinate(points, kSobolDimensions - 1, 1u << 11), std::ldexp(1387.0, -12));
  EXPECT_EQ(coordinate(points, kSobolDimensions - 1, 1u << 12), std::ldexp(1583.0, -13));
  EXPECT_EQ(points.directions.size(), std::size_t{kSobolDimensions} * kSobolBits);
}

TEST(Sobol, ScramblingKeepsEveryDimensionEven) {
  const Points points(kSobolDimensions, 2);
  for (std::uint32_t d = 0; d < kSobolDimensions; ++d) {
    for (std::uint64_t r = 0; r < 4; ++r) {
      std::set<int> places;
      for (std::uint64_t i = 0; i < 64; ++i)
        places.insert(static_cast<int>(64.0 * sobol_uniform(points.view, d, 4 * i + r)));
      ASSERT_EQ(places.size(), 64u) << "dimension " << d << ", randomisation " << r;
    }
  }
}

// The first two dimensions are a (0, 2)-sequence, scrambled or not: of 2^8 points one lies in each box of every shape.
TEST(Sobol, ScramblingKeepsTheNet) {
  const Points points(2, 4);
  for (std::uint64_t r = 0; r < 16; ++r) {
    for (int shape = 0; shape <= 8; ++shape) {
      std::set<std::pair<int, int>> boxes;
      for (std::uint64_t i = 0; i < 256; ++i) {
        boxes.emplace(static_cast<int>(std::ldexp(sobol_uniform(points.view, 0, 16 * i + r), shape)),
                      static_cast<int>(std::ldexp(sobol_uniform(points.view, 1, 16 * i + r), 8 - shape)));
      }
      ASSERT_EQ(boxes.size(), 256u) << shape << ", randomisation " << r;
    }
  }
}

// A point is anywhere, and independent of what it is in another dimension: over 4,096 seeds, chi-square of 16 places
// and of 8 x 8, at 1e-6 (15 degrees of freedom: 54; 63: 131).
TEST(Sobol, RandomisationsAreUniform) {
  const Points points(2, 12);
  for (const std::uint64_t point : {0u, 1u, 37u, 4096u}) {
    double places[16] = {}, boxes[64] = {};
    for (std::uint64_t r = 0; r < 4096; ++r) {
      const double x = sobol_uniform(points.view, 0, point * 4096 + r);
      const double y = sobol_uniform(points.view, 1, point * 4096 + r);
      places[static_cast<int>(16.0 * x)] += 1.0;
      boxes[8 * static_cast<int>(8.0 * x) + static_cast<int>(8.0 * y)] += 1.0;
    }
    double of_places = 0.0, of_boxes = 0.0;
    for (const double count : places) of_places += (count - 256.0) * (count - 256.0) / 256.0;
    for (const double count : boxes) of_boxes += (count - 64.0) * (count - 64.0) / 64.0;
    EXPECT_LT(of_places, 54.0) << point;
    EXPECT_LT(of_boxes, 131.0) << point;
  }
}

// What scrambling is for: two points that agree in their first bits, and no longer in the next one, are independent
// below. Over seeds, the covariance of the rest vanishes: 5 standard errors.
TEST(Sobol, ScramblingIsNested) {
  constexpr int kSeeds = 16384;
  const Points points(1, 14);
  double sum = 0.0, squares = 0.0;
  for (std::uint64_t r = 0; r < kSeeds; ++r) {
    // 0 and 1/8 + 1/16 lie in one quarter, in different halves of it.
    const double x = sobol_uniform(points.view, 0, r),
                 y = sobol_uniform(points.view, 0, std::uint64_t{12} * kSeeds + r);
    ASSERT_EQ(std::floor(4.0 * x), std::floor(4.0 * y));
    ASSERT_NE(std::floor(8.0 * x), std::floor(8.0 * y));
    const double product = (8.0 * x - std::floor(8.0 * x) - 0.5) * (8.0 * y - std::floor(8.0 * y) - 0.5);
    sum += product;
    squares += product * product;
  }
  EXPECT_LT(std::fabs(sum), 5.0 * std::sqrt(squares));
}

// --- Paths
// ------------------------------------------------------------------------------------------------------------

// Steps' normals as a matrix of the nodes'.
std::vector<std::vector<double>> matrix_of(std::uint32_t steps) {
  const PathSplits splits = path_splits(steps);
  std::vector<std::vector<double>> rows, sums(splits.stack, std::vector<double>(steps, 0.0));
  sums[0][0] = std::sqrt(static_cast<double>(steps));
  for (const PathStep& step : splits.steps) {
    std::uint32_t top = step.top;
    for (std::uint32_t i = 0; i < step.split_count; ++i, ++top) {
      const PathSplit& split = splits.splits[step.first_split + i];
      for (std::uint32_t node = 0; node < steps; ++node) {
        const double left = left_sum(split, sums[top][node], node == split.node ? 1.0 : 0.0);
        sums.at(top + 1)[node] = left;
        sums[top][node] -= left;
      }
    }
    rows.push_back(sums[top]);
  }
  return rows;
}

TEST(PathSplits, StepsAreAnOrthonormalTransformOfNodes) {
  for (const std::uint32_t steps : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 24u, 33u, 96u}) {
    const auto rows = matrix_of(steps);
    ASSERT_EQ(rows.size(), steps);
    for (std::uint32_t a = 0; a < steps; ++a) {
      for (std::uint32_t b = 0; b < steps; ++b) {
        double product = 0.0;
        for (std::uint32_t node = 0; node < steps; ++node) product += rows[a][node] * rows[b][node];
        ASSERT_NEAR(product, a == b ? 1.0 : 0.0, 1e-13) << steps << ": " << a << ", " << b;
      }
    }
  }
}

TEST(PathSplits, TheMostImportantNodesComeFirst) {
  const auto rows = matrix_of(8);
  for (const auto& row : rows) EXPECT_NEAR(row[0], std::sqrt(1.0 / 8.0), 1e-15);
  double half = 0.0, quarter = 0.0;
  for (int step = 0; step < 4; ++step) half += rows[step][1];
  for (int step = 0; step < 2; ++step) quarter += rows[step][2];
  EXPECT_NEAR(half, std::sqrt(2.0), 1e-15);  // root of 4 * 4 / 8
  EXPECT_NEAR(quarter, 1.0, 1e-15);          // root of 2 * 2 / 4
  for (int step = 4; step < 8; ++step) EXPECT_EQ(rows[step][2], 0.0);
  EXPECT_NE(rows[4][3], 0.0);
  EXPECT_EQ(rows[0][3], 0.0);
  EXPECT_LE(path_splits(1'000'000).stack, 21u);
}

}  // namespace
}  // namespace tailbit::sobol_test
