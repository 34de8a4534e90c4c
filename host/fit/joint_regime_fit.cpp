#include "host/fit/joint_regime_fit.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "host/fit/goodness.hpp"
#include "host/fit/joint_regime_law.hpp"

namespace tailbit::fit {
namespace {

using JointMatrix = Eigen::MatrixXd;
using JointVector = Eigen::VectorXd;

constexpr double kMostTDof = 1e4;

void order_by_deviation(JointLaw& law) {
  std::vector<std::size_t> order(law.states.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto size = [&](std::size_t k) { return law.states[k].covariance.diagonal().array().log().sum(); };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return size(a) < size(b); });
  JointLaw out = law;
  for (std::size_t a = 0; a < order.size(); ++a) {
    out.states[a] = law.states[order[a]];
    for (std::size_t b = 0; b < order.size(); ++b) out.transition[a][b] = law.transition[order[a]][order[b]];
  }
  law = std::move(out);
}

// Parameters without bounds, as `free` lists them, and those that people know, in lists and back. `units` are the
// series' deviations.
class JointScale {
 public:
  JointScale(std::size_t states, std::vector<double> units, bool student_t)
      : k_(states), units_(std::move(units)), student_t_(student_t) {}

  // Means; logarithms of deviations; Fisher's z of correlations; logits of transitions against staying; logit of
  // 2 / dof.
  std::vector<double> free(const JointLaw& law) const {
    std::vector<double> out;
    for (const JointState& state : law.states) {
      for (Eigen::Index i = 0; i < state.mean.size(); ++i) out.push_back(state.mean[i]);
      for (Eigen::Index i = 0; i < state.mean.size(); ++i) out.push_back(0.5 * std::log(state.covariance(i, i)));
      for (Eigen::Index i = 0; i < state.mean.size(); ++i) {
        for (Eigen::Index j = 0; j < i; ++j)
          out.push_back(
              std::atanh(state.covariance(i, j) / std::sqrt(state.covariance(i, i) * state.covariance(j, j))));
      }
    }
    for (std::size_t i = 0; i < k_; ++i) {
      for (std::size_t j = 0; j < k_; ++j) {
        if (j != i) out.push_back(std::log(law.transition[i][j] / law.transition[i][i]));
      }
    }
    if (student_t_) out.push_back(-std::log(0.5 * law.dof - 1.0));
    return out;
  }

  JointLaw law(std::span<const double> p) const {
    JointLaw out;
    const auto n = static_cast<Eigen::Index>(units_.size());
    std::size_t next = 0;
    for (std::size_t k = 0; k < k_; ++k) {
      JointState state{JointVector(n), JointMatrix(n, n)};
      JointVector deviation(n);
      for (Eigen::Index i = 0; i < n; ++i) state.mean[i] = p[next++];
      for (Eigen::Index i = 0; i < n; ++i) deviation[i] = std::exp(p[next++]);
      for (Eigen::Index i = 0; i < n; ++i) {
        state.covariance(i, i) = deviation[i] * deviation[i];
        for (Eigen::Index j = 0; j < i; ++j) {
          state.covariance(i, j) = std::tanh(p[next++]) * deviation[i] * deviation[j];
          state.covariance(j, i) = state.covariance(i, j);
        }
      }
      out.states.push_back(std::move(state));
    }
    for (std::size_t i = 0; i < k_; ++i) {
      std::vector<double> row(k_, 1.0);
      for (std::size_t j = 0; j < k_; ++j) {
        if (j != i) row[j] = std::exp(p[next++]);
      }
      const double sum = std::accumulate(row.begin(), row.end(), 0.0);
      for (double& probability : row) probability /= sum;
      out.transition.push_back(std::move(row));
    }
    if (student_t_) out.dof = std::min(2.0 * (1.0 + std::exp(-p[next])), kMostTDof);
    return out;
  }

  JointRegimeParameters natural(const JointLaw& law) const {
    JointRegimeParameters out;
    const std::size_t n = units_.size();
    for (const JointState& state : law.states) {
      std::vector<double> means, deviations;
      Rows correlation(n, std::vector<double>(n, 1.0));
      for (std::size_t i = 0; i < n; ++i) {
        const auto a = static_cast<Eigen::Index>(i);
        means.push_back(units_[i] * state.mean[a]);
        deviations.push_back(units_[i] * std::sqrt(state.covariance(a, a)));
        for (std::size_t j = 0; j < i; ++j) {
          const auto b = static_cast<Eigen::Index>(j);
          correlation[i][j] = correlation[j][i] =
              state.covariance(a, b) / std::sqrt(state.covariance(a, a) * state.covariance(b, b));
        }
      }
      out.means.push_back(std::move(means));
      out.deviations.push_back(std::move(deviations));
      out.correlations.push_back(std::move(correlation));
    }
    out.transition = law.transition;
    out.dof = law.dof;
    return out;
  }

  static std::vector<double> listed(const JointRegimeParameters& p) {
    std::vector<double> out;
    const auto add = [&](const std::vector<double>& part) { out.insert(out.end(), part.begin(), part.end()); };
    for (const auto& row : p.means) add(row);
    for (const auto& row : p.deviations) add(row);
    for (const Rows& matrix : p.correlations) {
      for (const auto& row : matrix) add(row);
    }
    for (const auto& row : p.transition) add(row);
    out.push_back(p.dof);
    return out;
  }
  JointRegimeParameters from_list(const std::vector<double>& list) const {
    JointRegimeParameters out;
    auto next = list.begin();
    const auto take = [&](std::size_t rows, std::size_t columns) {
      Rows part;
      for (std::size_t r = 0; r < rows; ++r, next += static_cast<std::ptrdiff_t>(columns))
        part.emplace_back(next, next + static_cast<std::ptrdiff_t>(columns));
      return part;
    };
    const std::size_t n = units_.size();
    out.means = take(k_, n);
    out.deviations = take(k_, n);
    for (std::size_t k = 0; k < k_; ++k) out.correlations.push_back(take(n, n));
    out.transition = take(k_, k_);
    out.dof = *next;
    return out;
  }

 private:
  std::size_t k_;
  std::vector<double> units_;
  bool student_t_;
};

void check_enough(const Rows& series, std::size_t states) {
  constexpr std::size_t kMostJointStates = 4, kFewestAState = 100;
  bool enough = states >= 1 && states <= kMostJointStates && !series.empty();
  for (const std::vector<double>& values : series) {
    const std::vector<double> there = without_gaps(values);
    enough = enough && there.size() >= kFewestAState * states && !all_alike(there);
  }
  if (!enough)
    throw std::invalid_argument("fit_joint_regimes: one to four states, and a hundred returns for each that differ");
}

}  // namespace

Rows joint_log_densities(const Rows& series, const JointRegimeParameters& p) {
  JointLaw law{{}, p.transition, p.dof};
  const auto n = static_cast<Eigen::Index>(p.series());
  for (std::size_t k = 0; k < p.states(); ++k) {
    JointState state{JointVector(n), JointMatrix(n, n)};
    for (std::size_t i = 0; i < p.series(); ++i) {
      state.mean[static_cast<Eigen::Index>(i)] = p.means[k][i];
      for (std::size_t j = 0; j < p.series(); ++j) {
        state.covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
            p.correlations[k][i][j] * p.deviations[k][i] * p.deviations[k][j];
      }
    }
    law.states.push_back(std::move(state));
  }
  return log_densities_of(SeenRows(series), law);
}

JointRegimeFit fit_joint_regimes(const Rows& series, std::size_t states, bool student_t) {
  check_enough(series, states);
  Rows standard = series;
  std::vector<double> units;
  for (std::vector<double>& values : standard) {
    units.push_back(std::sqrt(variance_of(without_gaps(values))));
    for (double& value : values) value /= units.back();
  }
  const SeenRows seen(standard);
  Climbed best;
  for (const auto& [spread, leave] : {std::pair{0.6, 0.05}, std::pair{1.0, 0.02}}) {
    Climbed found = climb_by_em(seen, first_law(seen, states, student_t, spread, leave));
    if (best.law.states.empty() || found.log_likelihood > best.log_likelihood) best = std::move(found);
    if (states == 1) break;
  }
  if (!std::isfinite(best.log_likelihood))
    throw std::invalid_argument("fit_joint_regimes: the likelihood is finite nowhere");
  order_by_deviation(best.law);
  const JointScale scale(states, units, student_t);
  double log_units = 0.0;  // of all returns that are there, for the likelihood by their own scale
  for (std::size_t i = 0; i < series.size(); ++i)
    log_units += static_cast<double>(without_gaps(series[i]).size()) * std::log(units[i]);
  const LogLikelihoods likelihoods = [&](std::span<const double> at, std::vector<double>& each) {
    const JointLaw law = scale.law(at);
    each = hamilton_filter(log_densities_of(seen, law), law.transition).log_likelihoods;
  };
  // The EM algorithm is slow at its end, and blind to what the transitions say of the chain's start.
  const Optimum top = climb_by_scores(likelihoods, scale.free(best.law));
  JointRegimeFit out;
  out.likelihood = at_maximum(
      likelihoods, [&](std::span<const double> at) { return JointScale::listed(scale.natural(scale.law(at))); }, top.at,
      top.converged || best.converged);
  best.law = scale.law(top.at);
  out.likelihood.log_likelihood -= log_units;
  out.parameters = scale.from_list(out.likelihood.natural);
  out.errors = scale.from_list(out.likelihood.standard_errors);
  out.path = hamilton_filter(log_densities_of(seen, best.law), best.law.transition);
  out.smoothed = kim_smoother(out.path, best.law.transition).probabilities;
  return out;
}

}  // namespace tailbit::fit
