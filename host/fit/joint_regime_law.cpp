#include "host/fit/joint_regime_law.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "host/fit/hamilton_filter.hpp"

namespace tailbit::fit {
namespace {

using JointMatrix = Eigen::MatrixXd;
using JointVector = Eigen::VectorXd;

constexpr double kLeastJointDof = 2.01, kMostJointDof = 1e4;

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
    JointMatrix across, regression;  // of what is missing on what is there
    if (!pattern.missing.empty()) {
      across = state.covariance(pattern.missing, pattern.there);
      const Eigen::LLT<JointMatrix> inner(state.covariance(pattern.there, pattern.there));
      regression = inner.solve(across.transpose()).transpose();
    }
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

}  // namespace

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

Climbed climb_by_em(const SeenRows& seen, JointLaw law) {
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

}  // namespace tailbit::fit
