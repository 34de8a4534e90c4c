// The binomial law of the number of exceptions of a correct forecast.
#pragma once

#include <cstdint>

namespace tailbit::backtest {

// n trials with probability p in (0, 1); n up to 1e9. Relative error 1e-9.
struct Binomial {
  std::uint64_t n;
  double p;

  double probability(std::uint64_t x) const;  // P(X = x)
  double at_most(std::uint64_t x) const;      // P(X <= x)
  double at_least(std::uint64_t x) const;     // P(X >= x)
  // Probability of all counts that are no more probable than x: the exact test with two sides.
  double two_sided_p_value(std::uint64_t x) const;
};

}  // namespace tailbit::backtest
