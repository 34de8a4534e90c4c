// The density of a period's return under Kou's (2002) jump diffusion: normal, and a Poisson number of jumps whose sizes
// are double exponential.
#pragma once

#include <array>
#include <vector>

namespace tailbit::fit {

// Of a period. A jump is a rise with `up_probability`, of mean `up_mean` > 0, else a fall of mean `down_mean` > 0, both
// exponentially distributed.
struct KouLaw {
  double mean = 0.0, deviation = 1.0;  // of what diffuses
  double count = 0.0;                  // mean number of jumps, at most 1
  double up_probability = 0.5, up_mean = 1.0, down_mean = 1.0;
};

// Up to kMostKouJumps jumps in a period: of a mean count of 1, more than that come once in a million periods.
inline constexpr int kMostKouJumps = 8;

class KouDensity {
 public:
  explicit KouDensity(const KouLaw& law);

  double at(double x) const;            // above 0
  double without_jump(double x) const;  // P(no jump) times the density given none

 private:
  // A sum of n double exponential sizes is a sum of k rises, or of k falls, with probabilities that Kou's proposition
  // B.1 gives: so these are those of k rises and of k falls in a period, [k - 1].
  std::array<double, kMostKouJumps> rises_{}, falls_{};
  KouLaw law_;
  double none_ = 1.0;
};

// exp(w^2 / 2) Hh_n(w) for w >= 0, else Hh_n(w), n = 0 ... count - 1; Hh_n(w) is the integral of
// (t - w)^n / n! exp(-t^2 / 2) from w on (Abramowitz and Stegun 26.2.41 and 7.2.1).
void hermite_integrals(double w, int count, double* out);

}  // namespace tailbit::fit
