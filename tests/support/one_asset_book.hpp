// The exact law of the loss of a book on one underlying, by numerical integration over the one normal factor, with the
// standard library's functions only: what runs of such books are tested against.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace tailbit::test {

// call | put | spot; expiry in years from as_of, vol the contract's own.
struct Leg {
  std::string kind;
  double strike, expiry, quantity, vol;
};

// S_h = S_0 exp((drift - vol^2 / 2) h + vol sqrt(h) Z); the forward is S exp(rate (T - t)).
struct World {
  double horizon;  // years
  double vol, drift;
  double spot = 100.0;
  double rate = 0.05;
};

inline double phi(double z) { return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::acos(-1.0)); }
inline double normal_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// The inverse of normal_below by Newton's method from `guess`.
inline double normal_quantile(double p, double guess = 0.0) {
  // In the upper half 1 - p is exact and normal_below(-z) keeps its relative accuracy.
  if (p > 0.5) return -normal_quantile(1.0 - p, -guess);
  double z = std::min(guess, 0.0);
  for (int i = 0; i < 100; ++i) {
    const double step = std::log(normal_below(z) / p) * normal_below(z) / phi(z);  // Newton on ln p: concave, converges
    z -= step;
    if (std::abs(step) < 1e-15 * (1.0 + std::abs(z))) break;
  }
  return z;
}

inline double black_scholes(const Leg& leg, double spot, double years, double rate) {
  const double sign = leg.kind == "call" ? 1.0 : -1.0;
  if (years <= 0.0) return std::max(sign * (spot - leg.strike), 0.0);
  const double stdev = leg.vol * std::sqrt(years);
  const double d1 = (std::log(spot / leg.strike) + rate * years) / stdev + 0.5 * stdev;
  return sign *
         (spot * normal_below(sign * d1) - leg.strike * std::exp(-rate * years) * normal_below(sign * (d1 - stdev)));
}

inline double book_value(const std::vector<Leg>& legs, const World& world, double spot, double now) {
  double value = 0.0;
  for (const Leg& leg : legs)
    value += leg.quantity * (leg.kind == "spot" ? spot : black_scholes(leg, spot, leg.expiry - now, world.rate));
  return value;
}

struct ExactTail {
  double var, es;
};

// The loss as a function of the normal factor, linear between the nodes of a grid of width 2e-4 over +-9 deviations.
// The error is h^2 / 8 L'', below 1e-8 of the loss's deviation (the books' curvature is moderate), plus the mass
// beyond, 2e-19.
class ExactLosses {
 public:
  ExactLosses(const std::vector<Leg>& legs, const World& world) {
    const double value_now = book_value(legs, world, world.spot, 0.0);
    const double stdev = world.vol * std::sqrt(world.horizon);
    const double mean = (world.drift - 0.5 * world.vol * world.vol) * world.horizon;
    for (std::size_t i = 0; i <= kCells; ++i) {
      const double z = node(i);
      const double spot = world.spot * std::exp(mean + stdev * z);
      loss_.push_back(value_now - book_value(legs, world, spot, world.horizon));
      below_.push_back(normal_below(z));
      density_.push_back(phi(z));
    }
  }

  // E[L] and sd of L by the trapezoidal rule.
  double mean() const { return moment(1, 0.0); }
  double stdev() const { return std::sqrt(moment(2, mean())); }

  // P(L > v): each cell counts by the share of its normal mass on the far side.
  double beyond(double v) const {
    double mass = 0.0;
    for (std::size_t i = 0; i < kCells; ++i) {
      const double a = loss_[i] - v, b = loss_[i + 1] - v;
      if (a <= 0.0 && b <= 0.0) continue;
      const double cell = below_[i + 1] - below_[i];
      mass += a > 0.0 && b > 0.0 ? cell : cell * std::max(a, b) / std::abs(a - b);
    }
    return mass;
  }

  // The left quantile, and ES = VaR + E[(L - VaR)+] / (1 - a).
  ExactTail tail(double level) const {
    double low = loss_[0], high = loss_[0];
    for (const double loss : loss_) {
      low = std::min(low, loss);
      high = std::max(high, loss);
    }
    low -= 1.0;
    for (int i = 0; i < 80; ++i) {
      const double middle = 0.5 * (low + high);
      (beyond(middle) > 1.0 - level ? low : high) = middle;
    }
    double excess = 0.0;
    for (std::size_t i = 0; i < kCells; ++i) {
      const double a = loss_[i] - high, b = loss_[i + 1] - high;
      if (a <= 0.0 && b <= 0.0) continue;
      if (a > 0.0 && b > 0.0) {
        excess += 0.5 * kWidth * (a * density_[i] + b * density_[i + 1]);
      } else {  // a triangle
        const double part = std::max(a, b) / std::abs(a - b);
        excess += 0.5 * kWidth * part * std::max(a, b) * (a > b ? density_[i] : density_[i + 1]);
      }
    }
    return {high, high + excess / (1.0 - level)};
  }

 private:
  static constexpr std::size_t kCells = 90'000;
  static constexpr double kEdge = 9.0;
  static constexpr double kWidth = 2.0 * kEdge / kCells;
  static double node(std::size_t i) { return -kEdge + kWidth * static_cast<double>(i); }
  double moment(int power, double centre) const {
    double sum = 0.0;
    for (std::size_t i = 0; i <= kCells; ++i) {
      sum += kWidth * density_[i] * (power == 1 ? loss_[i] : (loss_[i] - centre) * (loss_[i] - centre));
    }
    return sum;
  }

  std::vector<double> loss_, below_, density_;  // [nodes]
};

}  // namespace tailbit::test
