// The law of joint_regime_fit.hpp as matrices, what it makes of series with gaps, and the steps of the EM algorithm.
#pragma once

#include <limits>
#include <vector>

#include <Eigen/Core>

#include "host/fit/maximum_likelihood.hpp"
#include "host/fit/seen_rows.hpp"

namespace tailbit::fit {

// The law of a state. Covariances are those of returns, whatever the degrees of freedom.
struct JointState {
  Eigen::VectorXd mean;        // [series]
  Eigen::MatrixXd covariance;  // [series][series]
};

struct JointLaw {
  std::vector<JointState> states;
  Rows transition;  // [from][to]
  double dof = std::numeric_limits<double>::infinity();
};

// ln of the density of each period in each state, [periods][states], of the series that it has; an empty row where it
// has none. Infinite where a covariance is not positive definite.
Rows log_densities_of(const SeenRows& seen, const JointLaw& law);

// Where a climb begins, of standardised series: all states like the whole sample but for their deviations, which spread
// by `spread` either way in logarithms, and are left with the probability `leave` per period.
JointLaw first_law(const SeenRows& seen, std::size_t states, bool student_t, double spread, double leave);

struct Climbed {
  JointLaw law;
  double log_likelihood = -std::numeric_limits<double>::infinity();
  bool converged = false;
};

// By the EM algorithm: Hamilton's filter and Kim's smoother, and of each state the step of Liu and Rubin (1995), what a
// period lacks integrated out. A series is in units of its deviation.
Climbed climb_by_em(const SeenRows& seen, JointLaw law);

}  // namespace tailbit::fit
