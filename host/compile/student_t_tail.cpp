#include "host/compile/student_t_tail.hpp"

#include "tailbit/math/beta_fraction.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/gamma.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/normal.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {
namespace {

// ln of x^a (1 - x)^(1/2) / B(a, 1/2); rest = 1 - x. Gamma(a + 1/2) / Gamma(a) without its large logarithms.
double log_beta_front(double a, double x, double rest) {
  constexpr double kInversePi = 0.31830988618379067;
  const double remainders = math::stirling_remainder(a + 0.5) - math::stirling_remainder(a);
  const double powers = math::fma(a, math::log(x) + math::log((a + 0.5) / a), remainders - 0.5);
  return math::fma(0.5, math::log(a * rest * kInversePi), powers);
}

// The arguments of the incomplete beta function for deviations of a t: P(T > deviations) = I_x(dof / 2, 1 / 2) / 2.
struct BetaPoint {
  double a, x, rest, front;
  BetaPoint(double dof, double deviations) : a(0.5 * dof) {
    const double total = math::fma(deviations, deviations, dof - 2.0);
    x = (dof - 2.0) / total;
    rest = deviations * deviations / total;
    front = math::exp(log_beta_front(a, x, rest));
  }
  // P(0 < T < deviations), where that is not near 1/2.
  double centre() const { return front / math::beta_fraction(0.5, a, rest); }
};

}  // namespace

double student_t_tail(double dof, double deviations) {
  if (deviations == 0.0) return 0.5;
  const BetaPoint at(dof, deviations);
  if (at.x * (at.a + 2.5) < at.a + 1.0) return 0.5 * at.front / (at.a * math::beta_fraction(at.a, 0.5, at.x));
  return 0.5 - at.centre();
}

double student_t_deviations(double dof, double probability) {
  // Every t has heavier tails than a normal, and at unit variance no heavier ones than Chebyshev allows.
  double lower = -math::normal_inverse_cdf(probability) * math::sqrt((dof - 2.0) / dof);
  double upper = 1.0 / math::sqrt(2.0 * probability);
  while (upper > lower * (1.0 + 0x1p-45)) {
    const double middle = math::sqrt(lower * upper);
    (student_t_tail(dof, middle) > probability ? lower : upper) = middle;
  }
  return math::sqrt(lower * upper);
}

double same_probability(double dof, double deviations, double to) {
  constexpr double kQuarter = 0.25;
  const double tail = student_t_tail(dof, deviations);
  if (tail <= kQuarter) return student_t_deviations(to, tail);
  const double centre = BetaPoint(dof, deviations).centre();
  double upper = student_t_deviations(to, kQuarter), lower = upper;
  while (BetaPoint(to, lower).centre() > centre) lower *= kQuarter;
  while (upper > lower * (1.0 + 0x1p-45)) {
    const double middle = math::sqrt(lower * upper);
    (BetaPoint(to, middle).centre() < centre ? lower : upper) = middle;
  }
  return math::sqrt(lower * upper);
}

}  // namespace tailbit
