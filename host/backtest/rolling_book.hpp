// A book that is bought anew at each forecast, and what it gains until its outcome.
#pragma once

#include <span>
#include <vector>

#include "host/backtest/market_panel.hpp"

namespace tailbit::backtest {

class RollingBook {
 public:
  struct Holding {
    RollingPosition position;
    std::size_t spot = 0, vol = 0;  // places in factors()
  };

  // The panel has all factors that the positions need.
  RollingBook(const std::vector<RollingPosition>& positions, const MarketPanel& panel);

  // Places in the panel's factors, each once, spots first: what `moves` below is of.
  const std::vector<std::size_t>& factors() const { return factors_; }

  // Profit in USD over the horizon if the factors make these log-moves from their `levels` at the forecast. Options are
  // valued by Black's formula (Black 1976) at the forward that is the spot, at the vol index, without interest; an
  // option's strike stays, its time to expiry has become shorter by the horizon.
  double profit(std::span<const double> levels, std::span<const double> moves) const;

  const std::vector<Holding>& holdings() const { return holdings_; }

 private:
  std::vector<Holding> holdings_;
  std::vector<std::size_t> factors_;
  double horizon_years_;
};

}  // namespace tailbit::backtest
