// Peers that the benchmark measures beside the hot loop.
#pragma once

#include <vector>

namespace tailbit::bench {

struct PeerOption {
  bool call;
  double strike, stdev;  // total standard deviation to expiry
};

// Sum of quantity-free values of all options at all forwards by QuantLib's blackFormula, one call per reprice.
double quantlib_black_formula(const std::vector<PeerOption>& options, const std::vector<double>& forwards);

}  // namespace tailbit::bench
