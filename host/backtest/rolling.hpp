// A rolling backtest: forecast, wait, compare, and again, through a history. What a forecast is made of was known at
// its moment.
#pragma once

#include <string>
#include <vector>

#include "host/io/forecasts.hpp"
#include "host/io/rolling_config.hpp"

namespace tailbit::backtest {

struct RollingForecasts {
  std::vector<ForecastSeries> series;  // book by book, model by model, level by level
  std::vector<std::string> warnings;
};

// All models of a book forecast from the same moment on: when each has the moves of its window. Moments at which a
// factor of the book is not known, then or a horizon later, are left out and counted in a warning; gaps inside a window
// are passed over. Throws Failure.
RollingForecasts roll(const RollingConfig& config);

}  // namespace tailbit::backtest
