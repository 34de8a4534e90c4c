// Returns of several series whose joint law depends on one hidden Markov chain (Hamilton 1989): in state k they have
// means m_k, deviations s_k and correlations R_k, and are jointly normal, or Student's t of degrees of freedom common
// to all states: what the engine's regimes are (docs/definitions, "Regimes").
#pragma once

#include <limits>
#include <vector>

#include "host/fit/hamilton_filter.hpp"
#include "host/fit/maximum_likelihood.hpp"

namespace tailbit::fit {

struct JointRegimeParameters {
  Rows means, deviations;          // [states][series], of a return
  std::vector<Rows> correlations;  // [states][series][series]
  Rows transition;                 // [from][to], rows add up to 1
  double dof = std::numeric_limits<double>::infinity();

  std::size_t states() const { return means.size(); }
  std::size_t series() const { return means.front().size(); }
};

struct JointRegimeFit {
  JointRegimeParameters parameters, errors;  // states by rising deviation, on average of logarithms; standard errors
  RegimePath path;
  Rows smoothed;  // [periods][states] probability, given all returns
  MaximumLikelihood likelihood;
};

// ln of the density of each period's returns in each state, of those that are there: [periods][states]; an empty row
// where none is. `series` is [series][periods], with gaps. Infinite where a matrix is not positive definite.
Rows joint_log_densities(const Rows& series, const JointRegimeParameters& parameters);

// By the EM algorithm, from two starts: Hamilton's filter and Kim's smoother for the states, the weights of Liu and
// Rubin (1995) for the t, whose degrees of freedom are searched for in each step; what a period lacks is integrated
// out. The last bit of the way is climb_by_scores. Errors as of all likelihoods (maximum_likelihood.hpp). One to four
// states; series of equal lengths with a hundred returns a state each, not all alike: else std::invalid_argument.
JointRegimeFit fit_joint_regimes(const Rows& series, std::size_t states, bool student_t);

}  // namespace tailbit::fit
