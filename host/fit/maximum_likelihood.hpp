// Maximum likelihood of a handful of parameters, and standard errors that hold where the law is not quite the model's.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace tailbit::fit {

using Rows = std::vector<std::vector<double>>;

// A function of parameters without bounds; not a number, or infinite, where it is not defined.
using Objective = std::function<double(std::span<const double>)>;

struct Optimum {
  std::vector<double> at;
  double value = 0.0;
  bool converged = false;
};

// The least value near `start`, by the simplex method of Nelder and Mead (1965), started again at its end until that
// changes nothing. `size`: of the first simplex, in each coordinate. No derivative is asked for, so kinks and flats do
// no harm; meant for up to some ten parameters. No randomness.
Optimum find_minimum(const Objective& objective, const std::vector<double>& start, double size = 0.3);

// The logarithm of the likelihood of each observation, into `each`, which is resized; infinite where it is not defined.
using LogLikelihoods = std::function<void(std::span<const double> parameters, std::vector<double>& each)>;
// The parameters that people know, from those without bounds.
using NaturalParameters = std::function<std::vector<double>(std::span<const double>)>;

inline constexpr std::size_t kMostForCurvature = 60;

struct MaximumLikelihood {
  std::vector<double> at;       // without bounds
  std::vector<double> natural;  // what is told
  // Of `natural`, by the sandwich H^-1 (sum of g g') H^-1 (White 1982), H the Hessian and g the gradients of the
  // observations, by central differences, and the delta method. Not a number where H is not negative definite. Of more
  // than kMostForCurvature parameters, whose H would take too long, by (sum of g g')^-1 (Berndt, Hall, Hall and Hausman
  // 1974), which is the same where the law is the model's.
  std::vector<double> standard_errors;
  double log_likelihood = 0.0;
  std::size_t observations = 0;
  bool converged = false;

  double aic() const { return 2.0 * static_cast<double>(at.size()) - 2.0 * log_likelihood; }
  double bic() const;
};

// The best of the searches from each of `starts`. Throws std::invalid_argument where the likelihood is nowhere finite.
MaximumLikelihood maximise_likelihood(const LogLikelihoods& likelihoods, const NaturalParameters& natural,
                                      const Rows& starts);

// From near a maximum to it, by the observations' gradients: steps of (sum of g g')^-1 sum of g, halved until the
// likelihood rises (Berndt, Hall, Hall and Hausman 1974). Converged where the next step is a thousandth of the standard
// errors. For more parameters than a simplex is good for; `value` is the likelihood's.
Optimum climb_by_scores(const LogLikelihoods& likelihoods, const std::vector<double>& start);

// What maximise_likelihood tells, of a maximum that was found by other means, as the EM algorithm.
MaximumLikelihood at_maximum(const LogLikelihoods& likelihoods, const NaturalParameters& natural,
                             std::vector<double> at, bool converged);

// sqrt(J C J') of functions with values `natural` near `at`, C the covariance of the parameters.
std::vector<double> delta_method(const NaturalParameters& natural, std::span<const double> at, const Rows& covariance);

}  // namespace tailbit::fit
