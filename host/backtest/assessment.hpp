// All tests of one series of forecasts, and what they say together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/backtest/scores.hpp"
#include "host/backtest/traffic_light.hpp"
#include "host/backtest/uniformity.hpp"
#include "host/backtest/uniforms.hpp"
#include "host/io/forecasts.hpp"

namespace tailbit::backtest {

struct Settings {
  double significance = 0.05;
  double reference_dof = 5.0;  // of the Student-t reference law
  Simulations simulations;
};

// Names of tests as they stand in files.
inline constexpr std::string_view kKupiec = "kupiec", kIndependence = "christoffersen_independence",
                                  kConditionalCoverage = "christoffersen_coverage", kZ1 = "acerbi_szekely_z1",
                                  kZ2 = "acerbi_szekely_z2";

struct TestResult {
  std::string_view test;
  std::string_view law;             // of Acerbi and Szekely's: which tail; else ""
  std::optional<double> statistic;  // nothing where the days do not give it
  std::optional<double> asymptotic_p, finite_sample_p;
  bool decides = false;  // part of the verdict

  // The finite-sample p-value where there is one.
  std::optional<double> p_value() const { return finite_sample_p ? finite_sample_p : asymptotic_p; }
  bool rejects(double significance) const { return p_value() && *p_value() < significance; }
};

struct Assessment {
  HitCounts hits;
  double expected = 0.0;  // exceptions
  TrafficLight light{};
  std::optional<BaselWindows> basel;  // of 99 %
  std::vector<TestResult> tests;
  double quantile_score = 0.0;                 // mean over the days
  std::optional<double> fissler_ziegel_score;  // the same
  std::optional<Uniformity> uniformity;
  std::uint64_t pits_across = 0;  // days whose pit says an exception and whose VaR does not, or the other way round
  bool passed = false;            // no test that decides rejects
};

// 1 - level, without the error of the subtraction.
double tail_probability(double level);

bool is_exception(const Forecast& day);

Assessment assess(const ForecastSeries& series, const Settings& settings);

// Two models of the same book and level by the Fissler-Ziegel scores of the days that both have.
struct Comparison {
  std::size_t a, b;      // places in the list of series
  std::size_t days;      // that both have; at least kFewestForecasts
  DieboldMariano score;  // of a's scores less b's: negative where a is better
};
std::vector<Comparison> compare_models(const std::vector<ForecastSeries>& series);

}  // namespace tailbit::backtest
