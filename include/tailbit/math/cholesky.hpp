// Lower Cholesky factor of a symmetric matrix, in an order that every compiler keeps.
#pragma once

#include <cstddef>
#include <vector>

#include "tailbit/math/primitives.hpp"

namespace tailbit::math {

// Row by row (Cholesky-Banachiewicz): lower * lower^T = matrix, both [n][n]. False when a pivot is not positive.
inline bool cholesky(const std::vector<std::vector<double>>& matrix, std::vector<std::vector<double>>& lower) {
  const std::size_t n = matrix.size();
  lower.assign(n, std::vector<double>(n, 0.0));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = matrix[i][j];
      for (std::size_t k = 0; k < j; ++k) rest = fma(-lower[i][k], lower[j][k], rest);
      if (i != j) {
        lower[i][j] = rest / lower[j][j];
      } else if (rest > 0.0) {
        lower[i][i] = sqrt(rest);
      } else {
        return false;
      }
    }
  }
  return true;
}

}  // namespace tailbit::math
