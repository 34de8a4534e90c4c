#include "host/fit/regimes.hpp"

#include <algorithm>

#include "host/fit/correlation.hpp"
#include "host/fit/markov_chain.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

using Matrix = std::vector<std::vector<double>>;

std::size_t place_of(const std::vector<std::string>& factors, const std::string& factor) {
  return static_cast<std::size_t>(std::find(factors.begin(), factors.end(), factor) - factors.begin());
}

// The model's correlation of a spot and Heston's variance.
double heston_correlation(const Model& model, const std::string& name) {
  const auto& factors = model.correlation.factors;
  return model.correlation.matrix[place_of(factors, name + ".spot")][place_of(factors, name + ".variance")];
}

// A variance of Heston's has its spot's correlation from the model in every regime, since the spot's steps are made of
// it: so where a regime lists the variance, it has to have it too.
void check_heston_correlations(const Model& model, const std::string& file, const std::string& where,
                               const Correlation& listed, Problems& problems) {
  for (const auto& [name, underlying] : model.underlyings) {
    const std::size_t spot = place_of(listed.factors, name + ".spot");
    const std::size_t variance = place_of(listed.factors, name + ".variance");
    if (underlying.spot_vol != SpotVolKind::heston || variance == listed.factors.size()) continue;
    const double rho = heston_correlation(model, name);
    const double here = spot == listed.factors.size() ? 0.0 : listed.matrix[spot][variance];
    if (here == rho) continue;
    problems.add(ExitCode::bad_config, {file, where,
                                        in_quotes(name + ".variance") + " has another correlation with its spot, " +
                                            number_text(here) + ", than the model's, " + number_text(rho),
                                        "leave it out of the regime's correlation, or give it the model's there"});
  }
}

// Where a regime does not list it, it is correlated with all else as far as the spot is.
void take_heston_correlations(const Model& model, const std::vector<std::string>& listed, Correlation& correlation) {
  const auto& factors = correlation.factors;
  for (const auto& [name, underlying] : model.underlyings) {
    const bool says = place_of(listed, name + ".variance") != listed.size();
    if (underlying.spot_vol != SpotVolKind::heston || says) continue;
    const std::size_t spot = place_of(factors, name + ".spot"), variance = place_of(factors, name + ".variance");
    const double rho = heston_correlation(model, name);
    for (std::size_t i = 0; i < factors.size(); ++i) {
      if (i != variance)
        correlation.matrix[variance][i] = correlation.matrix[i][variance] = rho * correlation.matrix[spot][i];
    }
  }
}

}  // namespace

void complete_regimes(Model& model, const std::string& file, Problems& problems, std::vector<std::string>& warnings) {
  if (!model.regimes) return;
  RegimesModel& regimes = *model.regimes;
  if (regimes.first.empty()) {
    regimes.first = long_run_probabilities(regimes.transition);
    if (regimes.first.empty()) {
      problems.add(ExitCode::bad_config,
                   {file, "/regimes/transition", "in the long run the regime depends on the first one",
                    "give the probabilities of the first period's regimes as `first`"});
    }
  }
  for (std::size_t i = 0; i < regimes.states.size(); ++i) {
    if (!regimes.states[i].correlation) continue;
    Correlation& correlation = *regimes.states[i].correlation;
    const std::string where = "/regimes/states/" + std::to_string(i) + "/correlation/matrix";
    const std::size_t before = problems.count();
    const std::vector<std::string> listed = correlation.factors;
    check_heston_correlations(model, file, where, correlation, problems);
    const auto repair = fit_correlation(correlation, model_factors(model), file, where, problems);
    if (repair) warnings.push_back(file + ":" + where + ": " + repair_text(*repair));
    if (problems.count() == before) take_heston_correlations(model, listed, correlation);
  }
}

}  // namespace tailbit
