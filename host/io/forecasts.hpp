// Forecasts of VaR and expected shortfall beside what came: the CSV that `backtest --from-series` reads and `backtest`
// writes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/io/problems.hpp"
#include "tailbit/core/time.hpp"

namespace tailbit {

struct Forecast {
  std::string date;  // as written
  Timestamp time;
  double loss;               // what came; positive: money was lost
  double var;                // what was forecast, as a loss
  std::optional<double> es;  // above 0, not below var
  // The probability that the forecast gave to a profit not above the one that came: small when much was lost.
  std::optional<double> pit;
  // Degrees of freedom of the law that was forecast, infinity for a normal one; nothing where it has no such shape.
  std::optional<double> dof;
};

// What one model forecast for one book at one level, by rising time; es, pit and dof on all days or on none.
struct ForecastSeries {
  std::string book, model;
  double level;
  std::vector<Forecast> days;

  bool has_es() const { return days.front().es.has_value(); }
  bool has_pit() const { return days.front().pit.has_value(); }
  bool has_dof() const { return days.front().dof.has_value(); }
};

// What an outcome is: a profit, or a loss.
enum class OutcomeKind { pnl, loss };

struct ForecastOptions {
  OutcomeKind outcome = OutcomeKind::pnl;
  double level = 0.99;  // of rows that give none
};

inline constexpr double kLeastForecastLevel = 0.8;
inline constexpr double kLeastForecastDof = 2.05, kMostForecastDof = 10'000.0;
inline constexpr std::size_t kFewestForecasts = 10;

// A decimal from kLeastForecastLevel to below 1 with at most nine digits.
bool is_forecast_level(double level);

// The series of a file, in the order of their first rows. What is wrong with it is added to the problems.
std::vector<ForecastSeries> read_forecasts(const std::string& path, const ForecastOptions& options, Problems& problems);

// The same as CSV, outcomes as profits, with the columns that any of the series has.
std::string forecasts_csv(const std::vector<ForecastSeries>& series);

}  // namespace tailbit
