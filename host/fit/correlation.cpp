#include "host/fit/correlation.hpp"

#include <algorithm>
#include <map>

#include <Eigen/Eigenvalues>

#include "host/io/text.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {
namespace {

using Matrix = std::vector<std::vector<double>>;

double least_eigenvalue(const Matrix& matrix) {
  const auto n = static_cast<Eigen::Index>(matrix.size());
  Eigen::MatrixXd dense(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < n; ++j) dense(i, j) = matrix[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  }
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(dense, Eigen::EigenvaluesOnly).eigenvalues().minCoeff();
}

// Row by row (Cholesky-Banachiewicz), in fixed order, so that every compiler finds the same bits. False when a pivot is
// not positive.
bool factor(const Matrix& matrix, Matrix& lower) {
  const std::size_t n = matrix.size();
  lower.assign(n, std::vector<double>(n, 0.0));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = matrix[i][j];
      for (std::size_t k = 0; k < j; ++k) rest = math::fma(-lower[i][k], lower[j][k], rest);
      if (i != j) {
        lower[i][j] = rest / lower[j][j];
      } else if (rest > 0.0) {
        lower[i][i] = math::sqrt(rest);
      } else {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

void fit_correlation(Model& model, const std::string& file, Problems& problems) {
  Correlation& correlation = model.correlation;
  std::vector<std::string> factors;
  for (const auto& [name, unused] : model.underlyings) factors.push_back(name + ".spot");
  if (!correlation.cholesky.empty()) {
    if (correlation.factors == factors) return;
    problems.add(ExitCode::bad_config,
                 {file, "/correlation/cholesky", "it does not belong to all factors of the model in alphabetical order",
                  "remove it: it is computed from the matrix; only resolved models hold it"});
    return;
  }

  Matrix matrix(factors.size(), std::vector<double>(factors.size(), 0.0));
  std::map<std::string, std::size_t> listed;
  for (std::size_t i = 0; i < correlation.factors.size(); ++i) listed[correlation.factors[i]] = i;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    for (std::size_t j = 0; j < factors.size(); ++j) {
      const auto a = listed.find(factors[i]);
      const auto b = listed.find(factors[j]);
      if (i == j) {
        matrix[i][j] = 1.0;
      } else if (a != listed.end() && b != listed.end()) {
        matrix[i][j] = correlation.matrix[a->second][b->second];
      }
    }
  }
  correlation.factors = factors;
  correlation.matrix = matrix;
  if (!factor(matrix, correlation.cholesky)) {
    problems.add(
        ExitCode::bad_config,
        {file, "/correlation/matrix",
         "the matrix is not positive definite (least eigenvalue " + number_text(least_eigenvalue(matrix)) + ")",
         "lower the correlations that contradict each other, or remove a factor that is a copy of another"});
  }
}

}  // namespace tailbit
