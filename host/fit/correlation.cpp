#include "host/fit/correlation.hpp"

#include <algorithm>
#include <map>

#include <Eigen/Eigenvalues>

#include "host/io/text.hpp"
#include "tailbit/math/cholesky.hpp"

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

}  // namespace

void fit_correlation(Model& model, const std::string& file, Problems& problems) {
  Correlation& correlation = model.correlation;
  const std::vector<std::string> factors = model_factors(model);
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
  Matrix lower;
  if (!math::cholesky(matrix, lower)) {
    problems.add(
        ExitCode::bad_config,
        {file, "/correlation/matrix",
         "the matrix is not positive definite (least eigenvalue " + number_text(least_eigenvalue(matrix)) + ")",
         "lower the correlations that contradict each other, or remove a factor that is a copy of another"});
  }
}

}  // namespace tailbit
