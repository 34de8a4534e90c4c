#include "host/compile/regimes.hpp"

#include <algorithm>

namespace tailbit {
namespace {

// Over their sum, which decimals leave near 1; and 1 from the last possible state on, so that none after it is entered.
void add_cumulative(const std::vector<double>& probabilities, std::vector<double>& out) {
  double total = 0.0, sum = 0.0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    total += probabilities[i];
    if (probabilities[i] > 0.0) last = i;
  }
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    sum += probabilities[i];
    out.push_back(i < last ? sum / total : 1.0);
  }
}

}  // namespace

bool vol_by_regime(const Model& model, const std::string& underlying) {
  return model.regimes && std::any_of(model.regimes->states.begin(), model.regimes->states.end(),
                                      [&](const RegimeModel& r) { return vol_multiplier(r, underlying) != 1.0; });
}

bool correlation_by_regime(const Model& model) {
  return model.regimes && std::any_of(model.regimes->states.begin(), model.regimes->states.end(),
                                      [](const RegimeModel& r) { return r.correlation.has_value(); });
}

void add_regimes(const Model& model, Paths& paths) {
  if (!model.regimes) return;
  const RegimesModel& regimes = *model.regimes;
  paths.regime_count = static_cast<std::uint32_t>(regimes.states.size());
  for (const std::vector<double>& row : regimes.transition) add_cumulative(row, paths.regime_probabilities);
  add_cumulative(regimes.first, paths.regime_probabilities);
  for (const RegimeModel& regime : regimes.states) {
    paths.intensity_by_regime.push_back(regime.intensity_multiplier);
    for (const auto& [name, unused] : model.underlyings) paths.vol_by_regime.push_back(vol_multiplier(regime, name));
  }
  for (const auto& [name, unused] : model.underlyings)
    paths.has_vol_by_regime.push_back(vol_by_regime(model, name) ? 1 : 0);
}

}  // namespace tailbit
