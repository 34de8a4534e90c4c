// What a rolling backtest walks through: the factors of its underlyings at the moments of its forecasts.
#pragma once

#include <string>
#include <vector>

#include "host/io/rolling_config.hpp"

namespace tailbit::backtest {

// A factor is the spot or the vol index of an underlying.
struct Factor {
  std::string underlying;
  bool is_vol = false;
  std::vector<double> values;  // [times] USD, or a vol as a decimal; kGap where nothing is known
  std::vector<double> moves;   // [times] log-change from the time before, of one source; the first is kGap
};

struct MarketPanel {
  Grid grid;                                // times a horizon apart, from the first that any series knows
  std::vector<Factor> factors;              // spots and vol indices by underlying
  std::size_t first_forecast = 0, end = 0;  // forecasts at [first_forecast, end - 1), their outcomes one later

  // A place in `factors`, which is there.
  std::size_t place(const std::string& underlying, bool is_vol) const;
};

// Reads the histories. A series that knows nothing between the config's moments is a problem.
MarketPanel read_market_panel(const RollingConfig& config, Problems& problems);

}  // namespace tailbit::backtest
