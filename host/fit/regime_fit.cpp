#include "host/fit/regime_fit.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "host/fit/distributions.hpp"
#include "host/fit/goodness.hpp"

namespace tailbit::fit {
namespace {

constexpr double kSlowestLeave = 1e-6;  // of a state, per period

double log_density(double x, const RegimeParameters& p, std::size_t state) {
  return log_unit_t_density((x - p.means[state]) / p.deviations[state], p.dof) - std::log(p.deviations[state]);
}

// Without bounds and back: means and ln deviations over `unit`; logits of transitions against staying; logit of 2 /
// dof.
class RegimeScale {
 public:
  RegimeScale(std::size_t states, bool student_t, double unit) : k_(states), student_t_(student_t), unit_(unit) {}

  RegimeParameters natural(std::span<const double> p) const {
    RegimeParameters out;
    std::size_t next = 0;
    for (std::size_t i = 0; i < k_; ++i) out.means.push_back(unit_ * p[next++]);
    for (std::size_t i = 0; i < k_; ++i) out.deviations.push_back(unit_ * std::exp(p[next++]));
    for (std::size_t i = 0; i < k_; ++i) {
      std::vector<double> row(k_, 1.0);
      for (std::size_t j = 0; j < k_; ++j) {
        if (j != i) row[j] = std::exp(p[next++]);
      }
      const double sum = std::accumulate(row.begin(), row.end(), 0.0);
      for (double& entry : row) entry /= sum;
      out.transition.push_back(std::move(row));
    }
    if (student_t_) out.dof = std::min(2.0 * (1.0 + std::exp(-p[next])), 1e4);
    return out;
  }

  std::vector<double> free(const RegimeParameters& p) const {
    std::vector<double> out;
    for (const double mean : p.means) out.push_back(mean / unit_);
    for (const double deviation : p.deviations) out.push_back(std::log(deviation / unit_));
    for (std::size_t i = 0; i < k_; ++i) {
      for (std::size_t j = 0; j < k_; ++j) {
        if (j != i) out.push_back(std::log(std::max(p.transition[i][j], kSlowestLeave) / p.transition[i][i]));
      }
    }
    if (student_t_) out.push_back(-std::log(0.5 * p.dof - 1.0));
    return out;
  }

  // Means, deviations, transitions row by row, dof.
  static std::vector<double> listed(const RegimeParameters& p) {
    std::vector<double> out = p.means;
    out.insert(out.end(), p.deviations.begin(), p.deviations.end());
    for (const auto& row : p.transition) out.insert(out.end(), row.begin(), row.end());
    out.push_back(p.dof);
    return out;
  }
  RegimeParameters from_list(const std::vector<double>& list) const {
    RegimeParameters out;
    auto next = list.begin();
    const auto take = [&] {
      std::vector<double> part(next, next + static_cast<std::ptrdiff_t>(k_));
      next += static_cast<std::ptrdiff_t>(k_);
      return part;
    };
    out.means = take();
    out.deviations = take();
    for (std::size_t i = 0; i < k_; ++i) out.transition.push_back(take());
    out.dof = *next;
    return out;
  }

 private:
  std::size_t k_;
  bool student_t_;
  double unit_;
};

// States of equally many returns by their squares, which are left once in twenty periods.
RegimeParameters first_guess(const std::vector<double>& there, std::size_t states, bool student_t) {
  std::vector<double> squares;
  const double mean = mean_of(there);
  for (const double r : there) squares.push_back((r - mean) * (r - mean));
  std::sort(squares.begin(), squares.end());
  RegimeParameters out;
  const double all = std::accumulate(squares.begin(), squares.end(), 0.0) / static_cast<double>(squares.size());
  for (std::size_t i = 0; i < states; ++i) {
    // From half to twice the deviation of all.
    const double share = states == 1 ? 0.5 : static_cast<double>(i) / static_cast<double>(states - 1);
    out.means.push_back(mean);
    out.deviations.push_back(std::sqrt(all) * std::exp((2.0 * share - 1.0) * 0.6));
    std::vector<double> row(states, 0.05 / static_cast<double>(states - 1));
    row[i] = 0.95;
    out.transition.push_back(std::move(row));
  }
  if (student_t) out.dof = 6.0;
  return out;
}

// One step of the EM algorithm. Student's t is a normal law whose variance is mixed: weights (dof + 1) / (dof - 2 +
// z^2) of unit variance stand for what the mixing variables are expected to be; dof stays, and is left to the search.
RegimeParameters bettered(std::span<const double> returns, const RegimeParameters& p) {
  const RegimePath path = regime_path(returns, p);
  const SmoothedRegimes smoothed = kim_smoother(path, p.transition);
  RegimeParameters out = p;
  for (std::size_t k = 0; k < p.states(); ++k) {
    double weights = 0.0, counts = 0.0, sum = 0.0, squares = 0.0;
    const auto visit = [&](auto&& use) {
      for (std::size_t t = 0; t < returns.size(); ++t) {
        if (std::isnan(returns[t])) continue;
        const double z = (returns[t] - p.means[k]) / p.deviations[k];
        const double mixing = std::isinf(p.dof) ? 1.0 : (p.dof + 1.0) / (p.dof - 2.0 + z * z);
        use(returns[t], smoothed.probabilities[t][k], mixing);
      }
    };
    visit([&](double r, double probability, double mixing) {
      weights += probability * mixing;
      counts += probability;
      sum += probability * mixing * r;
    });
    out.means[k] = sum / weights;
    visit([&](double r, double probability, double mixing) {
      squares += probability * mixing * (r - out.means[k]) * (r - out.means[k]);
    });
    out.deviations[k] = std::max(std::sqrt(squares / counts), 1e-3 * p.deviations[k]);
    const double moves = std::accumulate(smoothed.moves[k].begin(), smoothed.moves[k].end(), 0.0);
    for (std::size_t j = 0; j < p.states(); ++j) out.transition[k][j] = smoothed.moves[k][j] / moves;
  }
  return out;
}

RegimeParameters by_rising_deviation(const RegimeParameters& p, const RegimeParameters& by) {
  std::vector<std::size_t> order(by.states());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return by.deviations[a] < by.deviations[b]; });
  RegimeParameters out;
  out.dof = p.dof;
  for (const std::size_t i : order) {
    out.means.push_back(p.means[i]);
    out.deviations.push_back(p.deviations[i]);
    std::vector<double> row;
    for (const std::size_t j : order) row.push_back(p.transition[i][j]);
    out.transition.push_back(std::move(row));
  }
  return out;
}

}  // namespace

RegimePath regime_path(std::span<const double> returns, const RegimeParameters& p) {
  Rows logs(returns.size());
  for (std::size_t t = 0; t < returns.size(); ++t) {
    for (std::size_t k = 0; k < p.states() && !std::isnan(returns[t]); ++k)
      logs[t].push_back(log_density(returns[t], p, k));
  }
  return hamilton_filter(logs, p.transition);
}

RegimeFit fit_regimes(std::span<const double> returns, std::size_t states, bool student_t) {
  constexpr std::size_t kMostStates = 4, kFewestAState = 100;
  constexpr int kMostSteps = 300;
  constexpr double kSettled = 1e-6;
  const std::vector<double> there = without_gaps(returns);
  if (states < 2 || states > kMostStates || there.size() < kFewestAState * states || all_alike(there))
    throw std::invalid_argument("fit_regimes: two to four states, and a hundred returns for each that are not alike");
  RegimeParameters p = first_guess(there, states, student_t);
  double before = -std::numeric_limits<double>::infinity();
  for (int step = 0; step < kMostSteps; ++step) {
    const std::vector<double> each = regime_path(returns, p).log_likelihoods;
    const double now = std::accumulate(each.begin(), each.end(), 0.0);
    if (now - before <= kSettled) break;
    before = now;
    p = bettered(returns, p);
  }
  const RegimeScale scale(states, student_t, std::sqrt(variance_of(there)));
  RegimeFit out;
  out.likelihood = maximise_likelihood(
      [&](std::span<const double> at, std::vector<double>& each) {
        each = regime_path(returns, scale.natural(at)).log_likelihoods;
      },
      [&](std::span<const double> at) { return RegimeScale::listed(scale.natural(at)); }, {scale.free(p)});
  const RegimeParameters found = scale.from_list(out.likelihood.natural);
  out.parameters = by_rising_deviation(found, found);
  out.errors = by_rising_deviation(scale.from_list(out.likelihood.standard_errors), found);
  out.path = regime_path(returns, out.parameters);
  return out;
}

}  // namespace tailbit::fit
