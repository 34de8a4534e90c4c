// Tests of expected shortfall by the losses beyond VaR (Acerbi and Szekely 2014, "Back-testing expected shortfall",
// Risk).
//
// With L the loss, I = 1 where it exceeds VaR, T days, N exceptions and p = 1 - level:
//   Z1 = 1 - (1/N) sum L I / ES       size of the exceptions alone; none without exceptions
//   Z2 = 1 - sum L I / (T p ES)       size and number
// Both have mean 0 under a correct forecast and fall where ES is too small. They have no asymptotic law; p-values are
// simulated: exceptions of probability p, losses beyond VaR as of the tail law of each day (tail_law.hpp).
#pragma once

#include <optional>
#include <vector>

#include "host/backtest/tail_law.hpp"
#include "host/backtest/uniforms.hpp"

namespace tailbit::backtest {

struct ShortfallDay {
  double loss, var, es;  // es > 0, es >= var
};

struct ShortfallStatistics {
  std::optional<double> z1;
  double z2;
};
ShortfallStatistics shortfall_statistics(const std::vector<ShortfallDay>& days, double p);

// P(Z <= z): small where ES is too small. That of Z1 is over simulations with an exception.
struct ShortfallPValues {
  std::optional<double> z1;
  double z2;
};
// laws[i] is that of day i, all of probability p.
ShortfallPValues shortfall_p_values(const ShortfallStatistics& observed, const std::vector<ShortfallDay>& days,
                                    double p, const std::vector<const TailLaw*>& laws, const Simulations& simulations);

}  // namespace tailbit::backtest
