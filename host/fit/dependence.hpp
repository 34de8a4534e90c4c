// How series move together: correlations of pairs, drawn towards independence or not, a multivariate t law, a t copula.
// Series are [series][time], of equal lengths, with gaps (not a number) where there is nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "host/fit/maximum_likelihood.hpp"

namespace tailbit::fit {

struct PairwiseCorrelation {
  Rows matrix;  // 0 for pairs with too few rows; need not be positive definite
  Rows errors;  // asymptotic, by the fourth moments of the pair; not a number where there are too few rows
  std::vector<std::vector<std::size_t>> observations;  // rows that the pair shares
};

// Pearson's correlation of each pair over the rows that both have, if these are `fewest` or more. With `weights`, one
// per row, rows count by theirs, as by the probability of a regime: observations are sums of weights then.
PairwiseCorrelation pairwise_correlation(const Rows& series, std::size_t fewest, std::span<const double> weights = {});

struct ShrunkCorrelation {
  Rows matrix;         // need not be positive definite
  double share = 0.0;  // what is taken off the entries, on average, of themselves
};

// Entries drawn towards independence by what their errors make of them: rho t^2 / (t^2 + e^2), e the error of the pair
// and t^2 = the mean of rho^2 - e^2 over all pairs, at least 0. Where all errors are alike this is the intensity
// sum(e^2) / sum(rho^2) of Ledoit and Wolf (2004, J. Multivariate Analysis 88), for correlations as in Schaefer and
// Strimmer (2005); pairs that share few rows give way more than others (Efron and Morris 1975).
ShrunkCorrelation shrunk(const PairwiseCorrelation& correlation);

struct MultivariateTFit {
  Rows correlation;                   // of the scatter matrix; positive definite
  double dof = 0.0, dof_error = 0.0;  // the error by the curvature of the profile likelihood
  double log_likelihood = 0.0;
  std::size_t observations = 0;  // rows that have anything
  std::size_t iterations = 0;
  bool converged = false;
};

// Maximum likelihood of location, scatter and degrees of freedom (above 2) by the ECME algorithm (Liu and Rubin 1995;
// step for the scatter as in Kent, Tyler and Vardi 1994); what a row lacks is integrated out. Throws
// std::invalid_argument for a series with fewer than 20 values or that are all alike.
MultivariateTFit fit_multivariate_t(const Rows& series);

struct TCopulaFit {
  Rows correlation;  // sin(pi tau / 2) of Kendall's tau; the nearest correlation matrix where that is not one
  double dof = 0.0, dof_error = 0.0;
  double log_likelihood = 0.0;
  std::size_t observations = 0;  // rows that are whole
};

// Degrees of freedom by the likelihood of the ranks over n + 1, the correlation being that of Kendall's tau (Demarta
// and McNeil 2005). Nothing for fewer than two series, or fewer than 50 whole rows.
std::optional<TCopulaFit> fit_t_copula(const Rows& series);

}  // namespace tailbit::fit
