#include "host/compile/mixing_table.hpp"

#include <cstddef>

#include "host/compile/segment_polynomial.hpp"
#include "tailbit/math/gamma_quantile.hpp"
#include "tailbit/models/student_t.hpp"

namespace tailbit {
static_assert(kMixingCoefficients == kSegmentNodes.size());

std::vector<double> make_mixing_table(double dof) {
  const double log_scale = math::log(0.5 * (dof - 2.0));  // (dof - 2) / chi-square = (dof/2 - 1) / gamma variate
  std::vector<double> table;
  table.reserve(kMixingSegments * kMixingCoefficients);
  for (std::size_t segment = 0; segment < kMixingSegments; ++segment) {
    const double centre = static_cast<double>(segment) - kMixingCentre;
    SegmentPolynomial values;
    for (std::size_t i = 0; i < kMixingCoefficients; ++i) {
      const double z = (centre + kSegmentNodes[i]) / kMixingSegmentsPerUnit;
      values[i] = log_scale - math::log_gamma_quantile(0.5 * dof, z);
    }
    const SegmentPolynomial polynomial = interpolate(values);
    table.insert(table.end(), polynomial.begin(), polynomial.end());
  }
  return table;
}

}  // namespace tailbit
