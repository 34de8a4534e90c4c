// The table behind Student-t innovations (include/tailbit/models/student_t.hpp).
#pragma once

#include <vector>

namespace tailbit {

// [kMixingSegments][kMixingCoefficients] for period_variance; the same bits from every compiler. `dof` in
// (2, 10000]. Takes one or two milliseconds.
std::vector<double> make_mixing_table(double dof);

}  // namespace tailbit
