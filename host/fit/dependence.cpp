#include "host/fit/dependence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailbit::fit {
namespace {

// Two series where both have values, standardised, with the rows' weights.
struct SharedRows {
  std::vector<double> x, y, weights;
  double total = 0.0;  // of the weights
  SharedRows(const std::vector<double>& a, const std::vector<double>& b, std::span<const double> by) {
    for (std::size_t t = 0; t < a.size(); ++t) {
      if (std::isnan(a[t]) || std::isnan(b[t])) continue;
      x.push_back(a[t]);
      y.push_back(b[t]);
      weights.push_back(by.empty() ? 1.0 : by[t]);
      total += weights.back();
    }
    standardise(x);
    standardise(y);
  }
  std::size_t size() const { return x.size(); }

 private:
  double weighted_mean(const std::vector<double>& values) const {
    double sum = 0.0;
    for (std::size_t t = 0; t < values.size(); ++t) sum += weights[t] * values[t];
    return sum / total;
  }
  void standardise(std::vector<double>& values) const {
    if (values.empty()) return;
    const double mean = weighted_mean(values);
    double squares = 0.0;
    for (std::size_t t = 0; t < values.size(); ++t) squares += weights[t] * (values[t] - mean) * (values[t] - mean);
    const double deviation = std::sqrt(squares / total);
    for (double& value : values) value = (value - mean) / deviation;
  }
};

double correlation_of(const SharedRows& rows) {
  double sum = 0.0;
  for (std::size_t t = 0; t < rows.size(); ++t) sum += rows.weights[t] * rows.x[t] * rows.y[t];
  return sum / rows.total;
}

// By the delta method: an observation moves the correlation by x y - rho (x^2 + y^2) / 2, over n.
double correlation_error(const SharedRows& rows, double rho) {
  double sum = 0.0;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    const double influence = rows.x[t] * rows.y[t] - 0.5 * rho * (rows.x[t] * rows.x[t] + rows.y[t] * rows.y[t]);
    sum += rows.weights[t] * rows.weights[t] * influence * influence;
  }
  return std::sqrt(sum) / rows.total;
}

}  // namespace

PairwiseCorrelation pairwise_correlation(const Rows& series, std::size_t fewest, std::span<const double> weights) {
  const std::size_t n = series.size();
  PairwiseCorrelation out;
  out.matrix.assign(n, std::vector<double>(n, 1.0));
  out.errors.assign(n, std::vector<double>(n, 0.0));
  out.observations.assign(n, std::vector<std::size_t>(n, 0));
  for (std::size_t i = 0; i < n; ++i) {
    out.observations[i][i] = static_cast<std::size_t>(SharedRows(series[i], series[i], weights).total);
    for (std::size_t j = 0; j < i; ++j) {
      const SharedRows rows(series[i], series[j], weights);
      const auto shared = static_cast<std::size_t>(rows.total);
      double rho = 0.0, error = std::numeric_limits<double>::quiet_NaN();
      if (shared >= std::max<std::size_t>(fewest, 2)) {
        rho = std::clamp(correlation_of(rows), -1.0, 1.0);
        error = correlation_error(rows, rho);
      }
      out.matrix[i][j] = out.matrix[j][i] = rho;
      out.errors[i][j] = out.errors[j][i] = error;
      out.observations[i][j] = out.observations[j][i] = shared;
    }
  }
  return out;
}

ShrunkCorrelation shrunk(const PairwiseCorrelation& correlation) {
  ShrunkCorrelation out{correlation.matrix, 0.0};
  double excess = 0.0, pairs = 0.0;
  const auto each_pair = [&](auto&& visit) {
    for (std::size_t i = 0; i < out.matrix.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (!std::isnan(correlation.errors[i][j])) visit(i, j, std::pow(correlation.errors[i][j], 2));
      }
    }
  };
  each_pair([&](std::size_t i, std::size_t j, double square_error) {
    excess += std::pow(correlation.matrix[i][j], 2) - square_error;
    pairs += 1.0;
  });
  if (pairs == 0.0) return out;
  const double spread = std::max(excess / pairs, 0.0);
  each_pair([&](std::size_t i, std::size_t j, double square_error) {
    const double kept = spread > 0.0 ? spread / (spread + square_error) : 0.0;
    out.matrix[i][j] *= kept;
    out.matrix[j][i] *= kept;
    out.share += (1.0 - kept) / pairs;
  });
  return out;
}

}  // namespace tailbit::fit
