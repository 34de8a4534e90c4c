#include "host/fit/implied_vol.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace tailbit {
namespace {

double normal(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

// N(d1) - N(d2) for d1 >= d2, without cancellation near 0.
double normal_between(double d2, double d1) {
  if (std::max(std::abs(d1), std::abs(d2)) > 0.5) return normal(d1) - normal(d2);
  return 0.5 * (std::erf(d1 / std::numbers::sqrt2) - std::erf(d2 / std::numbers::sqrt2));
}

// A call on a forward of 1 struck at exp(x), x >= 0: every option is one, by parity and by exchanging what is received
// and what is paid.
class OutOfTheMoneyCall {
 public:
  // 0 < price < 1
  OutOfTheMoneyCall(double x, double price) : x_(x), strike_less_1_(std::expm1(x)), price_(price) {}

  // The total standard deviation that makes the price: Newton's method inside a bracket.
  double stdev() const {
    // As a function of the standard deviation the value turns from convex to concave here. Below, Newton's method sees
    // the log of the value, which is concave; above, the value.
    const double bend = std::sqrt(2.0 * x_);
    const bool low = price_ < value(bend);
    double from = low ? 0.0 : bend, to = low ? bend : std::numeric_limits<double>::infinity();
    double s = low ? bend : std::max(bend, std::sqrt(2.0 * std::numbers::pi) * price_);
    for (int i = 0; i < 200; ++i) {
      const double v = value(s), d1 = -x_ / s + 0.5 * s;
      const double vega = std::exp(-0.5 * d1 * d1) / std::sqrt(2.0 * std::numbers::pi);
      (v > price_ ? to : from) = s;
      const double next = s - (low ? std::log(v / price_) * v : v - price_) / vega;
      if (std::abs(next - s) <= 1e-11 * s) return next;  // whose error is that squared
      if (next > from && next < to) {
        s = next;
      } else {
        s = std::isfinite(to) ? 0.5 * (from + to) : 2.0 * s;
      }
    }
    return s;
  }

 private:
  double value(double s) const {
    if (s == 0.0) return 0.0;
    const double d1 = -x_ / s + 0.5 * s, d2 = d1 - s;
    return std::max(0.0, normal_between(d2, d1) - strike_less_1_ * normal(d2));
  }

  double x_, strike_less_1_, price_;
};

}  // namespace

std::optional<double> implied_vol(OptionKind option, double forward, double strike, double years, double price) {
  for (const double x : {forward, strike, years}) {
    if (!(x > 0.0) || !std::isfinite(x)) return std::nullopt;
  }
  const bool call = option == OptionKind::call;
  const double bound = call ? forward : strike;
  const double intrinsic = std::max(0.0, call ? forward - strike : strike - forward);
  if (!(price > intrinsic && price < bound)) return std::nullopt;
  // Out of the money by parity; then the lesser of forward and strike is the numeraire.
  const double lesser = std::min(forward, strike), greater = std::max(forward, strike);
  const double time_value = (price - intrinsic) / lesser;
  if (!(time_value > 0.0 && time_value < 1.0)) return std::nullopt;
  const double vol = OutOfTheMoneyCall(std::log1p((greater - lesser) / lesser), time_value).stdev() / std::sqrt(years);
  if (!(vol > 0.0) || !std::isfinite(vol)) return std::nullopt;
  return vol;
}

}  // namespace tailbit
