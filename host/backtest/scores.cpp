#include "host/backtest/scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/fit/distributions.hpp"

namespace tailbit::backtest {

double quantile_score(double loss, double var, double p) { return (p - (loss > var ? 1.0 : 0.0)) * (var - loss); }

double fissler_ziegel_score(double loss, double var, double es, double p) {
  const double beyond = std::max(0.0, loss - var);
  return beyond / (p * es) + var / es + std::log(es) - 1.0;
}

DieboldMariano diebold_mariano(const std::vector<double>& differences) {
  DieboldMariano out;
  if (differences.empty()) return out;
  const auto n = static_cast<double>(differences.size());
  for (const double d : differences) out.mean += d / n;
  out.lags =
      std::min(differences.size() - 1, static_cast<std::size_t>(std::floor(4.0 * std::pow(n / 100.0, 2.0 / 9.0))));
  double variance = 0.0;
  for (std::size_t lag = 0; lag <= out.lags; ++lag) {
    double covariance = 0.0;
    for (std::size_t i = lag; i < differences.size(); ++i)
      covariance += (differences[i] - out.mean) * (differences[i - lag] - out.mean) / n;
    const double weight = 1.0 - static_cast<double>(lag) / static_cast<double>(out.lags + 1);
    variance += (lag == 0 ? 1.0 : 2.0 * weight) * covariance;
  }
  if (out.mean == 0.0) return out;
  out.statistic = variance > 0.0 ? out.mean / std::sqrt(variance / n)
                                 : std::copysign(std::numeric_limits<double>::infinity(), out.mean);
  out.p_value = fit::two_sided_normal_tail(out.statistic);
  return out;
}

}  // namespace tailbit::backtest
