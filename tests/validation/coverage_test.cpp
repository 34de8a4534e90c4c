// The reported 95 % intervals over 100 seeds; tests/long does the same over 1,000.
#include "tests/support/coverage.hpp"

#include <iostream>

#include <gtest/gtest.h>

namespace tailbit::coverage_test {
namespace {

// Of 100 intervals that hold with probability 0.95, between 86 and 100 hold, but for a chance of P(Bin(100, 0.95) < 86)
// = 2e-4 each; four are looked at, so false alarms come with less than 1e-3 when the random numbers change.
TEST(Coverage, OfAHundredSeeds) {
  for (const test::Coverage& c : test::measure_coverage(test::kShortCall, 10'000, 1, 100)) {
    std::cout << "level " << c.level << ": VaR " << 100.0 * c.var_share() << " %, ES " << 100.0 * c.es_share()
              << " %\n";
    ASSERT_EQ(c.seeds, 100u);
    EXPECT_GE(c.var, 86u) << c.level;
    EXPECT_GE(c.es, 86u) << c.level;
    EXPECT_LT(c.var + c.es, 200u) << c.level << ": intervals that always hold are too wide";
  }
}

}  // namespace
}  // namespace tailbit::coverage_test
