// Forecasts by the program's own engine: a model file whose vols of today are those of the window.
#pragma once

#include <span>
#include <vector>

#include "host/backtest/forecaster.hpp"
#include "host/backtest/rolling_book.hpp"
#include "host/io/inputs.hpp"

namespace tailbit::backtest {

class EngineLosses {
 public:
  // Of the model file only what concerns the book's underlyings counts. Throws Failure where it cannot be read or lacks
  // one.
  EngineLosses(const RollingConfig& config, const ForecastModel& spec, const RollingBook& book);

  // Losses in USD of equally probable scenarios. `levels` and `past` are of the book's factors. The vol of today of a
  // spot is what the model's own GARCH makes of the window, else an EWMA's; that of options is the vol index, flat.
  std::vector<double> losses(Timestamp now, std::span<const double> levels, const Moves& past) const;

 private:
  double vol_today(const UnderlyingModel& model, const std::vector<double>& moves) const;

  const RollingBook& book_;
  double decay_, horizon_years_;
  Inputs inputs_;  // without what changes from forecast to forecast
};

}  // namespace tailbit::backtest
