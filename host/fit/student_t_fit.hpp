// Student's t, with location and scale, fitted to a sample.
#pragma once

#include <span>

#include "host/fit/maximum_likelihood.hpp"

namespace tailbit::fit {

struct StudentTFit {
  double location = 0.0, scale = 0.0;
  double dof = 0.0;              // > 0, at most kMostFittedDof
  MaximumLikelihood likelihood;  // natural: location, scale, dof
};

// Beyond it t and normal law cannot be told apart by any sample at hand.
inline constexpr double kMostFittedDof = 1e4;

// By maximum likelihood. No gaps, ten values or more that are not all alike: else std::invalid_argument.
StudentTFit fit_student_t(std::span<const double> values);

}  // namespace tailbit::fit
