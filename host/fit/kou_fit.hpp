// Kou's (2002) jump diffusion by maximum likelihood: as Merton's (jump_fit.hpp), but with sizes that are double
// exponential, a rise of mean 1 / up_rate with probability up_probability, else a fall of mean 1 / down_rate.
#pragma once

#include <span>

#include "host/fit/jump_fit.hpp"

namespace tailbit::fit {

struct KouSizes {
  double up_probability = 0.0, up_rate = 0.0, down_rate = 0.0;  // rates per log-return
};

struct KouFit : JumpDiffusion {  // natural: mean, vol, intensity, up probability, up rate, down rate
  KouSizes sizes;
  bool at_bound =
      false;  // a jump in each period, on average: the intensity was held there for the errors of the others
};

// Counts up to kMostKouJumps in a period. Throws std::invalid_argument as fit_jumps does.
KouFit fit_kou_jumps(std::span<const double> returns, double years);

// Of sizes that are seen: the share of rises, and one over the means. A side that is not among them has `otherwise`'s
// rate. Nothing seen: `otherwise`.
KouSizes kou_sizes_of(std::span<const double> sizes, const KouSizes& otherwise);

}  // namespace tailbit::fit
