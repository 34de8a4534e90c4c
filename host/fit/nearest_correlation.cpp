#include "host/fit/nearest_correlation.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Eigenvalues>

#include "tailbit/math/cholesky.hpp"

namespace tailbit::fit {
namespace {

using Rows = std::vector<std::vector<double>>;
using Eigen::MatrixXd;
using EigenSolver = Eigen::SelfAdjointEigenSolver<MatrixXd>;

// Relative change of the iterates at which they have converged: below what rounding to kCorrelationDecimals keeps.
constexpr double kTolerance = 1e-12;
// Tens of iterations are usual, and some hundreds have been seen.
constexpr std::size_t kMostIterations = 10'000;

MatrixXd dense(const Rows& rows) {
  const auto n = static_cast<Eigen::Index>(rows.size());
  MatrixXd matrix(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < n; ++j) matrix(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  }
  return matrix;
}

// The matrix with its eigenvalues raised to `least`: for 0 the projection on the positive semidefinite ones.
MatrixXd with_eigenvalues_from(const MatrixXd& matrix, double least) {
  const EigenSolver solver(matrix);
  const MatrixXd& v = solver.eigenvectors();
  const MatrixXd raised = v * solver.eigenvalues().cwiseMax(least).asDiagonal() * v.transpose();
  return 0.5 * (raised + raised.transpose());
}

// The projection on the matrices with a diagonal of 1.
MatrixXd with_unit_diagonal(MatrixXd matrix) {
  matrix.diagonal().setOnes();
  return matrix;
}

double norm(const MatrixXd& matrix) { return matrix.cwiseAbs().rowwise().sum().maxCoeff(); }

double relative_change(const MatrixXd& now, const MatrixXd& before) { return norm(now - before) / norm(now); }

struct Projected {
  MatrixXd matrix;
  std::size_t iterations;
};

// Algorithm 3.3, and the criterion of (4.1).
std::optional<Projected> alternate_projections(const MatrixXd& given) {
  MatrixXd x = given, y = given, correction = MatrixXd::Zero(given.rows(), given.cols());
  for (std::size_t k = 1; k <= kMostIterations; ++k) {
    const MatrixXd uncorrected = y - correction;
    const MatrixXd next_x = with_eigenvalues_from(uncorrected, 0.0);
    correction = next_x - uncorrected;
    const MatrixXd next_y = with_unit_diagonal(next_x);
    const double change =
        std::max({relative_change(next_x, x), relative_change(next_y, y), relative_change(next_y, next_x)});
    x = next_x;
    y = next_y;
    if (change <= kTolerance) return Projected{y, k};
  }
  return std::nullopt;
}

double rounded(double value) {
  const double scale = std::pow(10.0, kCorrelationDecimals);
  return std::round(value * scale) / scale + 0.0;  // + 0: never -0
}

// Scaled to a diagonal of 1 and rounded.
Rows as_correlation(const MatrixXd& matrix) {
  const auto n = static_cast<std::size_t>(matrix.rows());
  Rows rows(n, std::vector<double>(n, 1.0));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto a = static_cast<Eigen::Index>(i), b = static_cast<Eigen::Index>(j);
      rows[i][j] = rows[j][i] = std::clamp(rounded(matrix(a, b) / std::sqrt(matrix(a, a) * matrix(b, b))), -1.0, 1.0);
    }
  }
  return rows;
}

}  // namespace

double least_repaired_eigenvalue(std::size_t n) { return std::max(1e-7, 1e-9 * static_cast<double>(n)); }

double least_eigenvalue(const Rows& matrix) {
  return EigenSolver(dense(matrix), Eigen::EigenvaluesOnly).eigenvalues().minCoeff();
}

std::optional<NearestCorrelation> nearest_correlation(const Rows& matrix) {
  const MatrixXd given = dense(matrix);
  const auto projected = alternate_projections(given);
  if (!projected) return std::nullopt;
  NearestCorrelation out;
  out.matrix = as_correlation(with_eigenvalues_from(projected->matrix, least_repaired_eigenvalue(matrix.size())));
  Rows lower;
  if (!math::cholesky(out.matrix, lower)) return std::nullopt;
  const MatrixXd change = dense(out.matrix) - given;
  out.size = {rounded(least_eigenvalue(matrix)), rounded(change.cwiseAbs().maxCoeff()), rounded(change.norm())};
  out.iterations = projected->iterations;
  return out;
}

}  // namespace tailbit::fit
