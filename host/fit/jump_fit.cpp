#include "host/fit/jump_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "host/fit/dependence.hpp"
#include "host/fit/distributions.hpp"
#include "host/fit/goodness.hpp"

namespace tailbit::fit {
namespace {

// Of a period, with a count of jumps of mean `count`.
struct Mixture {
  double mean, deviation, count, jump_mean, jump_deviation;

  // P(k jumps) times the density given k.
  std::array<double, kMostJumps + 1> parts(double x) const {
    std::array<double, kMostJumps + 1> out;
    double probability = std::exp(-count);
    for (int k = 0; k <= kMostJumps; ++k) {
      const double scale = std::hypot(deviation, std::sqrt(static_cast<double>(k)) * jump_deviation);
      const double z = (x - mean - k * jump_mean) / scale;
      out[static_cast<std::size_t>(k)] = probability * std::exp(log_normal_density(z)) / scale;
      probability *= count / (k + 1);
    }
    return out;
  }
  double density(double x) const {
    double sum = 0.0;
    for (const double part : parts(x)) sum += part;
    return sum;
  }
};

double sample_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  return pairwise_correlation({a, b}, 2).matrix[0][1];
}

}  // namespace

JumpFit fit_jumps(std::span<const double> returns, double years) {
  const std::vector<double> there = without_gaps(returns);
  if (there.size() < 100 || all_alike(there))
    throw std::invalid_argument("fit_jumps: a hundred returns or more are needed that are not all alike");
  const double unit = std::sqrt(variance_of(there));
  // Without bounds, in deviations of the returns: means, and logarithms of deviations and of the mean count.
  const auto mixture = [](std::span<const double> p) {
    return Mixture{p[0], std::exp(p[1]), std::min(std::exp(p[2]), 1.0), p[3], std::exp(p[4])};
  };
  const NaturalParameters natural = [&](std::span<const double> p) {
    const Mixture m = mixture(p);
    return std::vector<double>{unit * m.mean, unit * m.deviation / std::sqrt(years), m.count / years,
                               unit * m.jump_mean, unit * m.jump_deviation};
  };
  const LogLikelihoods likelihoods = [&](std::span<const double> p, std::vector<double>& each) {
    const Mixture m = mixture(p);
    each.resize(there.size());
    for (std::size_t i = 0; i < there.size(); ++i) each[i] = std::log(m.density(there[i] / unit)) - std::log(unit);
  };
  const Rows starts{{0.0, std::log(0.6), std::log(0.1), -0.3, std::log(1.8)},
                    {0.0, std::log(0.9), std::log(0.01), -1.0, std::log(4.0)}};
  JumpFit out;
  out.likelihood = maximise_likelihood(likelihoods, natural, starts);
  const std::vector<double>& found = out.likelihood.natural;
  out.mean = found[0];
  out.vol = found[1];
  out.intensity = found[2];
  out.jump_mean = found[3];
  out.jump_deviation = found[4];
  const Mixture m = mixture(out.likelihood.at);
  for (const double r : returns) {
    const double x = r / unit;
    out.probabilities.push_back(std::isnan(x) ? x : 1.0 - m.parts(x)[0] / m.density(x));
  }
  return out;
}

CommonJumps common_jumps(const Rows& series, const std::vector<JumpDiffusion>& fits, double years) {
  const std::size_t n = series.size();
  CommonJumps out;
  std::vector<std::size_t> jumps(n, 0), shared(n, 0);
  for (std::size_t t = 0; n > 0 && t < series.front().size(); ++t) {
    std::size_t struck = 0, there = 0;
    for (std::size_t i = 0; i < n; ++i) {
      struck += fits[i].probabilities[t] > 0.5;
      there += !std::isnan(series[i][t]);
    }
    out.watched += there == n;
    const bool in_common = struck >= 2 && there == n;
    if (in_common) out.periods.push_back(t);
    for (std::size_t i = 0; i < n; ++i) {
      const bool jumped = fits[i].probabilities[t] > 0.5;
      jumps[i] += jumped;
      shared[i] += jumped && in_common;
    }
  }
  // None jumps, or one alone, if they were independent.
  double none = 1.0, odds = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double all = static_cast<double>(without_gaps(series[i]).size());
    const double probability = all > 0.0 ? static_cast<double>(jumps[i]) / all : 0.0;
    none *= 1.0 - probability;
    odds += probability / (1.0 - probability);
  }
  out.expected_by_chance = static_cast<double>(out.watched) * (1.0 - none * (1.0 + odds));
  Rows& sizes = out.sizes;
  sizes.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (const std::size_t t : out.periods) sizes[i].push_back(series[i][t] - fits[i].mean);
    out.shares.push_back(jumps[i] == 0 ? 0.0 : static_cast<double>(shared[i]) / static_cast<double>(jumps[i]));
    const bool enough = out.periods.size() >= 2;
    const double diffused = fits[i].vol * fits[i].vol * years;
    out.means.push_back(out.periods.empty() ? 0.0 : mean_of(sizes[i]));
    out.deviations.push_back(enough ? std::sqrt(std::max(variance_of(sizes[i]) - diffused, 0.0)) : 0.0);
  }
  if (out.periods.size() < kFewestForCorrelation) return out;
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) sum += sample_correlation(sizes[i], sizes[j]);
  }
  out.correlation = std::clamp(sum / (0.5 * static_cast<double>(n * (n - 1))), 0.0, 1.0);
  return out;
}

}  // namespace tailbit::fit
