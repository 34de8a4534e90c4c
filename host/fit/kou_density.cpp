#include "host/fit/kou_density.hpp"

#include <cmath>
#include <numbers>

#include "tailbit/math/normal.hpp"

namespace tailbit::fit {
namespace {

double binomial(int n, int k) {
  double out = 1.0;
  for (int i = 1; i <= k; ++i) out = out * (n - k + i) / i;
  return out;
}

// That a sum of n sizes is one of k sizes to the side whose probability is p and whose rate is `rate`, the other side's
// being 1 - p and `other` (Kou 2002, Management Science 48, proposition B.1).
double one_sided(int n, int k, double p, double rate, double other) {
  if (k == n) return std::pow(p, n);
  const double mine = rate / (rate + other), theirs = other / (rate + other);
  double sum = 0.0;
  for (int i = k; i < n; ++i) {
    sum += binomial(n - k - 1, i - k) * binomial(n, i) * std::pow(mine, i - k) * std::pow(theirs, n - i) *
           std::pow(p, i) * std::pow(1.0 - p, n - i);
  }
  return sum;
}

// The density at x of a normal of this deviation plus k rises of rate 1 / mean, weighted and added up over k.
double risen(double x, double deviation, double mean, const std::array<double, kMostKouJumps>& weights) {
  const double z = x / deviation, slope = deviation / mean, w = slope - z;
  std::array<double, kMostKouJumps> integrals;
  hermite_integrals(w, kMostKouJumps, integrals.data());
  // The integrals carry exp(w^2 / 2) where w is above 0.
  double factor =
      std::exp(w >= 0.0 ? -0.5 * z * z : 0.5 * (w * w - z * z)) / (deviation * std::sqrt(2.0 * std::numbers::pi));
  double sum = 0.0;
  for (std::size_t k = 0; k < weights.size(); ++k) sum += weights[k] * (factor *= slope) * integrals[k];
  return sum;
}

}  // namespace

void hermite_integrals(double w, int count, double* out) {
  constexpr double kForwards = 1.0;
  if (w < kForwards) {
    // n Hh_n = Hh_{n-2} - w Hh_{n-1}: all terms are of one sign below 0, and little is lost up to 1.
    const double scale = w >= 0.0 ? std::exp(0.5 * w * w) : 1.0;
    double before = w >= 0.0 ? 1.0 : std::exp(-0.5 * w * w);
    double last = scale * std::sqrt(2.0 * std::numbers::pi) * math::normal_cdf(-w);
    for (int n = 0; n < count; ++n) {
      out[n] = last;
      const double next = (before - w * last) / (n + 1);
      before = last;
      last = next;
    }
    return;
  }
  // Above that the recursion loses all digits, and its ratios Hh_n / Hh_{n-1} = 1 / (w + (n + 1) Hh_{n+1} / Hh_n), a
  // continued fraction, gain some with each step backwards (Gautschi 1961).
  const int from = w < 2.0 ? 150 : w < 4.0 ? 60 : 30;
  double ratio = (std::sqrt(w * w + 4.0 * (from + 1)) - w) / (2.0 * (from + 1));
  for (int n = from - 1; n >= count; --n) ratio = 1.0 / (w + (n + 1) * ratio);
  for (int n = count - 1; n >= 0; --n) out[n] = ratio = 1.0 / (w + (n + 1) * ratio);
  for (int n = 1; n < count; ++n) out[n] *= out[n - 1];
}

KouDensity::KouDensity(const KouLaw& law) : law_(law) {
  const double up_rate = 1.0 / law.up_mean, down_rate = 1.0 / law.down_mean;
  double probability = std::exp(-law.count);
  none_ = probability;
  for (int n = 1; n <= kMostKouJumps; ++n) {
    probability *= law.count / n;
    for (int k = 1; k <= n; ++k) {
      const auto place = static_cast<std::size_t>(k - 1);
      rises_[place] += probability * one_sided(n, k, law.up_probability, up_rate, down_rate);
      falls_[place] += probability * one_sided(n, k, 1.0 - law.up_probability, down_rate, up_rate);
    }
  }
}

double KouDensity::without_jump(double x) const {
  const double z = (x - law_.mean) / law_.deviation;
  return none_ * std::exp(-0.5 * z * z) / (law_.deviation * std::sqrt(2.0 * std::numbers::pi));
}

double KouDensity::at(double x) const {
  const double off = x - law_.mean;
  return without_jump(x) + risen(off, law_.deviation, law_.up_mean, rises_) +
         risen(-off, law_.deviation, law_.down_mean, falls_);
}

}  // namespace tailbit::fit
