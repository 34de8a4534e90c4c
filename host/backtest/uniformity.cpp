#include "host/backtest/uniformity.hpp"

#include <algorithm>
#include <cmath>

#include "host/fit/distributions.hpp"
#include "host/fit/goodness.hpp"
#include "tailbit/math/polynomial.hpp"

namespace tailbit::backtest {
namespace {

std::vector<std::uint64_t> histogram_of(const std::vector<double>& values) {
  std::vector<std::uint64_t> bins(std::clamp<std::size_t>(values.size() / 20, 5, 20));
  for (const double u : values) {
    const auto bin = static_cast<std::size_t>(u * static_cast<double>(bins.size()));
    ++bins[std::min(bin, bins.size() - 1)];
  }
  return bins;
}

double pearson(const std::vector<std::uint64_t>& bins, double n) {
  const double expected = n / static_cast<double>(bins.size());
  double sum = 0.0;
  for (const std::uint64_t count : bins)
    sum += (static_cast<double>(count) - expected) * (static_cast<double>(count) - expected);
  return sum / expected;
}

// Kolmogorov's law at the distance that Stephens (1970, Journal of the Royal Statistical Society B 32) scales for n.
double kolmogorov_p_value(double distance, double n) {
  const double root = std::sqrt(n);
  return fit::kolmogorov_tail((root + 0.12 + 0.11 / root) * distance);
}

// P(A^2 <= x) for n to infinity, and what n adds: the approximations of Marsaglia and Marsaglia (2004, "Evaluating the
// Anderson-Darling distribution", Journal of Statistical Software 9), good to 2e-6 and some 1e-5.
double anderson_darling_limit(double x) {
  if (!(x > 0.0)) return 0.0;
  if (x < 2.0) {
    const double factor = math::horner(x, 2.00012, 0.247105, -0.0649821, 0.0347962, -0.011672, 0.00168691);
    return std::exp(-1.2337141 / x) / std::sqrt(x) * factor;
  }
  return std::exp(-std::exp(math::horner(x, 1.0776, -2.30695, 0.43424, -0.082433, 0.008056, -0.0003146)));
}
double anderson_darling_correction(double limit, double n) {
  if (limit > 0.8) return math::horner(limit, -130.2137, 745.2337, -1705.091, 1950.646, -1116.360, 255.7844) / n;
  const double border = 0.01265 + 0.1757 / n;
  if (limit < border) {
    const double t = limit / border;
    const double shape = std::sqrt(t) * (1.0 - t) * (49.0 * t - 102.0);
    return shape * (0.0037 / (n * n) + 0.00078 / n + 0.00006) / n;
  }
  const double t = (limit - border) / (0.8 - border);
  const double shape = math::horner(t, -0.00022633, 6.54034, -14.6538, 14.458, -8.259, 1.91864);
  return shape * (0.04213 + 0.01365 / n) / n;
}
double anderson_darling_p_value(double x, double n) {
  const double limit = anderson_darling_limit(x);
  return std::clamp(1.0 - limit - anderson_darling_correction(limit, n), 0.0, 1.0);
}

}  // namespace

Uniformity uniformity(const std::vector<double>& u) {
  constexpr double kNearest = 1e-15;  // to 0 and 1
  const auto n = static_cast<double>(u.size());
  Uniformity out;
  out.histogram = histogram_of(u);
  out.chi_square = pearson(out.histogram, n);
  out.chi_square_p = fit::chi_square_tail(out.chi_square, static_cast<double>(out.histogram.size()) - 1.0);
  const auto inside = [](double x) { return x < kNearest ? kNearest : std::min(x, 1.0 - kNearest); };
  const fit::Distance distance = fit::distance_to(u, inside);
  out.kolmogorov_smirnov = distance.kolmogorov_smirnov.statistic;
  out.kolmogorov_smirnov_p = kolmogorov_p_value(out.kolmogorov_smirnov, n);
  out.anderson_darling = distance.anderson_darling;
  out.anderson_darling_p = anderson_darling_p_value(out.anderson_darling, n);
  return out;
}

}  // namespace tailbit::backtest
