#include "host/fit/ou_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "host/fit/goodness.hpp"

namespace tailbit::fit {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kFewestPairs = 20;

// y = a + b x, with White's errors.
struct Line {
  double a = 0.0, b = 0.0;
  double var_a = 0.0, var_b = 0.0, cov = 0.0;
  std::vector<double> residuals;
};

Line regress(std::span<const double> x, std::span<const double> y) {
  const double n = static_cast<double>(x.size()), mean_x = mean_of(x), mean_y = mean_of(y);
  double sxx = 0.0, sxy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sxx += (x[i] - mean_x) * (x[i] - mean_x);
    sxy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  Line out;
  out.b = sxy / sxx;
  out.a = mean_y - out.b * mean_x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double e = y[i] - out.a - out.b * x[i];
    out.residuals.push_back(e);
    // What an error in e does to b and a.
    const double to_b = (x[i] - mean_x) / sxx, to_a = 1.0 / n - mean_x * to_b;
    const double square = e * e * n / (n - 2.0);
    out.var_a += to_a * to_a * square;
    out.var_b += to_b * to_b * square;
    out.cov += to_a * to_b * square;
  }
  return out;
}

}  // namespace

double OuFit::half_life() const { return std::numbers::ln2 / kappa; }

OuFit fit_ou(std::span<const double> values, double years) {
  std::vector<double> before, after;
  std::vector<std::size_t> place;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    if (std::isnan(values[i]) || std::isnan(values[i + 1])) continue;
    before.push_back(values[i]);
    after.push_back(values[i + 1]);
    place.push_back(i);
  }
  if (before.size() < kFewestPairs || all_alike(before))
    throw std::invalid_argument("fit_ou: twenty pairs of neighbours or more are needed that are not all alike");
  const Line line = regress(before, after);
  const double n = static_cast<double>(before.size());

  OuFit out;
  out.observations = before.size();
  out.phi = line.b;
  out.phi_error = std::sqrt(line.var_b);
  out.phi_bias = (1.0 + 3.0 * line.b) / n;
  out.residual_deviation = std::sqrt(variance_of(line.residuals) * n / (n - 2.0));
  out.residuals.assign(values.size() - 1, kUnknown);
  for (std::size_t i = 0; i < place.size(); ++i) out.residuals[place[i]] = line.residuals[i];

  const double relative_vol_error = std::sqrt(std::max(kurtosis_of(line.residuals) - 1.0, 0.0) / (4.0 * n));
  if (line.b >= 1.0) {
    out.vol = out.residual_deviation / std::sqrt(years);
    out.vol_error = out.vol * relative_vol_error;
    out.kappa_error = out.phi_error / years;
    out.mean = out.mean_error = kUnknown;
    return out;
  }
  out.fast = line.b < kLeastPhi;
  const double phi = std::max(line.b, kLeastPhi);
  out.kappa = -std::log(phi) / years;
  out.kappa_error = out.fast ? kUnknown : out.phi_error / (phi * years);
  out.mean = line.a / (1.0 - line.b);
  // The mean's gradient in (a, b) is (1, mean) / (1 - b).
  const double var_mean = line.var_a + 2.0 * out.mean * line.cov + out.mean * out.mean * line.var_b;
  out.mean_error = std::sqrt(std::max(var_mean, 0.0)) / (1.0 - line.b);
  out.vol = out.residual_deviation * std::sqrt(2.0 * out.kappa / (1.0 - phi * phi));
  // ln vol moves with ln kappa / 2 and with phi, besides with the deviation.
  const double by_phi = -0.5 / (phi * -std::log(phi)) + phi / (1.0 - phi * phi);
  out.vol_error = out.vol * std::hypot(relative_vol_error, out.fast ? 0.0 : by_phi * out.phi_error);
  return out;
}

TermDecay fit_term_decay(std::span<const double> terms, std::span<const double> deviations) {
  std::vector<double> x, y;
  for (std::size_t i = 0; i < terms.size() && i < deviations.size(); ++i) {
    if (!(terms[i] > 0.0 && deviations[i] > 0.0))
      throw std::invalid_argument("fit_term_decay: a term or a deviation is not above 0");
    x.push_back(std::log(terms[i]));
    y.push_back(std::log(deviations[i]));
  }
  if (x.size() < 2 || all_alike(x)) throw std::invalid_argument("fit_term_decay: two terms or more are needed");
  const Line line = regress(x, y);
  const double n = static_cast<double>(x.size()), left = variance_of(line.residuals) * n;
  TermDecay out;
  out.power = -line.b;
  // The usual error, of equal variances: terms are too few for another.
  out.power_error = x.size() > 2 ? std::sqrt(left / (n - 2.0) / (variance_of(x) * n)) : kUnknown;
  const double all = variance_of(y) * n;
  out.r_squared = all > 0.0 ? 1.0 - left / all : 1.0;
  return out;
}

}  // namespace tailbit::fit
