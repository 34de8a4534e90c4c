// Tests of how often, and in what order, losses exceed VaR. An exception is a loss greater than VaR; under a correct
// forecast exceptions are independent, each of probability p = 1 - level.
//
// Likelihood ratios (LR) are -2 ln of the ratio of the likelihood under the hypothesis to the greatest; 0 ln 0 = 0. The
// asymptotic p-values are those of the papers; finite-sample ones hold for any number of days, since chi-square laws
// are poor where few exceptions are expected (of 250 days at 99 %, LR rejects 9.5 % of correct forecasts, not 5 %).
#pragma once

#include <cstdint>
#include <vector>

#include "host/backtest/uniforms.hpp"

namespace tailbit::backtest {

// All that the tests look at. Transitions are between consecutive days.
struct HitCounts {
  std::uint64_t days = 0;
  std::uint64_t exceptions = 0;
  std::uint64_t pairs = 0;  // exceptions right after an exception
  bool first = false;       // whether the first, and the last, day is an exception
  bool last = false;
};
HitCounts count_hits(const std::vector<bool>& exceptions);

struct TestValues {
  double statistic = 0.0;
  double asymptotic = 1.0;  // p-values
  double finite_sample = 1.0;
};

// Proportion of failures: LR with chi-square(1) (Kupiec 1995, "Techniques for verifying the accuracy of risk
// measurement models", Journal of Derivatives 3); the finite-sample p-value is the exact binomial one with two sides.
TestValues kupiec(const HitCounts& hits, double p);

// Independence against a Markov chain of first order: LR of the transition counts with chi-square(1) (Christoffersen
// 1998, "Evaluating interval forecasts", International Economic Review 39). Finite-sample: all orders of as many
// exceptions are equally probable, so orders are drawn.
TestValues independence(const HitCounts& hits, const Simulations& simulations);

// Conditional coverage, chi-square(2): independent and of probability p. The two conventions in use: the sum of the two
// statistics above, where the first day counts for the coverage; and the LR of the transitions alone, conditional on
// the first day, as in the paper. Finite-sample: exceptions of probability p are drawn.
struct ConditionalCoverage {
  TestValues sum;
  TestValues conditional_on_first;
};
ConditionalCoverage conditional_coverage(const HitCounts& hits, double p, const Simulations& simulations);

}  // namespace tailbit::backtest
