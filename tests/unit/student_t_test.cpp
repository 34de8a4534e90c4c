// Student-t innovations: the table of mixing variables against exact quantiles and against the law they make, the law's
// own tail, and the bits.
#include "tailbit/models/student_t.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "host/compile/mixing_table.hpp"
#include "host/compile/student_t_tail.hpp"
#include "tailbit/math/gamma_quantile.hpp"
#include "tailbit/random/draws.hpp"
#include "tests/unit/student_t_reference.hpp"

namespace tailbit::student_t_test {
namespace {

constexpr double kDofs[] = {2.0000001, 2.0001, 2.05, 2.5, 3.0, 4.0, 7.3, 30.0, 500.0, 10000.0};
const double kLargestNormal = math::normal_from_uniform(1.0 - 0x1p-53);

// Asked for: 1e-12. Measured: 2e-14, and no reference is needed to see a bug at 1e-13.
TEST(MixingTable, HasTheExactQuantiles) {
  std::map<double, std::vector<double>> tables;
  double worst = 0.0;
  for (const auto& row : reference::kChiSquareQuantiles) {
    if (!tables.contains(row.dof)) tables[row.dof] = make_mixing_table(row.dof);
    const double value = period_variance(tables[row.dof].data(), math::normal_from_uniform(row.u));
    const double error = std::fabs(value * row.value / (row.dof - 2.0) - 1.0);
    EXPECT_LE(error, 1e-13) << row.dof << " " << row.u;
    worst = std::max(worst, error);
  }
  EXPECT_EQ(tables.size(), 8u);
  std::printf("             80 quantiles: max relative error %.2e\n", worst);
}

// Between the reference values: against the solver, which gamma_test.cpp holds to 60 digits.
TEST(MixingTable, IsAsAccurateBetweenItsNodes) {
  for (const double dof : kDofs) {
    const std::vector<double> table = make_mixing_table(dof);
    double worst = 0.0;
    for (int i = -10'000; i <= 10'000; ++i) {
      const double z = kLargestNormal * i / 10'000;
      const double exact = std::log(0.5 * (dof - 2.0)) - math::log_gamma_quantile(0.5 * dof, z);
      worst = std::max(worst, std::fabs(std::log(period_variance(table.data(), z)) - exact));
    }
    EXPECT_LE(worst, 1e-13) << dof;
    std::printf("             dof %-9.9g max relative error %.1e\n", dof, worst);
  }
}

TEST(MixingTable, CoversEveryUniform) {
  EXPECT_EQ(math::normal_from_uniform(random::to_uniform(0, 0)), -kLargestNormal);
  EXPECT_EQ(random::to_uniform(~0u, ~0u), 1.0 - 0x1p-53);
  EXPECT_LT(kLargestNormal, kMixingReach);
  // Not merely inside: the outermost segments are fitted over their whole width.
  const std::vector<double> table = make_mixing_table(3.0);
  ASSERT_EQ(table.size(), kMixingSegments * kMixingCoefficients);
  for (const double z : {-0.999 * kMixingReach, 0.999 * kMixingReach})
    EXPECT_NEAR(std::log(period_variance(table.data(), z)), std::log(0.5) - math::log_gamma_quantile(1.5, z), 1e-12);
}

TEST(MixingTable, FallsInTheNormal) {
  for (const double dof : kDofs) {
    const std::vector<double> table = make_mixing_table(dof);
    double before = period_variance(table.data(), -kLargestNormal);
    EXPECT_TRUE(std::isfinite(before)) << dof;
    int not_falling = 0;
    for (double z = -kLargestNormal + 1e-4; z < kLargestNormal; z += 1e-4) {
      const double value = period_variance(table.data(), z);
      not_falling += value < before ? 0 : 1;
      before = value;
    }
    EXPECT_EQ(not_falling, 0) << dof;
    EXPECT_GT(before, 0.0) << dof;
  }
}

// Where rounding decides for one segment or the other, both have the value.
TEST(MixingTable, SegmentsMeet) {
  for (const double dof : kDofs) {
    const std::vector<double> table = make_mixing_table(dof);
    for (std::size_t segment = 0; segment + 1 < kMixingSegments; ++segment) {
      const double border = (static_cast<double>(segment) - kMixingCentre + 0.5) / kMixingSegmentsPerUnit;
      const double below = period_variance(table.data(), std::nextafter(border, -10.0));
      const double above = period_variance(table.data(), std::nextafter(border, 10.0));
      EXPECT_NEAR(below / above, 1.0, 1e-13) << dof << " " << border;
    }
  }
}

// E[f(V)] over a standard normal z, by the trapezoidal rule, which converges exponentially here; what is beyond the
// generator's reach is left out.
template <class Function>
double expectation(const std::vector<double>& table, Function f) {
  constexpr double kStep = 1.0 / 128;
  double sum = 0.0;
  for (int i = -1050; i <= 1050; ++i)
    sum += kStep * math::normal_density(kStep * i) * f(period_variance(table.data(), kStep * i));
  return sum;
}

struct Moments {
  double dof;
  double mean_tolerance;    // what lies below 2^-53 in u: of the order (2^-53)^(1 - 2/dof)
  double square_tolerance;  // (2^-53)^(1 - 4/dof)
};

TEST(MixingTable, HasMeanOneAndTheKurtosisOfT) {
  for (const Moments m : {Moments{3.0, 1e-4, 0}, Moments{4.0, 1e-6, 0}, Moments{7.3, 1e-10, 1e-5},
                          Moments{30.0, 1e-13, 1e-12}, Moments{500.0, 1e-13, 1e-13}, Moments{10000.0, 1e-13, 1e-13}}) {
    const std::vector<double> table = make_mixing_table(m.dof);
    EXPECT_NEAR(expectation(table, [](double v) { return v; }), 1.0, m.mean_tolerance) << m.dof;
    if (m.square_tolerance == 0) continue;
    const double kurtosis = 3.0 * expectation(table, [](double v) { return v * v; });
    EXPECT_NEAR(kurtosis, 3.0 * (m.dof - 2.0) / (m.dof - 4.0), 3.0 * m.square_tolerance) << m.dof;
  }
}

// The law itself, without noise: P(sqrt(V) Z > t) = E[N(-t / sqrt(V))], by the table, and by the incomplete beta
// function. 1.2e-16 of the mixing variable's law is beyond the generator's reach.
TEST(MixingTable, MakesTheLawOfT) {
  for (const double dof : {2.05, 2.5, 3.0, 4.0, 7.3, 30.0, 500.0, 10000.0}) {
    const std::vector<double> table = make_mixing_table(dof);
    for (const double t : {0.05, 0.3, 1.0, 2.0, 3.5, 6.0}) {
      const double mixed = expectation(table, [t](double v) { return math::normal_cdf(-t / std::sqrt(v)); });
      const double tail = student_t_tail(dof, t);
      EXPECT_NEAR(mixed, tail, 3e-12 * tail + 1.5e-16) << dof << " " << t;
    }
  }
}

// Draws as the engine makes them. Kolmogorov and Smirnov's statistic passes 2.69 with probability 2 exp(-2 2.69^2) =
// 1.0e-6 under the law; the seed is fixed, so the test fails always or never.
TEST(MixingTable, DrawsPassKolmogorovSmirnov) {
  constexpr std::uint32_t kDraws = 200'000, kMixing = 0x8000;
  const random::Key key = random::make_key(20240607);
  for (const double dof : {2.05, 3.0, 7.3, 500.0}) {
    const std::vector<double> table = make_mixing_table(dof);
    std::vector<double> draws(kDraws);
    for (std::uint32_t i = 0; i < kDraws; ++i) {
      const double mixing = random::two_normals<random::Philox4x32>(key, i, 0, 0, kMixing).first;
      const double z = random::two_normals<random::Philox4x32>(key, i, 1, 0, random::kInnovations).first;
      draws[i] = std::sqrt(period_variance(table.data(), mixing)) * z;
    }
    std::sort(draws.begin(), draws.end());
    double distance = 0.0;
    for (std::uint32_t i = 0; i < kDraws; ++i) {
      const double tail = student_t_tail(dof, std::fabs(draws[i]));
      const double below = draws[i] > 0 ? 1.0 - tail : tail;
      distance = std::max({distance, below - double(i) / kDraws, double(i + 1) / kDraws - below});
    }
    EXPECT_LT(distance * std::sqrt(double(kDraws)), 2.69) << dof;
  }
}

TEST(StudentTTail, DeviationsAreScipys) {
  for (const auto& row : reference::kTDeviations) {
    EXPECT_NEAR(student_t_deviations(row.dof, row.probability) / row.value, 1.0, 1e-11)
        << row.dof << " " << row.probability;
    EXPECT_NEAR(student_t_tail(row.dof, row.value) / row.probability, 1.0, 1e-11) << row.dof << " " << row.probability;
  }
}

TEST(StudentTTail, HasItsLimits) {
  EXPECT_EQ(student_t_tail(3.0, 0.0), 0.5);
  EXPECT_NEAR(student_t_tail(3.0, 1e-9), 0.5, 1e-9);
  // dof 4 has a closed form: with s = t / sqrt(t^2 + 4), 1/2 - 3/4 (s - s^3 / 3).
  for (const double t : {0.1, 0.7, 1.5, 2.0, 4.0}) {
    const double s = t / std::sqrt(t * t + 4.0);
    EXPECT_NEAR(student_t_tail(4.0, t / std::sqrt(2.0)), 0.5 - 0.75 * (s - s * s * s / 3.0), 1e-15) << t;
  }
  // Close to the normal law at dof 10000: Cornish and Fisher's first term is (z^3 + z) / (4 dof), less z / dof for the
  // scale.
  const double z = -math::normal_inverse_cdf(1e-4);
  EXPECT_NEAR(student_t_deviations(10000.0, 1e-4), z + (z * z * z - 3.0 * z) / 40000.0, 1e-6);
  EXPECT_NEAR(student_t_tail(2.5, student_t_deviations(2.5, 1e-300)) / 1e-300, 1.0, 1e-11);
}

// Every bit of a run with Student-t innovations depends on these. A new value here needs a new `numerics`.
TEST(MixingTable, BitsArePinned) {
  const std::map<double, std::uint64_t> pinned = {{2.0000001, 0x9d08adb32b17aedbull}, {2.05, 0x09a099f375314c76ull},
                                                  {3.0, 0x22e6897bcff9449cull},       {7.3, 0xda50d2d7170e6061ull},
                                                  {30.0, 0x1f51a535d5af5f67ull},      {10000.0, 0xb7fff61f9fefd848ull}};
  for (const auto& [dof, expected] : pinned) {
    std::uint64_t hash = 1469598103934665603ull;
    const auto add = [&hash](double value) { hash = (hash ^ math::to_bits(value)) * 1099511628211ull; };
    const std::vector<double> table = make_mixing_table(dof);
    for (const double value : table) add(value);
    for (int i = -1000; i <= 1000; ++i) add(period_variance(table.data(), kLargestNormal * i / 1000));
    for (const double probability : {0.2, 1e-3, 1e-9, 1e-18}) add(student_t_deviations(dof, probability));
    EXPECT_EQ(hash, expected) << dof << " 0x" << std::hex << hash;
  }
}

}  // namespace
}  // namespace tailbit::student_t_test
