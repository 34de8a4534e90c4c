// Terms are rounded once to a multiple of the quantum and summed as integers; what would not be exact is caught.
#include "tailbit/engine/quantum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace tailbit::quantum_test {
namespace {

std::int64_t quanta(double quantity, double change, Quantum quantum) {
  const double shifter = quantum.shifter();
  return static_cast<std::int64_t>(quantise(quantity, change, shifter) - math::to_bits(shifter));
}

class QuantumOf : public testing::TestWithParam<double> {
 protected:
  double u() const { return GetParam(); }
  Quantum quantum() const { return {u()}; }
  bool caught(double quantity, double change) const {
    return out_of_range(quantise(quantity, change, quantum().shifter()), quantum().shifter()) != 0;
  }
};

TEST_P(QuantumOf, RoundsToTheNearestMultipleTiesToEven) {
  const double cases[][2] = {{0.0, 0},         {1.0, 1},           {0.4, 0},    {0.6, 1},   {2.5, 2},
                             {3.5, 4},         {-0.4, 0},          {-0.6, -1},  {-2.5, -2}, {-3.5, -4},
                             {0x1p50, 0x1p50}, {-0x1p50, -0x1p50}, {0x1p-60, 0}};
  for (const auto& [change, expected] : cases) {
    EXPECT_EQ(quanta(1.0, change * u(), quantum()), static_cast<std::int64_t>(expected)) << change;
    EXPECT_EQ(quanta(change, u(), quantum()), static_cast<std::int64_t>(expected)) << change;
  }
}

// The exact product is 2^50 + 1/2 + 2^-54 quanta; rounded to a double first it would be a tie and go down.
TEST_P(QuantumOf, RoundsTheProductOnlyOnce) {
  EXPECT_EQ(quanta(1.0 + 0x1p-52, (0x1p50 + 0.25) * u(), quantum()), (std::int64_t{1} << 50) + 1);
}

TEST_P(QuantumOf, CatchesTermsFrom2To51Quanta) {
  EXPECT_TRUE(caught(1.0, 0x1p51 * u()));
  EXPECT_TRUE(caught(-1.0, -0x1p51 * u()));
  EXPECT_TRUE(caught(0x1p51, u()));
  EXPECT_TRUE(caught(1.0, 0x1p60 * u()));
  EXPECT_TRUE(caught(1.0, 0x1p53 * u()));
  EXPECT_TRUE(caught(1e200, 1e200));
  // On the negative side 2^51 itself is still exact.
  EXPECT_TRUE(caught(1.0, -(0x1p51 + 1.0) * u()));
  EXPECT_TRUE(caught(-1.0, 0x1p53 * u()));
  EXPECT_TRUE(caught(-1e200, 1e200));
}

TEST_P(QuantumOf, PassesTermsJustBelow) {
  EXPECT_FALSE(caught(1.0, (0x1p51 - 1.0) * u()));
  EXPECT_FALSE(caught(-1.0, (0x1p51 - 1.0) * u()));
  EXPECT_FALSE(caught(0.0, 1.0));
  EXPECT_EQ(quanta(1.0, (0x1p51 - 1.0) * u(), quantum()), (std::int64_t{1} << 51) - 1);
  EXPECT_EQ(quanta(-1.0, (0x1p51 - 1.0) * u(), quantum()), 1 - (std::int64_t{1} << 51));
}

// What passes is exact, at the very edges too.
TEST_P(QuantumOf, PassesNothingThatIsNotExact) {
  for (const double sign : {1.0, -1.0}) {
    for (int halves = -8; halves <= 8; ++halves) {
      const double whole = 0x1p51 + 0.5 * halves;
      if (caught(sign, whole * u())) continue;
      EXPECT_EQ(static_cast<double>(quanta(sign, whole * u(), quantum())), std::nearbyint(sign * whole)) << whole;
    }
  }
}

TEST_P(QuantumOf, CatchesWhatIsNotFinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {infinity, -infinity, nan, -nan}) {
    EXPECT_TRUE(caught(1.0, bad));
    EXPECT_TRUE(caught(-1.0, bad));
    EXPECT_TRUE(caught(0.0, bad));
    EXPECT_TRUE(caught(bad, 1.0));
  }
}

TEST_P(QuantumOf, KeepsABadTermAmongGoodOnes) {
  const double shifter = quantum().shifter();
  std::uint64_t deviation = 0;
  for (const double change : {1.0, -5.0, 0x1p51, 3.0}) {
    deviation |= quantise(1.0, change * u(), shifter) ^ math::to_bits(shifter);
  }
  EXPECT_NE(deviation >> 52, 0u);
}

TEST_P(QuantumOf, SumsExactlyInAnyOrder) {
  std::mt19937_64 random(3);
  const double shifter = quantum().shifter();
  std::vector<double> changes;
  __int128 expected = 0;
  for (int i = 0; i < 1000; ++i) {
    const double quanta_of_change = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())), -14);
    changes.push_back(quanta_of_change * u());
    expected += static_cast<std::int64_t>(std::nearbyint(quanta_of_change));
  }
  for (int trial = 0; trial < 20; ++trial) {
    std::shuffle(changes.begin(), changes.end(), random);
    std::uint64_t sum = -(changes.size() * math::to_bits(shifter));
    for (const double change : changes) sum += quantise(1.0, change, shifter);
    ASSERT_EQ(static_cast<std::int64_t>(sum), static_cast<std::int64_t>(expected));
  }
}

INSTANTIATE_TEST_SUITE_P(Units, QuantumOf, testing::Values(0x1p-44, 0x1p-20, 1.0, 0x1p30));

}  // namespace
}  // namespace tailbit::quantum_test
