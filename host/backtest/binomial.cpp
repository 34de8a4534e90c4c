#include "host/backtest/binomial.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tailbit/math/gamma.hpp"

namespace tailbit::backtest {
namespace {

// Below this share of the largest term what is left out of a sum is nothing.
constexpr double kNegligible = 1e-25;

}  // namespace

// By the deviance from the mean, where powers and factorials have cancelled beforehand (Loader 2000, "Fast and accurate
// computation of binomial probabilities").
double Binomial::probability(std::uint64_t x) const {
  if (x > n) return 0.0;
  const auto size = static_cast<double>(n), k = static_cast<double>(x);
  if (x == 0) return std::exp(size * std::log1p(-p));
  if (x == n) return std::exp(size * std::log(p));
  const double rest = size - k;
  const double remainders =
      math::stirling_remainder(size) - math::stirling_remainder(k) - math::stirling_remainder(rest);
  const double deviance = math::gamma_exponent(k, size * p) + math::gamma_exponent(rest, size * (1.0 - p));
  return std::sqrt(size / (2.0 * std::numbers::pi * k * rest)) * std::exp(remainders - deviance);
}

// Sums run from x away from the mode, where terms fall; the other side is the complement.
double Binomial::at_least(std::uint64_t x) const {
  if (x == 0) return 1.0;
  if (x > n) return 0.0;
  if (static_cast<double>(x) < static_cast<double>(n) * p) return 1.0 - at_most(x - 1);
  const double odds = p / (1.0 - p);
  double term = probability(x), sum = term;
  for (std::uint64_t k = x; k < n && term > kNegligible * sum; ++k) {
    term *= odds * static_cast<double>(n - k) / static_cast<double>(k + 1);
    sum += term;
  }
  return std::min(sum, 1.0);
}

double Binomial::at_most(std::uint64_t x) const {
  if (x >= n) return 1.0;
  if (static_cast<double>(x) >= static_cast<double>(n) * p) return 1.0 - at_least(x + 1);
  return Binomial{n, 1.0 - p}.at_least(n - x);
}

double Binomial::two_sided_p_value(std::uint64_t x) const {
  const auto mode = std::min(n, static_cast<std::uint64_t>((static_cast<double>(n) + 1.0) * p));
  if (x == mode) return 1.0;
  // Counts whose probability is that of x but for rounding are as extreme.
  const double bound = probability(x) * (1.0 + 1e-7);
  // Probabilities fall away from the mode: the nearest count beyond it that is no more probable, by bisection.
  const bool above = x > mode;
  const std::uint64_t end = above ? 0 : n;
  const double near = above ? at_least(x) : at_most(x);
  if (probability(end) > bound) return near;
  std::uint64_t extreme = end, probable = mode;
  while ((above ? probable - extreme : extreme - probable) > 1) {
    const std::uint64_t middle = std::min(extreme, probable) + (above ? probable - extreme : extreme - probable) / 2;
    (probability(middle) <= bound ? extreme : probable) = middle;
  }
  return std::min(1.0, near + (above ? at_most(extreme) : at_least(extreme)));
}

}  // namespace tailbit::backtest
