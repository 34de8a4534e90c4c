// What a scenario's factors were, from what it made of contracts: logs of spots and marks, implied vols of options.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/one_asset_book.hpp"

namespace tailbit::test {

// Undiscounted Black (1976): Black-Scholes on the forward without a rate.
inline double black(const std::string& kind, double forward, double strike, double vol, double years) {
  return black_scholes({kind, strike, years, 1.0, vol}, forward, years, 0.0);
}

// The vol at which an option has its value; Newton from `guess`, which must be near.
inline double implied_vol(const std::string& kind, double forward, double strike, double years, double value,
                          double guess) {
  double vol = guess;
  for (int i = 0; i < 50; ++i) {
    const double stdev = vol * std::sqrt(years);
    const double d1 = std::log(forward / strike) / stdev + 0.5 * stdev;
    const double step = (black(kind, forward, strike, vol, years) - value) / (forward * phi(d1) * std::sqrt(years));
    vol = std::max(vol - step, 0.2 * vol);
    if (std::abs(step) < 1e-12) break;
  }
  return vol;
}

// ln(S_t / S_0) from the profit of a unit of spot, or of a linear contract marked at S.
inline std::vector<double> log_returns(std::vector<double> profit, double spot) {
  for (double& x : profit) x = std::log1p(x / spot);
  return profit;
}

}  // namespace tailbit::test
