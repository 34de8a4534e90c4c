#include <algorithm>
#include <cmath>

#include "host/fit/dependence.hpp"
#include "host/fit/nearest_correlation.hpp"
#include "host/io/spellings.hpp"
#include "host/io/text.hpp"
#include "host/ops/calibrate_parts.hpp"
#include "host/ops/usual_factors.hpp"

namespace tailbit::calibration {
namespace {

using Json = nlohmann::ordered_json;

// Above it the model is Gaussian: no sample tells the difference.
constexpr double kAllButNormal = 200.0;
constexpr double kLeastModelDof = 2.05;

// What is not drawn from the history may not be correlated with what is.
bool left_out_of_history(const Model& model, const std::string& factor) {
  if (!model.bootstrap) return false;
  const std::vector<std::string>& drawn = model.bootstrap->factors;
  return std::find(drawn.begin(), drawn.end(), factor) == drawn.end();
}

class DependencePart {
 public:
  explicit DependencePart(Work& work) : work_(work) {
    for (const std::string& factor : model_factors(work.model)) {
      const auto found = work.innovations.find(factor);
      if (found == work.innovations.end()) continue;  // a usual one, told of already
      if (left_out_of_history(work.model, factor)) continue;
      factors_.push_back(factor);
      series_.push_back(found->second);
      if (factor.ends_with(".spot")) spots_.push_back(found->second);
    }
  }

  void calibrate() {
    calibrate_innovations();
    calibrate_correlation();
    calibrate_regime_correlations(work_, series_);
  }

 private:
  const fit::MultivariateTFit& joint_t() {
    if (!joint_t_) {
      joint_t_ = fit::fit_multivariate_t(with_enough());
      if (!joint_t_->converged) work_.report.warn("innovations: the fit of the multivariate t has not settled");
    }
    return *joint_t_;
  }

  // A series of which hardly anything is known by the common period says nothing of a joint law.
  fit::Rows with_enough() {
    fit::Rows out;
    taking_part_.clear();
    for (std::size_t i = 0; i < series_.size(); ++i) {
      if (fit::without_gaps(series_[i]).size() < kFewestShared) continue;
      taking_part_.push_back(i);
      out.push_back(series_[i]);
    }
    return out;
  }

  void calibrate_innovations() {
    Model& model = work_.model;
    model.period_seconds = work_.grid.period;
    calibrate_grouped_t(work_, factors_, series_);
    if (work_.config.innovations != InnovationsEstimate::student_t) return;
    double dof = estimated_dof();
    if (dof < kLeastModelDof) {
      work_.report.warn("innovations: " + number_text(dof) + " degrees of freedom are raised to " +
                        number_text(kLeastModelDof) + ": a model's are above 2, so that returns have a variance");
      dof = kLeastModelDof;
    }
    if (dof > kAllButNormal) {
      work_.report.warn("innovations: " + number_text(std::round(dof)) +
                        " degrees of freedom are all but normal; the model is Gaussian");
      return;
    }
    model.student_t = StudentT{std::round(dof * 1e6) / 1e6, work_.grid.period, work_.config.max_move};
    if (!model.student_t->max_move) {
      model.student_t->max_move = kUsualMaxMove;
      work_.report.add_default("innovations max_move",
                               "log-returns over a period are cut to plus and minus " + number_text(kUsualMaxMove));
    }
  }

  double estimated_dof() {
    if (work_.regimes) return work_.regimes->parameters.dof;  // told of with the regimes
    const auto copula = fit::fit_t_copula(spots_);
    if (copula) {
      Estimate told("innovations", "t copula of the spots' innovations, maximum likelihood of ranks", work_.grid.period,
                    copula->observations);
      told.parameter("dof", copula->dof, copula->dof_error, "");
      work_.report.add(told);
    }
    if (work_.config.dof == DofEstimate::multivariate_t || work_.config.correlation == CorrelationEstimate::student_t) {
      Estimate told("innovations", "multivariate t of all factors' innovations, ECME", work_.grid.period,
                    joint_t().observations);
      told.parameter("dof", joint_t().dof, joint_t().dof_error, "");
      work_.report.add(told);
    }
    if (work_.config.dof == DofEstimate::multivariate_t) return joint_t().dof;
    if (copula) return copula->dof;
    const auto& [name, dof] = *work_.spot_dof.begin();
    work_.report.warn(
        "innovations: fewer than two spots with 50 periods in common; the model's degrees of freedom are "
        "those of " +
        name);
    return dof;
  }

  void calibrate_correlation() {
    const fit::PairwiseCorrelation pairs = fit::pairwise_correlation(series_, kFewestShared);
    tell_short_pairs(pairs);
    const fit::ShrunkCorrelation shrunk = fit::shrunk(pairs);
    fit::Rows matrix = work_.config.correlation == CorrelationEstimate::shrinkage ? shrunk.matrix : pairs.matrix;
    if (work_.config.correlation == CorrelationEstimate::student_t) take_joint(matrix);
    const double least = fit::least_eigenvalue(matrix);
    matrix = usable_correlation(work_, "correlation", std::move(matrix));
    work_.model.correlation = {factors_, matrix, CorrelationRepair::reject};
    Json errors = Json::array();
    for (const auto& row : pairs.errors) {
      Json line = Json::array();
      for (const double error : row) line.push_back(number_or_null(error));
      errors.push_back(std::move(line));
    }
    work_.report.set_correlation({{"method", spelled(work_.config.correlation)},
                                  {"period", duration_text(work_.grid.period)},
                                  {"factors", factors_},
                                  {"matrix", matrix},
                                  {"sample", pairs.matrix},
                                  {"standard_errors", std::move(errors)},
                                  {"observations", pairs.observations},
                                  {"shrinkage", shrunk.share},
                                  {"least_eigenvalue", least}});
  }

  void take_joint(fit::Rows& matrix) {
    const fit::Rows& joint = joint_t().correlation;
    for (std::size_t a = 0; a < taking_part_.size(); ++a) {
      for (std::size_t b = 0; b < taking_part_.size(); ++b) matrix[taking_part_[a]][taking_part_[b]] = joint[a][b];
    }
  }

  void tell_short_pairs(const fit::PairwiseCorrelation& pairs) {
    std::string list;
    for (std::size_t i = 0; i < factors_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const std::size_t shared = pairs.observations[i][j];
        if (shared >= kFewestShared) continue;
        list += (list.empty() ? "" : ", ") + factors_[j] + " and " + factors_[i] + " (" + std::to_string(shared) + ")";
      }
    }
    if (list.empty()) return;
    work_.report.warn("correlation: pairs with fewer than " + std::to_string(kFewestShared) + " periods of " +
                      duration_text(work_.grid.period) + " in common are taken for independent: " + list);
  }

  Work& work_;
  std::vector<std::string> factors_;
  fit::Rows series_, spots_;
  std::vector<std::size_t> taking_part_;  // series of the joint law
  std::optional<fit::MultivariateTFit> joint_t_;
};

}  // namespace

void calibrate_dependence(Work& work) {
  calibrate_bootstrap(work);
  DependencePart(work).calibrate();
}

}  // namespace tailbit::calibration
