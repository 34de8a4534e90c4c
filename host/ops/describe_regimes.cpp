#include "host/ops/describe_regimes.hpp"

#include <algorithm>

#include "host/fit/markov_chain.hpp"

namespace tailbit {
using Json = nlohmann::ordered_json;

Json regimes_outlook(const Inputs& inputs) {
  if (!inputs.model.regimes) return Json::object();
  const RegimesModel& regimes = *inputs.model.regimes;
  const std::vector<double> long_run = long_run_probabilities(regimes.transition);
  Json states = Json::array();
  for (std::size_t i = 0; i < regimes.states.size(); ++i) {
    const RegimeModel& regime = regimes.states[i];
    const double leaves = 1.0 - regimes.transition[i][i];
    states.push_back({{"name", regime.name},
                      {"vol_multiplier", regime.vol_multiplier},
                      {"intensity_multiplier", regime.intensity_multiplier},
                      {"own_correlation", regime.correlation.has_value()},
                      {"mean_periods", leaves > 0.0 ? Json(1.0 / leaves) : Json(nullptr)},
                      {"long_run", long_run.empty() ? Json(nullptr) : Json(long_run[i])}});
  }
  Json periods = Json::array();
  const std::int64_t horizon = inputs.config.horizon_seconds, period = period_seconds(inputs.model);
  std::vector<double> probabilities = regimes.first;
  for (std::int64_t start = 0; start < horizon; start += period) {
    periods.push_back({{"start_seconds", start},
                       {"end_seconds", std::min(start + period, horizon)},
                       {"probabilities", probabilities}});
    probabilities = one_step_ahead(probabilities, regimes.transition);
  }
  return {{"states", std::move(states)}, {"periods", std::move(periods)}};
}

}  // namespace tailbit
