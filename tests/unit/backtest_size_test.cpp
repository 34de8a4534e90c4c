// How often tests reject: correct forecasts no more often than they say, wrong ones nearly always. Seeds are fixed;
// each bound is one that a sound test breaks with a probability below 1e-6 for another seed.
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "host/backtest/assessment.hpp"
#include "host/backtest/binomial.hpp"
#include "host/backtest/tail_law.hpp"
#include "tailbit/math/normal.hpp"

namespace tailbit::backtest::size_test {
namespace {

constexpr std::size_t kSeries = 2000;
constexpr double kSignificance = 0.05;
constexpr double kBoundDeviations = 5.0;

// Normal returns of deviation 1, or of two regimes that last some 20 days, deviations 0.3 and 2.1.
enum class Truth { steady, regimes };

// Forecasts as if the deviation were `believed`.
ForecastSeries series(std::size_t days, double level, double believed, Truth truth, std::uint64_t number) {
  const double p = tail_probability(level);
  const double var = -math::normal_inverse_cdf(p), es = math::normal_density(var) / p;
  Uniforms uniforms(99, Purpose::scenarios, number);
  ForecastSeries out{"book", "model", level, {}};
  double deviation = truth == Truth::steady ? 1.0 : 0.3;
  for (std::size_t day = 0; day < days; ++day) {
    if (truth == Truth::regimes && uniforms.next() < 0.05) deviation = 2.4 - deviation;
    const double pnl = deviation * math::normal_from_uniform(uniforms.next());
    out.days.push_back({"",
                        {static_cast<std::int64_t>(day)},
                        -pnl,
                        believed * var,
                        believed * es,
                        math::normal_cdf(pnl / believed),
                        kNormalDof});
  }
  return out;
}

// Of kSeries series, how many each test rejects.
std::map<std::string, double> rejections(std::size_t days, double level, double believed, Truth truth,
                                         std::size_t count = kSeries) {
  Settings settings;
  std::map<std::string, double> out;
  for (std::size_t i = 0; i < count; ++i) {
    // Simulations of its own, or the error of few simulations would be the same in all series.
    settings.simulations = {i, 199};
    for (const TestResult& test : assess(series(days, level, believed, truth, i), settings).tests) {
      out[std::string(test.test) + (test.law.empty() ? "" : ":" + std::string(test.law))] +=
          test.rejects(kSignificance);
    }
  }
  return out;
}

double bound(double probability) {
  return kSeries * probability + kBoundDeviations * std::sqrt(kSeries * probability * (1.0 - probability));
}
double least(double probability) {
  return kSeries * probability - kBoundDeviations * std::sqrt(kSeries * probability * (1.0 - probability));
}

double exact_size_of_kupiec(std::uint64_t days, double p) {
  const Binomial law{days, p};
  double size = 0.0;
  for (std::uint64_t x = 0; x <= days; ++x) size += law.two_sided_p_value(x) < kSignificance ? law.probability(x) : 0.0;
  return size;
}

void expect_sizes(std::map<std::string, double> rejected, std::uint64_t days, double p) {
  const double size = exact_size_of_kupiec(days, p);
  EXPECT_LT(rejected["kupiec"], bound(size));
  EXPECT_GT(rejected["kupiec"], least(size));
  for (const char* test :
       {"christoffersen_independence", "christoffersen_coverage", "christoffersen_coverage_after_first",
        "acerbi_szekely_z1:forecast", "acerbi_szekely_z2:forecast", "du_escanciano_unconditional",
        "du_escanciano_conditional", "pit_chi_square", "pit_kolmogorov_smirnov", "pit_anderson_darling"}) {
    ASSERT_TRUE(rejected.contains(test)) << test;
    EXPECT_LT(rejected[test], bound(kSignificance)) << test;
  }
  // These have, all but, a law without jumps.
  for (const char* test : {"acerbi_szekely_z1:forecast", "acerbi_szekely_z2:forecast", "du_escanciano_unconditional",
                           "pit_chi_square", "pit_kolmogorov_smirnov", "pit_anderson_darling"}) {
    EXPECT_GT(rejected[test], least(kSignificance)) << test;
  }
}

TEST(BacktestSize, OfShortSeries) { expect_sizes(rejections(250, 0.975, 1.0, Truth::steady), 250, 0.025); }

TEST(BacktestSize, OfLongSeries) { expect_sizes(rejections(1000, 0.99, 1.0, Truth::steady), 1000, 0.01); }

TEST(BacktestPower, OfVolsThatAreTooLow) {
  const auto rejected = rejections(1000, 0.99, 0.8, Truth::steady, 200);
  for (const char* test : {"kupiec", "acerbi_szekely_z2:forecast", "du_escanciano_unconditional",
                           "pit_anderson_darling", "christoffersen_coverage"})
    EXPECT_GT(rejected.at(test), 180.0) << test;
}

TEST(BacktestPower, OfVolsThatAreTooHigh) {
  const auto rejected = rejections(1000, 0.95, 1.3, Truth::steady, 200);
  for (const char* test : {"kupiec", "du_escanciano_unconditional", "pit_anderson_darling", "christoffersen_coverage"})
    EXPECT_GT(rejected.at(test), 180.0) << test;
  // One-sided: losses that are smaller than forecast are not held against a forecast.
  EXPECT_LT(rejected.at("acerbi_szekely_z2:forecast"), 3.0);
}

TEST(BacktestPower, OfClustersThatAreNotForecast) {
  // As many exceptions as expected, 10 %, but 20 % in one regime and none in the other.
  const auto rejected = rejections(2000, 0.9, 1.379, Truth::regimes, 200);
  for (const char* test : {"christoffersen_independence", "du_escanciano_conditional"})
    EXPECT_GT(rejected.at(test), 150.0) << test;
}

}  // namespace
}  // namespace tailbit::backtest::size_test
