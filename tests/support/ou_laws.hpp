// Closed forms of Ornstein-Uhlenbeck factors, dx = -kappa x dt + vol dW from 0 (kappa 0: Brownian).
#pragma once

#include <algorithm>
#include <cmath>

namespace tailbit::test {

// (1 - exp(-a t)) / a, and t at a = 0.
inline double decayed_time(double a, double years) { return a == 0.0 ? years : -std::expm1(-a * years) / a; }

struct Ornstein {
  double kappa, vol;
  double variance(double years) const { return vol * vol * decayed_time(2.0 * kappa, years); }
  // Covariance with a Brownian motion of unit vol and correlation 1, per unit of vol.
  double decayed(double years) const { return decayed_time(kappa, years); }
};

// Of x at time s and y at time t, their normals correlated by rho.
inline double covariance(const Ornstein& x, double s, const Ornstein& y, double t, double rho) {
  const double common = rho * x.vol * y.vol * decayed_time(x.kappa + y.kappa, std::min(s, t));
  return common * std::exp(s <= t ? -y.kappa * (t - s) : -x.kappa * (s - t));
}

}  // namespace tailbit::test
