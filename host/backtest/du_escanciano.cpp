#include "host/backtest/du_escanciano.hpp"

#include <cmath>

#include "host/backtest/exception_times.hpp"
#include "host/fit/distributions.hpp"

namespace tailbit::backtest {
namespace {

// H where it is not 0, which it is on most days; days rise.
struct Violation {
  std::uint64_t day;
  double size;
};

class Statistics {
 public:
  Statistics(std::uint64_t days, double p) : days_(days), p_(p) {}

  double unconditional(const std::vector<Violation>& violations) const {
    double sum = 0.0;
    for (const Violation& v : violations) sum += v.size;
    const auto n = static_cast<double>(days_);
    return std::sqrt(n) * (sum / n - 0.5 * p_) / std::sqrt(p_ * (1.0 / 3.0 - 0.25 * p_));
  }

  double conditional(const std::vector<Violation>& violations) const {
    const double variance = covariance(violations, 0);
    double sum = 0.0;
    for (std::uint64_t lag = 1; lag <= kAutocorrelations; ++lag) {
      const double correlation = covariance(violations, lag) / variance;
      sum += correlation * correlation;
    }
    return static_cast<double>(days_) * sum;
  }

 private:
  // Mean of (H_t - p/2) (H_(t - lag) - p/2), multiplied out, since most H are 0.
  double covariance(const std::vector<Violation>& violations, std::uint64_t lag) const {
    double products = 0.0, singles = 0.0;
    std::size_t earlier = 0;
    for (const Violation& v : violations) {
      if (v.day >= lag) singles += v.size;
      if (v.day + lag < days_) singles += v.size;
      while (violations[earlier].day + lag < v.day) ++earlier;
      if (violations[earlier].day + lag == v.day) products += v.size * violations[earlier].size;
    }
    return (products - 0.5 * p_ * singles) / static_cast<double>(days_ - lag) + 0.25 * p_ * p_;
  }

  std::uint64_t days_;
  double p_;
};

}  // namespace

CumulativeViolations cumulative_violations(const std::vector<double>& u, double p, const Simulations& simulations) {
  const Statistics statistics(u.size(), p);
  std::vector<Violation> violations;
  for (std::size_t i = 0; i < u.size(); ++i) {
    if (u[i] < p) violations.push_back({i, (p - u[i]) / p});
  }
  const double unconditional = statistics.unconditional(violations), conditional = statistics.conditional(violations);

  const ExceptionTimes times(p, u.size());
  std::uint64_t extreme_unconditional = 0, extreme_conditional = 0;
  for (std::uint64_t s = 0; s < simulations.count; ++s) {
    Uniforms uniforms(simulations.seed, Purpose::pit, s);
    violations.clear();
    times.draw(uniforms, [&](std::uint64_t day) { violations.push_back({day, uniforms.next()}); });
    extreme_unconditional += std::abs(statistics.unconditional(violations)) >= std::abs(unconditional);
    extreme_conditional += statistics.conditional(violations) >= conditional;
  }
  return {{unconditional, fit::two_sided_normal_tail(unconditional),
           simulated_p_value(extreme_unconditional, simulations.count)},
          {conditional, fit::chi_square_tail(conditional, kAutocorrelations),
           simulated_p_value(extreme_conditional, simulations.count)}};
}

}  // namespace tailbit::backtest
