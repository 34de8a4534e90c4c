#include "host/fit/goodness.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "host/fit/distributions.hpp"

namespace tailbit::fit {

bool all_alike(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double x) { return x == values.front(); });
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double variance_of(std::span<const double> values) {
  const double mean = mean_of(values);
  double sum = 0.0;
  for (const double x : values) sum += (x - mean) * (x - mean);
  return sum / static_cast<double>(values.size());
}

double kurtosis_of(std::span<const double> values) {
  const double mean = mean_of(values), variance = variance_of(values);
  double sum = 0.0;
  for (const double x : values) sum += std::pow(x - mean, 4);
  return sum / (static_cast<double>(values.size()) * variance * variance);
}

std::vector<double> without_gaps(std::span<const double> values) {
  std::vector<double> out;
  std::copy_if(values.begin(), values.end(), std::back_inserter(out), [](double x) { return !std::isnan(x); });
  return out;
}

Test ljung_box(std::span<const double> values, std::size_t lags) {
  const double mean = mean_of(values), n = static_cast<double>(values.size());
  const double total = variance_of(values) * n;
  double sum = 0.0;
  for (std::size_t lag = 1; lag <= lags; ++lag) {
    double product = 0.0;
    for (std::size_t t = lag; t < values.size(); ++t) product += (values[t] - mean) * (values[t - lag] - mean);
    const double correlation = product / total;
    sum += correlation * correlation / (n - static_cast<double>(lag));
  }
  const double statistic = n * (n + 2.0) * sum;
  return {statistic, chi_square_tail(statistic, static_cast<double>(lags))};
}

Distance distance_to(std::span<const double> values, const std::function<double(double)>& cdf) {
  constexpr double kLeast = 1e-300;  // of a probability whose logarithm is taken
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t count = sorted.size();
  const double n = static_cast<double>(count);
  double farthest = 0.0, sum = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    const double below = cdf(sorted[i]), above_mirror = 1.0 - cdf(sorted[count - 1 - i]);
    const double rank = static_cast<double>(i);
    farthest = std::max({farthest, below - rank / n, (rank + 1.0) / n - below});
    sum += (2.0 * rank + 1.0) * (std::log(std::max(below, kLeast)) + std::log(std::max(above_mirror, kLeast)));
  }
  return {{farthest, kolmogorov_tail(std::sqrt(n) * farthest)}, -n - sum / n};
}

}  // namespace tailbit::fit
