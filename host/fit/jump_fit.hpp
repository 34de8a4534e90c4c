// Merton's (1976) jump diffusion by maximum likelihood: over a period of h years a log-return is normal with mean
// m + k a and variance s^2 + k b^2 given that k jumps have struck, k being Poisson with mean lambda h.
#pragma once

#include <span>
#include <vector>

#include "host/fit/maximum_likelihood.hpp"

namespace tailbit::fit {

// What jump diffusions have in common, whatever the law of their sizes.
struct JumpDiffusion {
  double mean = 0.0;                  // m of a period without jumps
  double vol = 0.0;                   // s per square-root year
  double intensity = 0.0;             // lambda per year
  std::vector<double> probabilities;  // [returns] that a jump struck, given the return; a gap where that is one
  MaximumLikelihood likelihood;
};

struct JumpFit : JumpDiffusion {                 // natural: mean, vol, intensity, jump mean, jump deviation
  double jump_mean = 0.0, jump_deviation = 0.0;  // a, b
};

// Counts up to kMostJumps in a period. Throws std::invalid_argument for fewer than 100 returns, or returns all alike.
inline constexpr int kMostJumps = 12;
JumpFit fit_jumps(std::span<const double> returns, double years);

// Periods in which more than one series jumped.
struct CommonJumps {
  std::vector<std::size_t> periods;       // their places
  std::size_t watched = 0;                // periods in which every series has a return
  double expected_by_chance = 0.0;        // periods in common, if series jumped independently
  std::vector<double> means, deviations;  // [series] of the returns less the mean of quiet periods; deviations less
                                          // what the diffusion adds
  Rows sizes;                             // [series][periods] the returns less that mean
  double correlation = 1.0;    // mean of the pairs', within [0, 1]; 1 for fewer than kFewestForCorrelation periods
  std::vector<double> shares;  // [series] of a series's jumps that are in common
};
inline constexpr std::size_t kFewestForCorrelation = 10;

// A series jumps in a period where its probability is above one half. `series` are the returns that `fits` are of.
CommonJumps common_jumps(const Rows& series, const std::vector<JumpDiffusion>& fits, double years);

}  // namespace tailbit::fit
