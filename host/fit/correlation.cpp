#include "host/fit/correlation.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

#include "host/fit/nearest_correlation.hpp"
#include "host/io/text.hpp"
#include "tailbit/math/cholesky.hpp"

namespace tailbit {
namespace {

using Matrix = std::vector<std::vector<double>>;

bool positive_definite(const Matrix& matrix) {
  Matrix lower;
  return math::cholesky(matrix, lower);
}

// Where each factor of `factors` is in the list of the file; nothing for those that it does not list.
std::vector<std::optional<std::size_t>> listed_places(const Correlation& listed,
                                                      const std::vector<std::string>& factors) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < listed.factors.size(); ++i) places[listed.factors[i]] = i;
  std::vector<std::optional<std::size_t>> result;
  for (const std::string& factor : factors) {
    const auto place = places.find(factor);
    result.push_back(place == places.end() ? std::nullopt : std::optional(place->second));
  }
  return result;
}

// The matrix of all factors from that of the listed ones.
Matrix completed(const Matrix& matrix, const std::vector<std::optional<std::size_t>>& places) {
  const std::size_t n = places.size();
  Matrix result(n, std::vector<double>(n, 0.0));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (places[i] && places[j]) result[i][j] = matrix[*places[i]][*places[j]];
    }
    result[i][i] = 1.0;
  }
  return result;
}

// A variance whose `rho` is given moves with the spot by that much, and with all else as far as the spot does: what
// moves it beside the spot is independent of everything. So the matrix stays positive definite.
void take_heston_correlations(Model& model, const std::vector<std::string>& factors, Matrix& matrix) {
  const auto place = [&](const std::string& factor) {
    return static_cast<std::size_t>(std::find(factors.begin(), factors.end(), factor) - factors.begin());
  };
  for (auto& [name, underlying] : model.underlyings) {
    if (underlying.spot_vol != SpotVolKind::heston || !underlying.heston.rho) continue;
    const std::size_t spot = place(name + ".spot"), variance = place(name + ".variance");
    for (std::size_t i = 0; i < factors.size(); ++i) {
      if (i == variance) continue;
      matrix[variance][i] = matrix[i][variance] = *underlying.heston.rho * matrix[spot][i];
    }
    underlying.heston.rho.reset();  // the matrix says it now, in resolved/model.json too
  }
}

std::string short_text(double x) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3g", x);
  return buffer;
}

}  // namespace

std::optional<RepairSize> fit_correlation(Correlation& correlation, const std::vector<std::string>& factors,
                                          const std::string& file, const std::string& where, Problems& problems) {
  const auto places = listed_places(correlation, factors);
  Matrix matrix = completed(correlation.matrix, places);
  std::optional<RepairSize> size;
  if (!positive_definite(matrix)) {
    const std::string least = " (least eigenvalue " + number_text(fit::least_eigenvalue(correlation.matrix)) + ")";
    if (correlation.repair == CorrelationRepair::reject) {
      problems.add(ExitCode::bad_config,
                   {file, where, "the matrix is not positive definite" + least,
                    "lower the correlations that contradict each other, remove a factor that is a copy of another, or "
                    "set `repair` to \"higham\" for the nearest correlation matrix"});
      return std::nullopt;
    }
    // Without the factors that are not listed, which so stay independent to the last bit.
    const auto nearest = fit::nearest_correlation(correlation.matrix);
    if (nearest) matrix = completed(nearest->matrix, places);
    if (!nearest || !positive_definite(matrix)) {
      problems.add(ExitCode::bad_config, {file, where, "no nearest correlation matrix was found" + least,
                                          "lower the correlations that contradict each other"});
      return std::nullopt;
    }
    size = nearest->size;
  }
  correlation.factors = factors;
  correlation.matrix = std::move(matrix);
  return size;
}

std::optional<RepairSize> fit_correlation(Model& model, const std::string& file, Problems& problems) {
  const std::vector<std::string> factors = model_factors(model);
  const std::size_t before = problems.count();
  const auto size = fit_correlation(model.correlation, factors, file, "/correlation/matrix", problems);
  if (problems.count() == before) take_heston_correlations(model, factors, model.correlation.matrix);
  return size;
}

std::string repair_text(const RepairSize& size) {
  return "the correlation was not positive definite (least eigenvalue " + short_text(size.least_eigenvalue) +
         "): replaced by the nearest one, distance " + short_text(size.distance) + ", largest change of an entry " +
         short_text(size.largest_change);
}

}  // namespace tailbit
