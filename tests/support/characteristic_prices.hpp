// Prices of options from the characteristic function of the log-price, for models that have no simpler formula: the
// integral of Lewis (2001), "A simple option formula for general jump-diffusion and other exponential Levy processes",
// eq. 3.11. With the standard library's functions only.
#pragma once

#include <cmath>
#include <complex>
#include <functional>
#include <numbers>

#include "tests/support/price_list.hpp"

namespace tailbit::test {

using Complex = std::complex<double>;
// E[exp(i u ln(S_T / F))], F = E[S_T].
using CharacteristicFunction = std::function<Complex(Complex u)>;

// Of ln(S_T / F) with constant vol.
inline Complex diffusion(Complex u, double variance) { return std::exp(-0.5 * variance * (u * u + Complex(0, 1) * u)); }

// A compensated compound Poisson process: `size` is the characteristic function of a log-size.
inline Complex jumps(Complex u, double mean_count, const std::function<Complex(Complex)>& size) {
  const Complex i(0.0, 1.0);
  return std::exp(mean_count * (size(u) - 1.0 - i * u * (size(-i) - 1.0)));
}
inline Complex normal_size(Complex u, double mean, double stdev) {
  return std::exp(Complex(0, 1) * u * mean - 0.5 * stdev * stdev * u * u);
}
inline Complex kou_size(Complex u, double up_probability, double up_rate, double down_rate) {
  const Complex i(0.0, 1.0);
  return up_probability * up_rate / (up_rate - i * u) + (1.0 - up_probability) * down_rate / (down_rate + i * u);
}

struct Heston {
  double v0, kappa, theta, vol_of_vol, rho;
};
// Albrecher, Mayer, Schoutens and Tistaert (2007), "The little Heston trap", second formulation.
inline Complex heston(Complex u, double years, const Heston& h) {
  const Complex i(0.0, 1.0), s = h.rho * h.vol_of_vol * i * u;
  const double square = h.vol_of_vol * h.vol_of_vol;
  const Complex d = std::sqrt((s - h.kappa) * (s - h.kappa) + square * (i * u + u * u));
  const Complex g = (h.kappa - s - d) / (h.kappa - s + d), decay = std::exp(-d * years);
  const Complex of_theta =
      h.kappa * h.theta / square * ((h.kappa - s - d) * years - 2.0 * std::log((1.0 - g * decay) / (1.0 - g)));
  const Complex of_v0 = h.v0 / square * (h.kappa - s - d) * (1.0 - decay) / (1.0 - g * decay);
  return std::exp(of_theta + of_v0);
}

// Simpson's rule over u in [0, most]; the integrand must have died out by then.
inline double call_over_forward(const CharacteristicFunction& law, double log_moneyness, double most) {
  constexpr int kCells = 40'000;
  const Complex i(0.0, 1.0);
  const auto integrand = [&](double u) {
    return std::real(std::exp(i * u * log_moneyness) * law(u - 0.5 * i)) / (u * u + 0.25);
  };
  const double width = most / kCells;
  double sum = integrand(0.0) + integrand(most);
  for (int cell = 1; cell < kCells; ++cell) sum += (cell % 2 == 0 ? 2.0 : 4.0) * integrand(cell * width);
  return 1.0 - std::exp(-0.5 * log_moneyness) / std::numbers::pi * sum * width / 3.0;
}

// A European or inverse option of the list.
inline double characteristic_price(const ListRow& row, const CharacteristicFunction& law, double most = 400.0) {
  const double forward = row.forward();
  const double call = forward * call_over_forward(law, std::log(forward / row.strike), most);
  const double undiscounted = row.option == "call" ? call : call - forward + row.strike;
  return row.family == "inverse" ? undiscounted / forward : row.discount() * undiscounted;
}

}  // namespace tailbit::test
