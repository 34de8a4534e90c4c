// Returns whose law depends on a hidden Markov chain (Hamilton 1989): in state k they have mean m_k and deviation s_k,
// and are normal or Student's t of common degrees of freedom; the chain moves from i to j at a period's end with
// probability p_ij.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include "host/fit/hamilton_filter.hpp"
#include "host/fit/maximum_likelihood.hpp"

namespace tailbit::fit {

struct RegimeParameters {
  std::vector<double> means, deviations;  // [states] by rising deviation
  Rows transition;                        // [from][to], rows add up to 1
  double dof = std::numeric_limits<double>::infinity();

  std::size_t states() const { return means.size(); }
};

struct RegimeFit {
  RegimeParameters parameters, errors;  // standard errors; of the transition's diagonal and all else
  RegimePath path;
  MaximumLikelihood likelihood;
};

// What parameters make of returns: Hamilton's filter, from the chain's long-run probabilities. A gap moves the chain
// and tells nothing of it.
RegimePath regime_path(std::span<const double> returns, const RegimeParameters& parameters);

// By the EM algorithm from quantiles of squared returns, then the search and the errors of maximise_likelihood. Two to
// four states; 100 returns a state: else std::invalid_argument.
RegimeFit fit_regimes(std::span<const double> returns, std::size_t states, bool student_t);

}  // namespace tailbit::fit
