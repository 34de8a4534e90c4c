#include "host/compile/marginal_table.hpp"

#include "host/compile/mixing_table.hpp"
#include "host/compile/segment_polynomial.hpp"
#include "host/compile/student_t_tail.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/models/period_moves.hpp"
#include "tailbit/models/student_t.hpp"

namespace tailbit {

static_assert(kMarginalCoefficients == kSegmentNodes.size());

double marginal_segments_per_unit(double dof) {
  constexpr double kMostNormal = 8.3;  // of a uniform of 52 bits: 8.21
  const std::vector<double> mixing = make_mixing_table(dof);
  const double most = kMostNormal * kMostNormal * period_variance(mixing.data(), -kMostNormal);
  return static_cast<double>(kMarginalSegments) / math::log(1.0 + most / (dof - 2.0));
}

std::vector<double> make_marginal_table(double dof, double to) {
  const double segments_per_unit = marginal_segments_per_unit(dof);
  std::vector<double> table;
  table.reserve(kMarginalSegments * kMarginalCoefficients);
  for (std::size_t segment = 0; segment < kMarginalSegments; ++segment) {
    SegmentPolynomial values;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double t = (static_cast<double>(segment) + 0.5 + kSegmentNodes[i]) / segments_per_unit;
      const double x = math::sqrt((dof - 2.0) * (math::exp(t) - 1.0));
      values[i] = math::log(same_probability(dof, x, to) / x);
    }
    const SegmentPolynomial polynomial = interpolate(values);
    table.insert(table.end(), polynomial.begin(), polynomial.end());
  }
  return table;
}

}  // namespace tailbit
