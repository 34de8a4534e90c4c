// The tables of a grouped t's marginals against the quantiles that they stand for.
#include "host/compile/marginal_table.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "host/compile/student_t_tail.hpp"
#include "tailbit/models/period_moves.hpp"

namespace tailbit::marginal_table_test {
namespace {

// By scipy 1.17.1: t.isf(t.sf(x / s(a), a), b) * s(b), s(dof) = sqrt((dof - 2) / dof).
TEST(SameProbability, IsThatOfScipy) {
  struct Case {
    double dof, deviations, to, exact;
  };
  for (const Case& c : {Case{4.0, 0.1, 2.6, 0.07021277543852816}, Case{4.0, 3.0, 2.6, 2.9291012500850577},
                        Case{2.6, 10.0, 40.0, 3.644080046101025}, Case{9.0, 5.0, 3.0, 11.117010865580534}}) {
    EXPECT_NEAR(same_probability(c.dof, c.deviations, c.to) / c.exact, 1.0, 1e-10) << c.dof << " to " << c.to;
  }
}

TEST(MarginalTable, HasTheQuantilesOfItsLaw) {
  for (const auto& [dof, to] :
       {std::pair(4.0, 2.6), std::pair(2.1, 40.0), std::pair(30.0, 3.0), std::pair(9.0, 10'000.0)}) {
    const std::vector<double> table = make_marginal_table(dof, to);
    ASSERT_EQ(table.size(), kMarginalSegments * kMarginalCoefficients);
    const Marginal marginal{0, 0, marginal_segments_per_unit(dof), 1.0 / (dof - 2.0)};
    for (const double x : {1e-3, 0.01, 0.3, 0.7, 1.0, 2.5, 6.0, 15.0}) {
      const double exact = same_probability(dof, x, to);
      EXPECT_NEAR(marginal_shock(marginal, table.data(), x) / exact, 1.0, 1e-10) << dof << " to " << to << " at " << x;
      EXPECT_EQ(marginal_shock(marginal, table.data(), -x), -marginal_shock(marginal, table.data(), x));
    }
    EXPECT_EQ(marginal_shock(marginal, table.data(), 0.0), 0.0);
  }
}

}  // namespace
}  // namespace tailbit::marginal_table_test
