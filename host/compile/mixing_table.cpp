#include "host/compile/mixing_table.hpp"

#include <array>
#include <cstddef>

#include "tailbit/math/gamma_quantile.hpp"
#include "tailbit/models/student_t.hpp"

namespace tailbit {
namespace {

using TableRow = std::array<double, kMixingCoefficients>;

// Chebyshev's nodes on [-1/2, 1/2], cos((2k + 1) pi / 16) / 2, rounded to 20 bits: so z of a node is exact.
constexpr TableRow kNodes = {-514'214.0 / 0x1p20, -435'930.0 / 0x1p20, -291'279.0 / 0x1p20, -102'284.0 / 0x1p20,
                             102'284.0 / 0x1p20,  291'279.0 / 0x1p20,  435'930.0 / 0x1p20,  514'214.0 / 0x1p20};

// The polynomial through `values` at kNodes, by Newton's divided differences, lowest degree first.
TableRow interpolate(TableRow values) {
  constexpr std::size_t n = kMixingCoefficients;
  for (std::size_t order = 1; order < n; ++order)
    for (std::size_t i = n - 1; i >= order; --i)
      values[i] = (values[i] - values[i - 1]) / (kNodes[i] - kNodes[i - order]);
  TableRow polynomial{};
  for (std::size_t i = n; i-- > 0;) {  // polynomial * (t - node) + difference
    for (std::size_t power = n - 1; power > 0; --power)
      polynomial[power] = math::fma(-kNodes[i], polynomial[power], polynomial[power - 1]);
    polynomial[0] = math::fma(-kNodes[i], polynomial[0], values[i]);
  }
  return polynomial;
}

}  // namespace

std::vector<double> make_mixing_table(double dof) {
  const double log_scale = math::log(0.5 * (dof - 2.0));  // (dof - 2) / chi-square = (dof/2 - 1) / gamma variate
  std::vector<double> table;
  table.reserve(kMixingSegments * kMixingCoefficients);
  for (std::size_t segment = 0; segment < kMixingSegments; ++segment) {
    const double centre = static_cast<double>(segment) - kMixingCentre;
    TableRow values;
    for (std::size_t i = 0; i < kMixingCoefficients; ++i) {
      const double z = (centre + kNodes[i]) / kMixingSegmentsPerUnit;
      values[i] = log_scale - math::log_gamma_quantile(0.5 * dof, z);
    }
    const TableRow polynomial = interpolate(values);
    table.insert(table.end(), polynomial.begin(), polynomial.end());
  }
  return table;
}

}  // namespace tailbit
