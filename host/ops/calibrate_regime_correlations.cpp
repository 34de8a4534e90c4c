#include <cmath>

#include "host/fit/dependence.hpp"
#include "host/fit/nearest_correlation.hpp"
#include "host/io/text.hpp"
#include "host/ops/calibrate_parts.hpp"
#include "tailbit/math/cholesky.hpp"

namespace tailbit::calibration {
namespace {

using Json = nlohmann::ordered_json;

double to_nine_decimals(double rho) { return std::round(rho * 1e9) / 1e9 + 0.0; }

// Where a spot is among the returns that regimes were estimated of; nothing for other factors.
std::optional<std::size_t> place_among_returns(const Work& work, const std::string& factor) {
  std::size_t place = 0;
  for (const auto& [name, unused] : work.returns) {
    if (factor == name + ".spot") return place;
    ++place;
  }
  return std::nullopt;
}

// How probable a regime was, by period.
std::vector<double> probabilities_of(const fit::JointRegimeFit& fit, std::size_t regime) {
  std::vector<double> out;
  for (const auto& row : fit.smoothed) out.push_back(row[regime]);
  return out;
}

// Of one regime.
class RegimeCorrelation {
 public:
  RegimeCorrelation(Work& work, const fit::Rows& series, std::size_t regime)
      : work_(work),
        regime_(regime),
        part_("correlation, regime " + std::to_string(regime + 1)),
        factors_(work.model.correlation.factors),
        pairs_(fit::pairwise_correlation(series, kFewestShared, probabilities_of(*work.regimes, regime))) {}

  void calibrate() {
    fit::Rows matrix =
        work_.config.correlation == CorrelationEstimate::shrinkage ? fit::shrunk(pairs_).matrix : pairs_.matrix;
    std::string seldom;
    for (std::size_t i = 0; i < factors_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const auto a = place_among_returns(work_, factors_[i]), b = place_among_returns(work_, factors_[j]);
        if (a && b) {
          matrix[i][j] = matrix[j][i] = work_.regimes->parameters.correlations[regime_][*a][*b];
          pairs_.errors[i][j] = pairs_.errors[j][i] = work_.regimes->errors.correlations[regime_][*a][*b];
        } else if (pairs_.observations[i][j] < kFewestShared) {
          matrix[i][j] = matrix[j][i] = work_.model.correlation.matrix[i][j];
          if (matrix[i][j] != 0.0) seldom += (seldom.empty() ? "" : ", ") + factors_[j] + " and " + factors_[i];
        }
      }
    }
    if (!seldom.empty()) {
      work_.report.warn(part_ + ": pairs with fewer than " + std::to_string(kFewestShared) +
                        " periods in this regime have the correlation of all regimes: " + seldom);
    }
    matrix = usable_correlation(work_, part_, std::move(matrix));
    tell(matrix);
    work_.model.regimes->states[regime_].correlation = Correlation{factors_, matrix, CorrelationRepair::reject};
  }

 private:
  void tell(const fit::Rows& matrix) {
    Json errors = Json::array();
    for (const auto& row : pairs_.errors) {
      Json line = Json::array();
      for (const double error : row) line.push_back(number_or_null(error));
      errors.push_back(std::move(line));
    }
    work_.report.add_regime_correlation({{"regime", work_.model.regimes->states[regime_].name},
                                         {"matrix", matrix},
                                         {"standard_errors", std::move(errors)},
                                         {"observations", pairs_.observations}});
  }

  Work& work_;
  std::size_t regime_;
  std::string part_;
  std::vector<std::string> factors_;
  fit::PairwiseCorrelation pairs_;
};

}  // namespace

void calibrate_regime_correlations(Work& work, const fit::Rows& series) {
  if (!work.regimes || work.model.correlation.factors.size() < 2) return;
  for (std::size_t k = 0; k < work.regimes->parameters.states(); ++k) RegimeCorrelation(work, series, k).calibrate();
}

fit::Rows usable_correlation(Work& work, const std::string& part, fit::Rows matrix) {
  for (auto& row : matrix) {
    for (double& rho : row) rho = to_nine_decimals(rho);
  }
  fit::Rows lower;
  if (math::cholesky(matrix, lower)) return matrix;
  const double least = fit::least_eigenvalue(matrix);
  const auto nearest = fit::nearest_correlation(matrix);
  if (!nearest) {
    throw Failure(ExitCode::bad_data, part + ": the pairs contradict each other (least eigenvalue " +
                                          number_text(least) +
                                          "), and no correlation matrix is near; give series that overlap");
  }
  work.report.warn(part + ": pairs over different periods contradict each other (least eigenvalue " +
                   number_text(least) + "): the nearest correlation matrix is taken, its largest change " +
                   number_text(nearest->size.largest_change));
  return nearest->matrix;
}

}  // namespace tailbit::calibration
