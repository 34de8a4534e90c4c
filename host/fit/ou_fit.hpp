// Ornstein-Uhlenbeck processes from what is seen of them at equal times: dx = kappa (mean - x) dt + vol dW, which is
// the AR(1) x' = mean + phi (x - mean) + e, phi = exp(-kappa h) (docs/definitions, "Factors"). And how vols fall with
// terms.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tailbit::fit {

struct OuFit {
  double kappa = 0.0, kappa_error = 0.0;  // per year; 0 where phi is 1 or more: a Brownian motion
  double mean = 0.0, mean_error = 0.0;    // errors that are not a number: kappa is 0, there is no mean
  double vol = 0.0, vol_error = 0.0;      // per square-root year
  double phi = 0.0, phi_error = 0.0;
  double phi_bias = 0.0;            // about what phi is too low by: (1 + 3 phi) / n (Kendall 1954)
  double residual_deviation = 0.0;  // of e
  bool fast = false;                // phi is below kLeastPhi, and kappa is that of kLeastPhi
  std::size_t observations = 0;     // pairs of neighbours that are both there
  std::vector<double> residuals;    // [values - 1] e, a gap where one of the pair is

  double half_life() const;  // years
};

// A factor that forgets more within a period is seen too seldom to tell how fast.
inline constexpr double kLeastPhi = 0.01;

// Least squares, which is the likelihood given the first value; errors by White's heteroskedasticity-consistent
// covariance with n / (n - 2) (HC1), that of the vol from the residuals' kurtosis. Values `years` apart. Throws
// std::invalid_argument for fewer than 20 pairs, or values that are all alike.
OuFit fit_ou(std::span<const double> values, double years);

struct TermDecay {
  double power = 0.0;        // p of deviation ~ term^-p
  double power_error = 0.0;  // of the regression; not a number for two terms
  double r_squared = 0.0;
};

// ln deviation against ln term, by least squares. Two terms or more that differ, deviations above 0: else
// std::invalid_argument.
TermDecay fit_term_decay(std::span<const double> terms, std::span<const double> deviations);

}  // namespace tailbit::fit
