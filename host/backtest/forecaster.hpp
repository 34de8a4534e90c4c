// From the past of some factors to scenarios of their next moves, by one of the models that a rolling backtest
// compares.
#pragma once

#include <memory>
#include <vector>

#include "host/io/rolling_config.hpp"

namespace tailbit::backtest {

using Moves = std::vector<std::vector<double>>;  // [rows][factors] log-changes over a horizon

class Forecaster {
 public:
  virtual ~Forecaster() = default;
  // Equally probable scenarios of the move that follows. `past`: the last moves that are known at the forecast, oldest
  // first, as many as the model's window; no gaps. To be called forecast by forecast in the order of time: parameters
  // are fitted anew at the first call and each `refit` calls later. Throws Failure where a fit is impossible.
  virtual const Moves& scenarios(const Moves& past) = 0;
};

// Of any kind but `engine` (engine_losses.hpp). `draws` and `seed`: of models that draw their scenarios; each forecast
// of a model has the same draws.
std::unique_ptr<Forecaster> make_forecaster(const ForecastModel& model, std::uint64_t draws, std::uint64_t seed);

}  // namespace tailbit::backtest
