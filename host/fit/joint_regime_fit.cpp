#include "host/fit/joint_regime_fit.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>

#include "host/fit/goodness.hpp"
#include "host/fit/seen_rows.hpp"

namespace tailbit::fit {
namespace {

using JointMatrix = Eigen::MatrixXd;
using JointVector = Eigen::VectorXd;

constexpr double kLeastJointDof = 2.01, kMostJointDof = 1e4;

// The law of a state. Covariances are those of returns, whatever the degrees of freedom.
struct JointState {
  JointVector mean;
  JointMatrix covariance;
};
struct JointLaw {
  std::vector<JointState> states;
  Rows transition;
  double dof = std::numeric_limits<double>::infinity();
};

// ln of the density at a squared distance by the covariance, but for the determinant.
double log_joint_density(double square, double dimensions, double dof) {
  if (std::isinf(dof)) return -0.5 * (square + dimensions * std::log(2.0 * std::numbers::pi));
  return std::lgamma(0.5 * (dof + dimensions)) - std::lgamma(0.5 * dof) -
         0.5 * dimensions * std::log((dof - 2.0) * std::numbers::pi) -
         0.5 * (dof + dimensions) * std::log1p(square / (dof - 2.0));
}

// How far each period's returns are from a state's mean: squares, and the logarithm of the root of the determinant.
struct JointDistance {
  double square = 0.0, half_log_determinant = 0.0;
};
// Of patterns, in their order, row by row.
std::vector<JointDistance> joint_distances(const SeenRows& seen, const JointState& state) {
  std::vector<JointDistance> out;
  for (const SeenRows::Pattern& pattern : seen.patterns()) {
    const Eigen::LLT<JointMatrix> factor(state.covariance(pattern.there, pattern.there));
    const JointMatrix lower = factor.matrixL();
    const double half = factor.info() == Eigen::Success ? lower.diagonal().array().log().sum()
                                                        : std::numeric_limits<double>::infinity();
    const JointVector mean = state.mean(pattern.there);
    for (const JointVector& row : pattern.rows) out.push_back({factor.matrixL().solve(row - mean).squaredNorm(), half});
  }
  return out;
}

Rows log_densities_of(const SeenRows& seen, const JointLaw& law) {
  Rows out(seen.periods());
  for (const JointState& state : law.states) {
    const std::vector<JointDistance> distances = joint_distances(seen, state);
    std::size_t next = 0;
    for (const SeenRows::Pattern& pattern : seen.patterns()) {
      const double dimensions = static_cast<double>(pattern.there.size());
      for (const std::size_t t : pattern.periods) {
        const JointDistance& d = distances[next++];
        out[t].push_back(log_joint_density(d.square, dimensions, law.dof) - d.half_log_determinant);
      }
    }
  }
  return out;
}

double sum_of(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

// One step of the EM algorithm for means and covariances of a state, given how probable it is in each period.
JointState bettered_state(const SeenRows& seen, const JointState& state, double dof, const Rows& smoothed,
                          std::size_t k) {
  const Eigen::Index n = seen.series();
  const std::vector<JointDistance> distances = joint_distances(seen, state);
  double weights = 0.0, counts = 0.0;
  JointVector sum = JointVector::Zero(n);
  JointMatrix products = JointMatrix::Zero(n, n), spread = JointMatrix::Zero(n, n);
  std::size_t next = 0;
  for (const SeenRows::Pattern& pattern : seen.patterns()) {
    const double dimensions = static_cast<double>(pattern.there.size());
    const JointMatrix across = state.covariance(pattern.missing, pattern.there);
    const Eigen::LLT<JointMatrix> inner(state.covariance(pattern.there, pattern.there));
    const JointMatrix regression = inner.solve(across.transpose()).transpose();
    const JointVector mean = state.mean(pattern.there);
    double count = 0.0;
    for (std::size_t r = 0; r < pattern.rows.size(); ++r) {
      const double square = distances[next++].square, probability = smoothed[pattern.periods[r]][k];
      // What the mixing variable is expected to be, of unit variance.
      const double mixing = std::isinf(dof) ? 1.0 : (dof + dimensions) / (dof - 2.0 + square);
      JointVector whole = JointVector::Zero(n);
      const JointVector off = pattern.rows[r] - mean;
      whole(pattern.there) = off;
      if (!pattern.missing.empty()) whole(pattern.missing) = regression * off;
      count += probability;
      weights += probability * mixing;
      sum += probability * mixing * whole;
      products += probability * mixing * whole * whole.transpose();
    }
    counts += count;
    if (pattern.missing.empty()) continue;
    const JointMatrix left = state.covariance(pattern.missing, pattern.missing) - regression * across.transpose();
    for (Eigen::Index i = 0; i < left.rows(); ++i) {
      for (Eigen::Index j = 0; j < left.cols(); ++j) {
        spread(pattern.missing[static_cast<std::size_t>(i)], pattern.missing[static_cast<std::size_t>(j)]) +=
            count * left(i, j);
      }
    }
  }
  // In units of the series' deviations: a state of a few periods keeps a density.
  constexpr double kLeastVariance = 1e-6;
  const JointVector moved = sum / weights;
  JointState out{state.mean + moved, (products + spread - weights * moved * moved.transpose()) / counts};
  for (Eigen::Index i = 0; i < n; ++i) out.covariance(i, i) = std::max(out.covariance(i, i), kLeastVariance);
  return out;
}

// The degrees of freedom that suit the states best, given how probable these are: golden sections of the logarithm.
double bettered_dof(const SeenRows& seen, const JointLaw& law, const Rows& smoothed) {
  std::vector<std::vector<JointDistance>> distances;
  for (const JointState& state : law.states) distances.push_back(joint_distances(seen, state));
  const auto fits = [&](double log_dof) {
    const double dof = std::exp(log_dof);
    double sum = 0.0;
    std::size_t next = 0;
    for (const SeenRows::Pattern& pattern : seen.patterns()) {
      const double dimensions = static_cast<double>(pattern.there.size());
      const double at_zero = log_joint_density(0.0, dimensions, dof);
      for (const std::size_t t : pattern.periods) {
        for (std::size_t k = 0; k < law.states.size(); ++k) {
          const double far = std::log1p(distances[k][next].square / (dof - 2.0));
          sum += smoothed[t][k] * (at_zero - 0.5 * (dof + dimensions) * far);
        }
        ++next;
      }
    }
    return sum;
  };
  constexpr double kGolden = 0.61803398874989485;
  double low = std::log(kLeastJointDof), high = std::log(kMostJointDof);
  while (high - low > 1e-5) {
    const double a = high - kGolden * (high - low), b = low + kGolden * (high - low);
    if (fits(a) >= fits(b)) {
      high = b;
    } else {
      low = a;
    }
  }
  return std::exp(0.5 * (low + high));
}

// Of standardised series: all states like the whole sample but for their deviations, which spread by `spread` either
// way in logarithms.
JointLaw first_law(const SeenRows& seen, std::size_t states, bool student_t, double spread, double leave) {
  JointLaw out;
  for (std::size_t k = 0; k < states; ++k) {
    const double share = states == 1 ? 0.5 : static_cast<double>(k) / static_cast<double>(states - 1);
    const double scale = std::exp(2.0 * (2.0 * share - 1.0) * spread);
    out.states.push_back(
        {JointVector::Zero(seen.series()), scale * JointMatrix::Identity(seen.series(), seen.series())});
    std::vector<double> row(states, states == 1 ? 1.0 : leave / static_cast<double>(states - 1));
    if (states > 1) row[k] = 1.0 - leave;
    out.transition.push_back(std::move(row));
  }
  if (student_t) out.dof = 6.0;
  return out;
}

struct Climbed {
  JointLaw law;
  double log_likelihood = -std::numeric_limits<double>::infinity();
  bool converged = false;
};

Climbed climb(const SeenRows& seen, JointLaw law) {
  constexpr int kMostSteps = 2'000;
  constexpr double kSettled = 1e-8;  // of the likelihood of an observation
  Climbed out;
  for (int step = 0; step < kMostSteps; ++step) {
    const RegimePath path = hamilton_filter(log_densities_of(seen, law), law.transition);
    const double now = sum_of(path.log_likelihoods);
    if (!std::isfinite(now)) break;
    out.converged = now - out.log_likelihood <= kSettled * static_cast<double>(path.log_likelihoods.size());
    // The chain's start is its long run, of which a step takes no account: the last one may lose a little.
    if (now > out.log_likelihood) {
      out.law = law;
      out.log_likelihood = now;
    }
    if (out.converged) break;
    const SmoothedRegimes smoothed = kim_smoother(path, law.transition);
    for (std::size_t k = 0; k < law.states.size(); ++k) {
      law.states[k] = bettered_state(seen, law.states[k], law.dof, smoothed.probabilities, k);
      const double moves = sum_of(smoothed.moves[k]);
      constexpr double kSlowest = 1e-6;  // of a state's leaving for another, per period
      for (std::size_t j = 0; j < law.states.size(); ++j)
        law.transition[k][j] = std::max(smoothed.moves[k][j] / moves, kSlowest);
      const double row = sum_of(law.transition[k]);
      for (double& probability : law.transition[k]) probability /= row;
    }
    if (!std::isinf(law.dof)) law.dof = bettered_dof(seen, law, smoothed.probabilities);
  }
  return out;
}

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
      const double sum = sum_of(row);
      for (double& probability : row) probability /= sum;
      out.transition.push_back(std::move(row));
    }
    if (student_t_) out.dof = std::min(2.0 * (1.0 + std::exp(-p[next])), kMostJointDof);
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
    Climbed found = climb(seen, first_law(seen, states, student_t, spread, leave));
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
  JointRegimeFit out;
  out.likelihood = at_maximum(
      [&](std::span<const double> at, std::vector<double>& each) {
        const JointLaw law = scale.law(at);
        each = hamilton_filter(log_densities_of(seen, law), law.transition).log_likelihoods;
      },
      [&](std::span<const double> at) { return JointScale::listed(scale.natural(scale.law(at))); },
      scale.free(best.law), best.converged);
  out.likelihood.log_likelihood -= log_units;
  out.parameters = scale.from_list(out.likelihood.natural);
  out.errors = scale.from_list(out.likelihood.standard_errors);
  out.path = hamilton_filter(log_densities_of(seen, best.law), best.law.transition);
  out.smoothed = kim_smoother(out.path, best.law.transition).probabilities;
  return out;
}

}  // namespace tailbit::fit
