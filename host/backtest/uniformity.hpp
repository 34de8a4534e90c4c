// Whether probability integral transforms (PIT) are uniform, as those of a correct forecast are.
#pragma once

#include <cstdint>
#include <vector>

#include "host/backtest/coverage.hpp"

namespace tailbit::backtest {

struct Uniformity {
  std::vector<std::uint64_t> histogram;  // equal parts of [0, 1]; about 20 values or more in each, 5 to 20 of them
  double chi_square = 0.0, chi_square_p = 1.0;                  // Pearson's, with one degree of freedom less than bins
  double kolmogorov_smirnov = 0.0, kolmogorov_smirnov_p = 1.0;  // largest distance; p as of Stephens (1970)
  double anderson_darling = 0.0, anderson_darling_p = 1.0;      // A^2; p as of Marsaglia and Marsaglia (2004)
};

// At least one value; each in [0, 1]. Both distances take values within 1e-15 of 0 and 1 for that far from them.
Uniformity uniformity(const std::vector<double>& u);

}  // namespace tailbit::backtest
