#include "host/fit/kou_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "host/fit/goodness.hpp"
#include "host/fit/kou_density.hpp"

namespace tailbit::fit {
namespace {

// The logarithm of a mean count above this is taken for 0, and held there.
constexpr double kAsGoodAsBound = -1e-3;

}  // namespace

KouFit fit_kou_jumps(std::span<const double> returns, double years) {
  const std::vector<double> there = without_gaps(returns);
  if (there.size() < 100 || all_alike(there))
    throw std::invalid_argument("fit_kou_jumps: a hundred returns or more are needed that are not all alike");
  const double unit = std::sqrt(variance_of(there));
  // Without bounds, in deviations of the returns: the mean; the logarithm of the deviation; the logit of a rise;
  // logarithms of the mean sizes; the logarithm of the mean count, unless that is held at 1.
  const auto law = [](std::span<const double> p) {
    return KouLaw{p[0],
                  std::exp(p[1]),
                  p.size() > 5 ? std::min(std::exp(p[5]), 1.0) : 1.0,
                  1.0 / (1.0 + std::exp(-p[2])),
                  std::exp(p[3]),
                  std::exp(p[4])};
  };
  const NaturalParameters natural = [&](std::span<const double> p) {
    const KouLaw l = law(p);
    return std::vector<double>{unit * l.mean,
                               unit * l.deviation / std::sqrt(years),
                               l.count / years,
                               l.up_probability,
                               1.0 / (unit * l.up_mean),
                               1.0 / (unit * l.down_mean)};
  };
  const LogLikelihoods likelihoods = [&](std::span<const double> p, std::vector<double>& each) {
    const KouDensity density(law(p));
    each.resize(there.size());
    for (std::size_t i = 0; i < there.size(); ++i) each[i] = std::log(density.at(there[i] / unit)) - std::log(unit);
  };
  const Rows starts{{0.0, std::log(0.6), 0.0, std::log(1.2), std::log(1.3), std::log(0.15)},
                    {0.0, std::log(0.85), -0.3, std::log(2.0), std::log(3.0), std::log(0.02)}};
  KouFit out;
  out.likelihood = maximise_likelihood(likelihoods, natural, starts);
  if (out.likelihood.at.back() > kAsGoodAsBound) {
    std::vector<double> held = out.likelihood.at;
    held.pop_back();
    out.at_bound = true;
    out.likelihood = maximise_likelihood(likelihoods, natural, {held});
    out.likelihood.standard_errors[2] = std::numeric_limits<double>::quiet_NaN();
  }
  const std::vector<double>& found = out.likelihood.natural;
  out.mean = found[0];
  out.vol = found[1];
  out.intensity = found[2];
  out.sizes = {found[3], found[4], found[5]};
  const KouDensity density(law(out.likelihood.at));
  for (const double r : returns) {
    const double x = r / unit;
    out.probabilities.push_back(std::isnan(x) ? x : 1.0 - density.without_jump(x) / density.at(x));
  }
  return out;
}

KouSizes kou_sizes_of(std::span<const double> sizes, const KouSizes& otherwise) {
  if (sizes.empty()) return otherwise;
  double up = 0.0, down = 0.0, rises = 0.0;
  for (const double size : sizes) {
    (size > 0.0 ? up : down) += std::abs(size);
    rises += size > 0.0 ? 1.0 : 0.0;
  }
  const double count = static_cast<double>(sizes.size());
  return {rises / count, up > 0.0 ? rises / up : otherwise.up_rate,
          down > 0.0 ? (count - rises) / down : otherwise.down_rate};
}

}  // namespace tailbit::fit
