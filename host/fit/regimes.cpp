#include "host/fit/regimes.hpp"

#include <algorithm>

#include "host/fit/correlation.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

using Matrix = std::vector<std::vector<double>>;

// A variance of Heston's has its spot's correlation from the model in every regime, since the spot's steps are made of
// it; with all else it is correlated as far as the spot is.
void take_heston_correlations(const Model& model, const std::string& file, const std::string& where,
                              Correlation& correlation, Problems& problems) {
  const auto& factors = correlation.factors;
  const auto place = [&](const std::string& factor) {
    return static_cast<std::size_t>(std::find(factors.begin(), factors.end(), factor) - factors.begin());
  };
  for (const auto& [name, underlying] : model.underlyings) {
    if (underlying.spot_vol != SpotVolKind::heston) continue;
    const std::size_t spot = place(name + ".spot"), variance = place(name + ".variance");
    const double rho = model.correlation.matrix[spot][variance];
    Matrix& matrix = correlation.matrix;
    if (matrix[spot][variance] == rho) continue;
    if (matrix[spot][variance] != 0.0) {
      problems.add(ExitCode::bad_config,
                   {file, where,
                    in_quotes(name + ".variance") + " has another correlation with its spot, " +
                        number_text(matrix[spot][variance]) + ", than the model's, " + number_text(rho),
                    "leave it out of the regime's correlation, or give it the model's there"});
      continue;
    }
    for (std::size_t i = 0; i < factors.size(); ++i) {
      if (i != variance) matrix[variance][i] = matrix[i][variance] = rho * matrix[spot][i];
    }
  }
}

}  // namespace

std::vector<double> long_run_probabilities(Matrix transition) {
  const std::size_t n = transition.size();
  std::vector<double> leaves(n, 1.0);  // [k] probability of leaving k for a state before it
  for (std::size_t k = n - 1; k > 0; --k) {
    double sum = 0.0;
    for (std::size_t j = 0; j < k; ++j) sum += transition[k][j];
    if (!(sum > 0.0)) return {};
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
    const auto repair = fit_correlation(correlation, model_factors(model), file, where, problems);
    if (repair) warnings.push_back(file + ":" + where + ": " + repair_text(*repair));
    if (problems.count() == before) take_heston_correlations(model, file, where, correlation, problems);
  }
}

}  // namespace tailbit
