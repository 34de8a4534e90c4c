#include "host/fit/student_t_fit.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "host/fit/distributions.hpp"
#include "host/fit/goodness.hpp"

namespace tailbit::fit {

StudentTFit fit_student_t(std::span<const double> values) {
  if (values.size() < 10 || all_alike(values))
    throw std::invalid_argument("fit_student_t: ten different values or more are needed");
  const double centre = mean_of(values), unit = std::sqrt(variance_of(values));
  // Without bounds: location and scale in standard deviations, ln scale, ln dof.
  const NaturalParameters natural = [=](std::span<const double> p) {
    return std::vector<double>{centre + unit * p[0], unit * std::exp(p[1]), std::min(std::exp(p[2]), kMostFittedDof)};
  };
  const LogLikelihoods likelihoods = [&](std::span<const double> p, std::vector<double>& each) {
    const std::vector<double> n = natural(p);
    const double dof = n[2], constant = log_t_density(0.0, dof) - std::log(n[1]);
    each.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double x = (values[i] - n[0]) / n[1];
      each[i] = constant - 0.5 * (dof + 1.0) * std::log1p(x * x / dof);
    }
  };
  StudentTFit out;
  out.likelihood = maximise_likelihood(likelihoods, natural, {{0.0, -0.5, std::log(4.0)}, {0.0, 0.0, std::log(50.0)}});
  out.location = out.likelihood.natural[0];
  out.scale = out.likelihood.natural[1];
  out.dof = out.likelihood.natural[2];
  return out;
}

}  // namespace tailbit::fit
