// The tables behind marginals of a grouped t (include/tailbit/models/period_moves.hpp).
#pragma once

#include <vector>

namespace tailbit {

// Segments per unit of ln(1 + x^2 / (dof - 2)), so that all of them hold whatever x the generator's uniforms make.
double marginal_segments_per_unit(double dof);

// [kMarginalSegments][kMarginalCoefficients] for marginal_shock, from a t with `dof` degrees of freedom to one with
// `to`, both in (2, 10000]; the same bits from every compiler. Takes some ten milliseconds.
std::vector<double> make_marginal_table(double dof, double to);

}  // namespace tailbit
