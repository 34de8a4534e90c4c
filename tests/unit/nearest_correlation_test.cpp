// Higham's repair: the paper's example, what it must leave alone, and that what it gives is a correlation matrix nearer
// than the usual shortcut.
#include "host/fit/nearest_correlation.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "host/fit/correlation.hpp"
#include "tailbit/math/cholesky.hpp"

namespace tailbit::nearest_correlation_test {
namespace {

using Rows = std::vector<std::vector<double>>;
using Eigen::MatrixXd;

MatrixXd dense(const Rows& rows) {
  const auto n = static_cast<Eigen::Index>(rows.size());
  return MatrixXd::NullaryExpr(n, n, [&](Eigen::Index i, Eigen::Index j) {
    return rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  });
}

double distance(const Rows& a, const Rows& b) { return (dense(a) - dense(b)).norm(); }

// Symmetric, 1 on the diagonal, off it what `draw` says, within -1 and 1.
template <class Draw>
Rows symmetric(std::size_t n, Draw&& draw) {
  Rows rows(n, std::vector<double>(n, 1.0));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) rows[i][j] = rows[j][i] = std::clamp(draw(i, j), -1.0, 1.0);
  }
  return rows;
}

// Eigenvalues raised to the same floor, the diagonal scaled back: what desks do who have not read Higham.
Rows clipped(const Rows& rows) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(dense(rows));
  const double floor = fit::least_repaired_eigenvalue(rows.size());
  const MatrixXd raised =
      solver.eigenvectors() * solver.eigenvalues().cwiseMax(floor).asDiagonal() * solver.eigenvectors().transpose();
  return symmetric(rows.size(), [&](std::size_t i, std::size_t j) {
    const auto a = static_cast<Eigen::Index>(i), b = static_cast<Eigen::Index>(j);
    return raised(a, b) / std::sqrt(raised(a, a) * raised(b, b));
  });
}

void expect_correlation(const Rows& rows) {
  const std::size_t n = rows.size();
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_EQ(rows[i][i], 1.0);
    for (std::size_t j = 0; j < n; ++j) {
      EXPECT_EQ(rows[i][j], rows[j][i]);
      EXPECT_LE(std::abs(rows[i][j]), 1.0);
      EXPECT_EQ(std::round(rows[i][j] * 1e9) / 1e9, rows[i][j]) << "more than 9 decimals";
      EXPECT_FALSE(rows[i][j] == 0.0 && std::signbit(rows[i][j]));
    }
  }
  Rows lower;
  EXPECT_TRUE(math::cholesky(rows, lower));
  // Raised to the floor, then divided by a diagonal of nearly 1 and rounded.
  EXPECT_GT(fit::least_eigenvalue(rows), 0.4 * fit::least_repaired_eigenvalue(n));
}

// Higham (2002), section 4: the tridiagonal matrix of ones, and its nearest correlation matrix to four decimals.
TEST(NearestCorrelation, ExampleOfThePaper) {
  const auto nearest = fit::nearest_correlation({{1, 1, 0}, {1, 1, 1}, {0, 1, 1}});
  ASSERT_TRUE(nearest);
  const Rows expected{{1, 0.7607, 0.1573}, {0.7607, 1, 0.7607}, {0.1573, 0.7607, 1}};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(nearest->matrix[i][j], expected[i][j], 5e-5) << i << ' ' << j;
  }
  expect_correlation(nearest->matrix);
  EXPECT_NEAR(nearest->size.least_eigenvalue, 1.0 - std::sqrt(2.0), 1e-9);
  EXPECT_NEAR(nearest->size.largest_change, 1.0 - 0.7607, 5e-5);
  const double a = 1.0 - 0.76069, c = 0.15730;  // four entries change by a, two by c
  EXPECT_NEAR(nearest->size.distance, std::sqrt(4.0 * a * a + 2.0 * c * c), 1e-4);
}

// Three pairs at +-a that contradict each other: by symmetry the nearest has them at +-1/2, where it becomes singular.
TEST(NearestCorrelation, ContradictionOfThree) {
  for (const double a : {0.6, 0.9, 1.0}) {
    const auto nearest = fit::nearest_correlation({{1, a, -a}, {a, 1, a}, {-a, a, 1}});
    ASSERT_TRUE(nearest);
    EXPECT_NEAR(nearest->matrix[0][1], 0.5, 1e-6);
    EXPECT_NEAR(nearest->matrix[0][2], -0.5, 1e-6);
    EXPECT_NEAR(nearest->matrix[1][2], 0.5, 1e-6);
    EXPECT_NEAR(nearest->size.least_eigenvalue, 1.0 - 2.0 * a, 1e-9);
    EXPECT_NEAR(nearest->size.distance, std::sqrt(6.0) * (a - 0.5), 1e-5);
    EXPECT_NEAR(nearest->size.largest_change, a - 0.5, 1e-6);
  }
}

TEST(NearestCorrelation, LeavesValidMatricesAlone) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  for (const std::size_t n : {1u, 2u, 5u, 20u, 40u}) {
    Rows loadings(n, std::vector<double>(n + 3));
    for (auto& row : loadings) std::generate(row.begin(), row.end(), [&] { return normal(random); });
    const auto dot = [&](std::size_t i, std::size_t j) {
      double sum = 0.0;
      for (std::size_t k = 0; k < n + 3; ++k) sum += loadings[i][k] * loadings[j][k];
      return sum;
    };
    const Rows valid = symmetric(n, [&](std::size_t i, std::size_t j) {
      return 0.9 * std::round(1e6 * dot(i, j) / std::sqrt(dot(i, i) * dot(j, j))) / 1e6;
    });
    const auto nearest = fit::nearest_correlation(valid);
    ASSERT_TRUE(nearest);
    EXPECT_EQ(nearest->iterations, 1u);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) EXPECT_NEAR(nearest->matrix[i][j], valid[i][j], 1e-9);
    }
    EXPECT_LE(nearest->size.largest_change, 1e-9);
  }
}

TEST(NearestCorrelation, RandomMatricesBecomeDefiniteAndStayNearerThanByClipping) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  for (const std::size_t n : {3u, 4u, 7u, 12u, 25u, 40u}) {
    for (int trial = 0; trial < 5; ++trial) {
      const Rows invalid = symmetric(n, [&](std::size_t, std::size_t) { return uniform(random); });
      if (fit::least_eigenvalue(invalid) > -0.01) continue;
      const auto nearest = fit::nearest_correlation(invalid);
      ASSERT_TRUE(nearest) << n;
      expect_correlation(nearest->matrix);
      const double moved = distance(nearest->matrix, invalid);
      EXPECT_LT(moved, distance(clipped(invalid), invalid)) << n;
      EXPECT_NEAR(nearest->size.distance, moved, 1e-9);
      EXPECT_LE(nearest->size.largest_change, nearest->size.distance);
      // A second repair finds nothing to do but to round.
      const auto again = fit::nearest_correlation(nearest->matrix);
      ASSERT_TRUE(again);
      EXPECT_LE(again->size.largest_change, 2e-7) << n;
    }
  }
}

// No correlation matrix near the one found is nearer to the one given.
TEST(NearestCorrelation, IsTheNearest) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  const Rows invalid = symmetric(6, [&](std::size_t, std::size_t) { return uniform(random); });
  const auto nearest = fit::nearest_correlation(invalid);
  ASSERT_TRUE(nearest);
  const double moved = distance(nearest->matrix, invalid);
  // The set is convex: the way from the nearest to any other correlation matrix leads away from the one given.
  for (int trial = 0; trial < 200; ++trial) {
    const Rows other = clipped(symmetric(6, [&](std::size_t, std::size_t) { return uniform(random); }));
    const MatrixXd way = dense(other) - dense(nearest->matrix), back = dense(invalid) - dense(nearest->matrix);
    EXPECT_LT((way.array() * back.array()).sum(), 1e-5 * moved);
  }
}

TEST(NearestCorrelation, SingularMatricesBecomeDefinite) {
  const auto check = [](const Rows& singular) {
    const auto nearest = fit::nearest_correlation(singular);
    ASSERT_TRUE(nearest);
    expect_correlation(nearest->matrix);
    EXPECT_LT(nearest->size.largest_change, 1e-6);
    EXPECT_NEAR(nearest->size.least_eigenvalue, 0.0, 1e-9);
  };
  check({{1, 1}, {1, 1}});
  check({{1, -1}, {-1, 1}});
  check(symmetric(30, [](std::size_t, std::size_t) { return 1.0; }));
  // Five factors behind forty.
  std::mt19937_64 random(4);
  std::normal_distribution<double> normal;
  MatrixXd loadings = MatrixXd::NullaryExpr(40, 5, [&] { return normal(random); });
  loadings.rowwise().normalize();
  const MatrixXd product = loadings * loadings.transpose();
  check(symmetric(40, [&](std::size_t i, std::size_t j) {
    return product(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
  }));
}

Model contradiction(CorrelationRepair repair, std::vector<std::string> factors = {"A.spot", "B.spot", "C.spot"}) {
  Model model;
  model.underlyings = {{"A", {}}, {"B", {}}, {"C", {}}, {"D", {}}};
  model.underlyings["D"].level = LevelModel{};
  model.correlation = {std::move(factors), {{1, 0.9, -0.9}, {0.9, 1, 0.9}, {-0.9, 0.9, 1}}, repair};
  return model;
}

TEST(FitCorrelation, RepairsWhenAsked) {
  Model model = contradiction(CorrelationRepair::higham);
  Problems problems;
  const auto size = fit_correlation(model, "model.json", problems);
  ASSERT_TRUE(problems.empty());
  ASSERT_TRUE(size);
  EXPECT_NEAR(size->least_eigenvalue, -0.8, 1e-9);
  EXPECT_NEAR(size->largest_change, 0.4, 1e-6);
  EXPECT_EQ(model.correlation.factors, (std::vector<std::string>{"A.spot", "B.spot", "C.spot", "D.spot", "D.vol"}));
  expect_correlation(model.correlation.matrix);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(model.correlation.matrix[3][i], 0.0);  // still independent
  EXPECT_EQ(repair_text(*size),
            "the correlation was not positive definite (least eigenvalue -0.8): replaced by the nearest one, distance "
            "0.98, largest change of an entry 0.4");

  // What it was resolved to is left as it is.
  Model resolved = model;
  EXPECT_FALSE(fit_correlation(resolved, "model.json", problems));
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(resolved.correlation.matrix, model.correlation.matrix);
}

TEST(FitCorrelation, TheOrderOfTheListDoesNotCount) {
  Model model = contradiction(CorrelationRepair::higham), other = model;
  other.correlation.factors = {"C.spot", "A.spot", "B.spot"};
  other.correlation.matrix = {{1, -0.9, 0.9}, {-0.9, 1, 0.9}, {0.9, 0.9, 1}};
  Problems problems;
  fit_correlation(model, "model.json", problems);
  fit_correlation(other, "model.json", problems);
  EXPECT_EQ(model.correlation.matrix, other.correlation.matrix);
}

TEST(FitCorrelation, LeavesWhatIsDefiniteAsItIs) {
  Model model = contradiction(CorrelationRepair::higham);
  model.correlation.matrix = {{1, 0.123456789012, 0}, {0.123456789012, 1, 0}, {0, 0, 1}};
  Problems problems;
  EXPECT_FALSE(fit_correlation(model, "model.json", problems));
  EXPECT_EQ(model.correlation.matrix[0][1], 0.123456789012);  // not even rounded
}

TEST(FitCorrelation, RejectsUnlessAsked) {
  Model model = contradiction(CorrelationRepair::reject);
  Problems problems;
  EXPECT_FALSE(fit_correlation(model, "model.json", problems));
  try {
    problems.throw_if_any();
    FAIL() << "it was accepted";
  } catch (const Failure& failure) {
    const std::string said = failure.what();
    EXPECT_NE(said.find("model.json:/correlation/matrix: the matrix is not positive definite (least eigenvalue -0.8"),
              std::string::npos)
        << said;
    EXPECT_NE(said.find("\"higham\""), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace tailbit::nearest_correlation_test
