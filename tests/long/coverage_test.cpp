// The target: VaR and ES of one asset lie inside the reported 95 % interval in 93-97 % of 1,000 seeds.
//
// False alarms: the share of 1,000 seeds has a standard error of 0.69 %, so 93-97 % is +-2.9 of them, 0.4 % a check if
// an interval's true coverage is 95 %. The seeds are fixed; a passing program passes again.
#include "tests/support/coverage.hpp"

#include <iostream>

#include <gtest/gtest.h>

namespace tailbit::coverage_test {
namespace {

void expect_coverage(const char* book, const std::vector<test::Leg>& legs, std::uint64_t scenarios,
                     std::uint64_t first_seed) {
  for (const test::Coverage& c : test::measure_coverage(legs, scenarios, first_seed, 1000)) {
    std::cout << book << ", " << scenarios << " scenarios, level " << c.level << ": VaR " << 100.0 * c.var_share()
              << " %, ES " << 100.0 * c.es_share() << " % of " << c.seeds << " seeds\n";
    ASSERT_EQ(c.seeds, 1000u);
    EXPECT_GE(c.var, 930u) << c.level;
    EXPECT_LE(c.var, 970u) << c.level;
    EXPECT_GE(c.es, 930u) << c.level;
    EXPECT_LE(c.es, 970u) << c.level;
  }
}

TEST(Coverage, ShortCallOfTenThousandScenarios) { expect_coverage("short call", test::kShortCall, 10'000, 1); }
TEST(Coverage, ShortCallOfFiftyThousandScenarios) {
  expect_coverage("short call", test::kShortCall, 50'000, 1'000'001);
}
// Losses at both ends of the underlying's moves.
TEST(Coverage, ShortStraddleOfTenThousandScenarios) {
  expect_coverage("short straddle", {{"call", 100.0, 0.1, -1.0, 0.3}, {"put", 100.0, 0.1, -1.0, 0.3}}, 10'000,
                  2'000'001);
}
// A heavy tail: one put bought, three sold further out. The interval of ES is that of a normal mean, and the losses
// beyond VaR are so skewed here that it needs about 1,000 of them: with 20,000 scenarios, so 200 losses beyond 0.99, it
// held ES in 92.5 % of 1,000 seeds.
TEST(Coverage, RatioPutOfAHundredThousandScenarios) {
  expect_coverage("ratio put", {{"put", 100.0, 0.2, 1.0, 0.3}, {"put", 85.0, 0.2, -3.0, 0.38}}, 100'000, 3'000'001);
}

}  // namespace
}  // namespace tailbit::coverage_test
