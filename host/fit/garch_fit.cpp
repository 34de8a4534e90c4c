#include "host/fit/garch_fit.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "host/fit/distributions.hpp"
#include "host/fit/goodness.hpp"

namespace tailbit::fit {
namespace {

constexpr double kNoError = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kFewestReturns = 50;
// A persistence above this is taken for 1 and held there.
constexpr double kAsGoodAsOne = 1.0 - 1e-4;

double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double logit(double p) { return std::log(p / (1.0 - p)); }

double first_variance(std::span<const double> returns, double mean) {
  constexpr double kDecay = 0.94;
  constexpr std::size_t kMost = 75;
  double weight = 1.0, weights = 0.0, sum = 0.0;
  for (std::size_t t = 0; t < returns.size() && t < kMost; ++t, weight *= kDecay) {
    if (std::isnan(returns[t])) continue;
    sum += weight * (returns[t] - mean) * (returns[t] - mean);
    weights += weight;
  }
  return weights > 0.0 ? sum / weights : variance_of(without_gaps(returns));
}

// Calls `visit` with the index, deviation and variance of each return; returns the forecast.
template <class Visit>
double walk(std::span<const double> returns, const GarchParameters& p, Visit&& visit) {
  const double mean_share = p.persistence();
  double variance = p.alpha == 0.0 && p.beta == 0.0 ? p.omega : first_variance(returns, p.mean);
  for (std::size_t t = 0; t < returns.size(); ++t) {
    const double e = returns[t] - p.mean;
    visit(t, e, variance);
    if (std::isnan(e)) {
      variance = p.omega + mean_share * variance;
    } else {
      variance = p.omega + (p.alpha + (e < 0.0 ? p.gamma : 0.0)) * e * e + p.beta * variance;
    }
  }
  return variance;
}

// Parameters without bounds and back, of returns with a standard deviation of 1:
//   mean; ln omega; logit of the persistence, unless it is held at 1; logits of the shares in the persistence of beta,
//   and of falls in what is left; logit of 2 / dof.
class GarchScale {
 public:
  GarchScale(GarchKind kind, bool student_t, bool integrated)
      : kind_(kind), student_t_(student_t), integrated_(integrated) {}

  GarchParameters natural(std::span<const double> p) const {
    std::size_t next = 0;
    GarchParameters out;
    out.mean = p[next++];
    if (kind_ != GarchKind::ewma) out.omega = std::exp(p[next++]);
    if (kind_ != GarchKind::constant) {
      const bool held = integrated_ || kind_ == GarchKind::ewma;
      const double persistence = held ? 1.0 : logistic(p[next++]);
      const double beta_share = logistic(p[next++]);
      out.beta = persistence * beta_share;
      const double shocks = persistence - out.beta;
      const double falls = kind_ == GarchKind::gjr ? logistic(p[next++]) : 0.5;
      out.alpha = 2.0 * shocks * (1.0 - falls);
      out.gamma = 2.0 * shocks * (2.0 * falls - 1.0);
    }
    if (student_t_) out.dof = std::min(2.0 / logistic(p[next++]), 1e4);
    return out;
  }

  std::vector<double> start(double omega, double persistence, double beta_share, double falls, double dof) const {
    std::vector<double> out{0.0};
    if (kind_ != GarchKind::ewma) out.push_back(std::log(omega));
    if (kind_ != GarchKind::constant) {
      if (!integrated_ && kind_ != GarchKind::ewma) out.push_back(logit(persistence));
      out.push_back(logit(beta_share));
      if (kind_ == GarchKind::gjr) out.push_back(logit(falls));
    }
    if (student_t_) out.push_back(logit(2.0 / dof));
    return out;
  }

  Rows starts() const {
    if (kind_ == GarchKind::constant) return {start(0.9, 0.0, 0.0, 0.5, 4.0)};
    return {start(0.02, 0.97, 0.93, 0.5, 5.0), start(0.1, 0.9, 0.88, 0.55, 4.0), start(0.005, 0.995, 0.95, 0.5, 3.5)};
  }

  // Of a fit: `natural` backwards, kept off the bounds.
  std::vector<double> start_at(const GarchParameters& p, double unit) const {
    const auto inside = [](double share) { return std::clamp(share, 1e-4, 1.0 - 1e-4); };
    const double persistence = std::max(p.persistence(), 1e-4);
    const double shocks = std::max(persistence - p.beta, 1e-9);
    std::vector<double> out =
        start(std::max(p.omega / (unit * unit), 1e-8), inside(persistence), inside(p.beta / persistence),
              inside(0.5 * (p.alpha + p.gamma) / shocks), std::clamp(p.dof, 2.01, 5e3));
    out[0] = p.mean / unit;
    return out;
  }

 private:
  GarchKind kind_;
  bool student_t_, integrated_;
};

std::vector<double> as_list(const GarchParameters& p) { return {p.mean, p.omega, p.alpha, p.gamma, p.beta, p.dof}; }
GarchParameters from_list(const std::vector<double>& p) { return {p[0], p[1], p[2], p[3], p[4], p[5]}; }

GarchParameters scaled(GarchParameters p, double unit) {
  p.mean *= unit;
  p.omega *= unit * unit;
  return p;
}

// One search, with the persistence free or held at 1.
GarchFit search(std::span<const double> returns, GarchKind kind, bool student_t, bool integrated,
                const GarchFit* warm) {
  const std::vector<double> there = without_gaps(returns);
  if (there.size() < kFewestReturns || all_alike(there))
    throw std::invalid_argument("fit_garch: fifty returns or more are needed that are not all alike");
  const double unit = std::sqrt(variance_of(there));
  std::vector<double> standard(returns.begin(), returns.end());
  for (double& r : standard) r /= unit;
  const GarchScale scale(kind, student_t, integrated);
  const NaturalParameters natural = [&](std::span<const double> p) { return as_list(scaled(scale.natural(p), unit)); };
  const LogLikelihoods likelihoods = [&](std::span<const double> at, std::vector<double>& each) {
    const GarchParameters p = scale.natural(at);
    const bool normal = std::isinf(p.dof);
    const double constant = log_unit_t_density(0.0, p.dof) - std::log(unit);
    each.clear();
    walk(standard, p, [&](std::size_t, double e, double variance) {
      if (std::isnan(e)) return;
      const double square = e * e / variance;
      const double tail = normal ? 0.5 * square : 0.5 * (p.dof + 1.0) * std::log1p(square / (p.dof - 2.0));
      each.push_back(constant - 0.5 * std::log(variance) - tail);
    });
  };
  const Rows starts = warm != nullptr ? Rows{scale.start_at(warm->parameters, unit)} : scale.starts();
  GarchFit out;
  out.kind = kind;
  out.integrated = integrated;
  out.likelihood = maximise_likelihood(likelihoods, natural, starts);
  out.parameters = from_list(out.likelihood.natural);
  if (!student_t) out.parameters.dof = std::numeric_limits<double>::infinity();
  out.errors = from_list(out.likelihood.standard_errors);
  return out;
}

// What a kind does not estimate has no error.
void blank_errors(GarchFit& fit, bool student_t) {
  GarchParameters& e = fit.errors;
  if (fit.kind == GarchKind::ewma) e.omega = kNoError;
  if (fit.kind == GarchKind::constant) e.alpha = e.beta = kNoError;
  if (fit.kind != GarchKind::gjr) e.gamma = kNoError;
  if (!student_t) e.dof = kNoError;
}

}  // namespace

GarchPath garch_path(std::span<const double> returns, const GarchParameters& parameters) {
  GarchPath out;
  const double forecast = walk(returns, parameters, [&](std::size_t, double e, double variance) {
    out.variances.push_back(variance);
    out.residuals.push_back(e / std::sqrt(variance));
  });
  out.variances.push_back(forecast);
  return out;
}

double GarchFit::forecast() const {
  std::size_t last = path.residuals.size();
  while (last > 0 && std::isnan(path.residuals[last - 1])) --last;
  return path.variances[last];
}

GarchFit fit_garch(std::span<const double> returns, GarchKind kind, bool student_t, const GarchFit* warm) {
  GarchFit out = search(returns, kind, student_t, false, warm);
  const bool may_integrate = kind == GarchKind::garch || kind == GarchKind::gjr;
  if (may_integrate && out.parameters.persistence() > kAsGoodAsOne) {
    out = search(returns, kind, student_t, true, warm != nullptr ? warm : &out);
  }
  if (kind == GarchKind::ewma) out.integrated = true;
  blank_errors(out, student_t);
  out.path = garch_path(returns, out.parameters);
  return out;
}

}  // namespace tailbit::fit
