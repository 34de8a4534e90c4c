// Exact tails of losses made of one or two lognormals.
#pragma once

#include <cmath>

#include "tests/support/one_asset_book.hpp"

namespace tailbit::test {

// weight exp(x), x normal.
struct Lognormal {
  double weight, mean, stdev;
  double expected() const { return weight * std::exp(mean + 0.5 * stdev * stdev); }
};

// Of the loss constant - weight exp(x). A long one loses at low x: VaR at z = -q, ES from E[e^x; z < -q] =
// E[e^x] N(-q - s); a short one mirrored.
inline ExactTail lognormal_tail(double level, double constant, const Lognormal& x) {
  const double q = normal_quantile(level);
  const double sign = x.weight > 0.0 ? -1.0 : 1.0;
  const double beyond = normal_below(sign > 0.0 ? x.stdev - q : -q - x.stdev);
  return {constant - x.weight * std::exp(x.mean + sign * q * x.stdev),
          constant - x.expected() * beyond / (1.0 - level)};
}

// Of the loss constant - a exp(x) - b exp(y), x and y correlated normals. Given x the part of y is a closed form; x is
// integrated over a grid of width 1e-3 deviations, by the trapezoidal rule, which is exact to rounding here.
struct TwoLognormals {
  double constant;
  Lognormal first, second;
  double rho;

  double mean() const { return constant - first.expected() - second.expected(); }
  double stdev() const {
    const auto squared = [](const Lognormal& l) { return l.expected() * l.expected(); };
    const double cross = first.expected() * second.expected();
    return std::sqrt(squared(first) * std::expm1(first.stdev * first.stdev) +
                     squared(second) * std::expm1(second.stdev * second.stdev) +
                     2.0 * cross * std::expm1(rho * first.stdev * second.stdev));
  }
  // P(L > v), that is b exp(y) < barrier.
  double beyond(double v) const {
    return integrate(
        [this](double barrier, double centre, double rest) {
          const double x = barrier / second.weight;
          if (x <= 0.0) return second.weight > 0.0 ? 0.0 : 1.0;
          const double d = (std::log(x) - centre) / rest;
          return normal_below(second.weight > 0.0 ? d : -d);
        },
        v);
  }
  // E[(L - v)+]
  double excess(double v) const {
    return integrate(
        [this](double barrier, double centre, double rest) {
          const double x = barrier / second.weight, expected = second.weight * std::exp(centre + 0.5 * rest * rest);
          if (x <= 0.0) return second.weight > 0.0 ? 0.0 : barrier - expected;
          const double d = (std::log(x) - centre) / rest;
          const double sign = second.weight > 0.0 ? 1.0 : -1.0;
          return barrier * normal_below(sign * d) - expected * normal_below(sign * (d - rest));
        },
        v);
  }
  ExactTail tail(double level) const {
    double low = -10.0 * (std::abs(first.expected()) + std::abs(second.expected()) + std::abs(constant)), high = -low;
    for (int i = 0; i < 100; ++i) {
      const double middle = 0.5 * (low + high);
      (beyond(middle) > 1.0 - level ? low : high) = middle;
    }
    return {high, high + excess(high) / (1.0 - level)};
  }

 private:
  template <class Given>
  double integrate(Given&& given, double v) const {
    constexpr double kWidth = 1e-3;
    const double rest = second.stdev * std::sqrt(1.0 - rho * rho);
    double sum = 0.0;
    for (int i = -9000; i <= 9000; ++i) {
      const double z = kWidth * i;
      const double barrier = constant - v - first.weight * std::exp(first.mean + first.stdev * z);
      sum += kWidth * phi(z) * given(barrier, second.mean + second.stdev * rho * z, rest);
    }
    return sum;
  }
};

}  // namespace tailbit::test
