// GARCH(1,1) and its kin by maximum likelihood, in the convention of tailbit/models/garch.hpp: what is fitted here is
// what the engine simulates.
//
//   r_t = mean + e_t,  e_t = sqrt(h_t) z_t,  h_{t+1} = omega + (alpha + gamma [e_t < 0]) e_t^2 + beta h_t
//
// z_t are independent, of unit variance, normal or Student's t (Bollerslev 1986, 1987; Glosten, Jagannathan and Runkle
// 1993). Variances are per period here; per year they are over the period's years.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "host/fit/maximum_likelihood.hpp"

namespace tailbit::fit {

enum class GarchKind {
  constant,  // h = omega
  ewma,      // omega 0, beta 1 - alpha (RiskMetrics 1996)
  garch,
  gjr
};

struct GarchParameters {
  double mean = 0.0;
  double omega = 0.0, alpha = 0.0, gamma = 0.0, beta = 0.0;
  double dof = std::numeric_limits<double>::infinity();  // > 2; infinite: normal

  // alpha + gamma / 2 + beta, at most 1: the share of a variance that is left after a period, on average.
  double persistence() const { return alpha + 0.5 * gamma + beta; }
};

struct GarchPath {
  std::vector<double> variances;  // [returns + 1] of each period, known at its start; the last is the forecast
  std::vector<double> residuals;  // [returns] z, a gap where the return is one
};

struct GarchFit {
  GarchKind kind = GarchKind::garch;
  GarchParameters parameters;
  GarchParameters errors;   // standard errors; not a number where there is none
  bool integrated = false;  // persistence is at its bound of 1, and was held there for the errors of the others
  GarchPath path;
  MaximumLikelihood likelihood;

  // Of the variance of the period behind the last return that is there.
  double forecast() const;
};

// Returns by period, ascending in time; a gap (not a number) moves the variance by its mean and counts for nothing
// else. The first variance is the weighted mean of the first 75 squared deviations, weights 0.94^i. `warm`, of a fit
// to nearly the same returns, saves the search elsewhere. Throws std::invalid_argument for fewer than 50 returns, or
// returns that are all alike.
GarchFit fit_garch(std::span<const double> returns, GarchKind kind, bool student_t, const GarchFit* warm = nullptr);

// What parameters make of returns: variances and residuals, without a fit.
GarchPath garch_path(std::span<const double> returns, const GarchParameters& parameters);

}  // namespace tailbit::fit
