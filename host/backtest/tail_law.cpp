#include "host/backtest/tail_law.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "host/compile/student_t_tail.hpp"
#include "host/fit/distributions.hpp"
#include "tailbit/math/normal.hpp"

namespace tailbit::backtest {
namespace {

// The loss that is exceeded with probability q, of mean 0 and variance 1.
double loss_at(double dof, double q) {
  return dof == kNormalDof ? -math::normal_inverse_cdf(q) : student_t_deviations(dof, q);
}

// ln of that loss by Newton's method from a guess nearby: ln of the tail's probability is all but straight in it.
double log_t_loss_near(double dof, double q, double guess) {
  for (int i = 0; i < 8; ++i) {
    const double loss = std::exp(guess), tail = student_t_tail(dof, loss);
    const double step = std::log(tail / q) * tail / (loss * std::exp(fit::log_unit_t_density(loss, dof)));
    guess += step;
    if (std::abs(step) < 1e-10) break;
  }
  return guess;
}

// Mean of the losses beyond `var`, which is exceeded with probability p (McNeil, Frey and Embrechts 2015,
// section 2.3.2).
double mean_beyond(double dof, double p, double var) {
  if (dof == kNormalDof) return math::normal_density(var) / p;
  const double tail = var * var + dof - 2.0;  // (dof - 2) / dof times dof plus the square of the unscaled quantile
  return std::exp(fit::log_unit_t_density(var, dof)) / p * tail / (dof - 1.0);
}

}  // namespace

TailLaw::TailLaw(double dof, double p) : var_(loss_at(dof, p)), es_(mean_beyond(dof, p, var_)), log_loss_() {
  for (std::size_t i = 0; i < kNodes; ++i) {
    const double q = p * std::exp((1.0 - static_cast<double>(i)) / kStepsPerUnit);
    log_loss_[i] = dof == kNormalDof || i < 2 ? std::log(loss_at(dof, q))
                                              : log_t_loss_near(dof, q, 2.0 * log_loss_[i - 1] - log_loss_[i - 2]);
  }
}

double TailLaw::excess(double v) const {
  const double at = -std::log(v) * kStepsPerUnit;
  const std::size_t i = std::min(static_cast<std::size_t>(std::max(at, 0.0)), kNodes - 4);
  const double t = at - static_cast<double>(i);
  // Lagrange's cubic through the nodes around it.
  const double a = log_loss_[i], b = log_loss_[i + 1], c = log_loss_[i + 2], d = log_loss_[i + 3];
  const double log_loss = -a * t * (t - 1.0) * (t - 2.0) / 6.0 + b * (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0 -
                          c * (t + 1.0) * t * (t - 2.0) / 2.0 + d * (t + 1.0) * t * (t - 1.0) / 6.0;
  return std::max(0.0, (std::exp(log_loss) - var_) / (es_ - var_));
}

}  // namespace tailbit::backtest
