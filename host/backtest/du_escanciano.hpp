// Tests of expected shortfall by cumulative violations (Du and Escanciano 2017, "Backtesting expected shortfall:
// accounting for tail risk", Management Science 63).
//
// With u the probability that the forecast gave to a profit not above the one that came, p = 1 - level and
// H = (p - u)+ / p, under a correct forecast H is independent of the past with mean p/2 and variance p (1/3 - p/4):
//   U = sqrt(n) (mean H - p/2) / sqrt(p (1/3 - p/4))      N(0, 1): is ES right on average
//   C = n (r_1^2 + ... + r_m^2)                           chi-square(m): do violations cluster
// r_j is the autocorrelation of H about p/2, its covariance an average over the n - j pairs.
#pragma once

#include <optional>
#include <vector>

#include "host/backtest/coverage.hpp"
#include "host/backtest/uniforms.hpp"

namespace tailbit::backtest {

inline constexpr int kAutocorrelations = 5;

struct CumulativeViolations {
  TestValues unconditional;  // both sides
  TestValues conditional;
};

// More than kAutocorrelations values of u, each in [0, 1]. Finite-sample p-values are simulated from uniform u.
CumulativeViolations cumulative_violations(const std::vector<double>& u, double p, const Simulations& simulations);

}  // namespace tailbit::backtest
