#include "host/fit/distributions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "tailbit/math/beta_fraction.hpp"
#include "tailbit/math/gamma.hpp"
#include "tailbit/math/normal.hpp"

namespace tailbit::fit {
namespace {

const double kHalfLogTwoPi = 0.5 * std::log(2.0 * std::numbers::pi);

// P(T < x), x <= 0: half of I at dof / (dof + x^2).
double lower_tail(double x, double dof) {
  const double square = x * x;
  // The smaller of the two arguments of I is exact.
  return square > dof ? 0.5 * incomplete_beta(dof / (dof + square), 0.5 * dof, 0.5)
                      : 0.5 - 0.5 * incomplete_beta(square / (dof + square), 0.5, 0.5 * dof);
}

double unit_scale(double dof) { return std::sqrt(dof / (dof - 2.0)); }

}  // namespace

double log_normal_density(double x) { return -0.5 * x * x - kHalfLogTwoPi; }

double log_t_density(double x, double dof) {
  return std::lgamma(0.5 * (dof + 1.0)) - std::lgamma(0.5 * dof) - 0.5 * std::log(dof * std::numbers::pi) -
         0.5 * (dof + 1.0) * std::log1p(x * x / dof);
}

double incomplete_beta(double x, double a, double b) {
  if (x <= 0.0) return 0.0;
  if (x >= 1.0) return 1.0;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1.0) / (a + b + 2.0)) return front / (a * math::beta_fraction(a, b, x));
  return 1.0 - front / (b * math::beta_fraction(b, a, 1.0 - x));
}

double t_cdf(double x, double dof) {
  if (std::isinf(dof)) return math::normal_cdf(x);
  return x <= 0.0 ? lower_tail(x, dof) : 1.0 - lower_tail(-x, dof);
}

double t_quantile(double p, double dof) {
  if (p > 0.5) return -t_quantile(1.0 - p, dof);
  if (p == 0.5) return 0.0;
  // A bracket, then Newton's method in the logarithm of the tail, which is concave; a step that leaves the bracket is
  // a bisection.
  double low = -1.0, high = 0.0;
  while (t_cdf(low, dof) > p) {
    high = low;
    low *= 2.0;
  }
  double x = 0.5 * (low + high);
  for (int i = 0; i < 200; ++i) {
    const double tail = t_cdf(x, dof);
    (tail < p ? low : high) = x;
    const double step = (std::log(tail) - std::log(p)) * tail / std::exp(log_t_density(x, dof));
    double next = x - step;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (std::abs(next - x) <= 1e-13 * std::abs(x) || next == x) return next;
    x = next;
  }
  return x;
}

double log_unit_t_density(double x, double dof) {
  if (std::isinf(dof)) return log_normal_density(x);
  const double scale = unit_scale(dof);
  return log_t_density(x * scale, dof) + std::log(scale);
}

double unit_t_cdf(double x, double dof) {
  return std::isinf(dof) ? math::normal_cdf(x) : t_cdf(x * unit_scale(dof), dof);
}

double chi_square_tail(double x, double dof) {
  if (!(x > 0.0)) return 1.0;
  return dof == 1.0 ? two_sided_normal_tail(std::sqrt(x)) : math::gamma_upper(0.5 * dof, 0.5 * x);
}

double two_sided_normal_tail(double z) { return 2.0 * math::normal_cdf(-std::abs(z)); }

double kolmogorov_tail(double x) {
  if (x < 0.2) return 1.0;  // 1 - 5e-13
  double sum = 0.0;
  for (int k = 1; k <= 100; ++k) {
    const double term = std::exp(-2.0 * k * k * x * x);
    sum += k % 2 == 1 ? term : -term;
    if (term < 1e-18) break;
  }
  return std::clamp(2.0 * sum, 0.0, 1.0);
}

}  // namespace tailbit::fit
