#include "host/fit/regimes.hpp"

#include <algorithm>

#include "host/fit/correlation.hpp"
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

// The states that the chain stays in once it is there, if there is one such class; else none.
std::vector<std::size_t> closed_class(const Matrix& transition) {
  const std::size_t n = transition.size();
  std::vector<std::vector<bool>> reaches(n, std::vector<bool>(n, false));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) reaches[i][j] = i == j || transition[i][j] > 0.0;
  }
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) reaches[i][j] = reaches[i][j] || (reaches[i][k] && reaches[k][j]);
    }
  }
  // States that every state reaches.
  std::vector<std::size_t> closed;
  for (std::size_t j = 0; j < n; ++j) {
    bool by_all = true;
    for (std::size_t i = 0; i < n; ++i) by_all = by_all && reaches[i][j];
    if (by_all) closed.push_back(j);
  }
  return closed;
}

// By the elimination of Grassmann, Taksar and Heyman, see regimes.hpp.
std::vector<double> irreducible_probabilities(Matrix transition) {
  const std::size_t n = transition.size();
  std::vector<double> leaves(n, 1.0);  // [k] probability of leaving k for a state before it
  for (std::size_t k = n - 1; k > 0; --k) {
    double sum = 0.0;
    for (std::size_t j = 0; j < k; ++j) sum += transition[k][j];
    leaves[k] = sum;
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) transition[i][j] += transition[i][k] * transition[k][j] / sum;
    }
  }
  std::vector<double> probabilities(n, 0.0);
  probabilities[0] = 1.0;
  double total = 1.0;
  for (std::size_t k = 1; k < n; ++k) {
    for (std::size_t i = 0; i < k; ++i) probabilities[k] += probabilities[i] * transition[i][k];
    probabilities[k] /= leaves[k];
    total += probabilities[k];
  }
  for (double& p : probabilities) p /= total;
  return probabilities;
}

}  // namespace

std::vector<double> long_run_probabilities(const Matrix& transition) {
  const std::vector<std::size_t> closed = closed_class(transition);
  if (closed.empty()) return {};
  Matrix within;
  for (const std::size_t i : closed) {
    std::vector<double>& row = within.emplace_back();
    for (const std::size_t j : closed) row.push_back(transition[i][j]);
  }
  const std::vector<double> of_closed = irreducible_probabilities(std::move(within));
  std::vector<double> probabilities(transition.size(), 0.0);
  for (std::size_t i = 0; i < closed.size(); ++i) probabilities[closed[i]] = of_closed[i];
  return probabilities;
}

void fit_regimes(Model& model, const std::string& file, Problems& problems, std::vector<std::string>& warnings) {
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
