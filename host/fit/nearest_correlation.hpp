// The correlation matrix nearest to a matrix that is none.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "host/io/inputs.hpp"

namespace tailbit::fit {

struct NearestCorrelation {
  std::vector<std::vector<double>> matrix;  // [n][n], symmetric, 1 on the diagonal, math::cholesky succeeds
  RepairSize size;                          // of the change; rounded to kCorrelationDecimals
  std::size_t iterations = 0;
};

// Entries are rounded to as many decimals, so that the last bits of an eigensolver, which compilers do not share, are
// not the repaired matrix's.
inline constexpr int kCorrelationDecimals = 9;

// Least eigenvalue that a repair leaves, for a matrix of n rows: enough that rounding the entries, which moves
// eigenvalues by less than n 10^-9 / 2, cannot take it away.
double least_repaired_eigenvalue(std::size_t n);

// The least eigenvalue of a symmetric matrix [n][n], n > 0.
double least_eigenvalue(const std::vector<std::vector<double>>& matrix);

// The nearest correlation matrix in the Frobenius norm, by alternating projections with Dykstra's correction (Higham
// 2002, Computing the nearest correlation matrix - a problem from finance, IMA Journal of Numerical Analysis 22,
// Algorithm 3.3, with W = I); then its eigenvalues are raised to least_repaired_eigenvalue, its diagonal is scaled back
// to 1, and its entries are rounded. The matrix given is symmetric with a diagonal of 1 and entries of -1 to 1. Nothing
// if the projections do not converge or the result is not positive definite, which no such matrix is known to bring
// about.
std::optional<NearestCorrelation> nearest_correlation(const std::vector<std::vector<double>>& matrix);

}  // namespace tailbit::fit
