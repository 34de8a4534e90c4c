#include "host/fit/hamilton_filter.hpp"

#include <algorithm>
#include <cmath>

#include "host/fit/markov_chain.hpp"

namespace tailbit::fit {

RegimePath hamilton_filter(const Rows& log_densities, const Rows& transition) {
  RegimePath out;
  std::vector<double> ahead = long_run_probabilities(transition);
  if (ahead.empty()) ahead.assign(transition.size(), 1.0 / static_cast<double>(transition.size()));
  for (const std::vector<double>& logs : log_densities) {
    out.ahead.push_back(ahead);
    std::vector<double> filtered = ahead;
    if (!logs.empty()) {
      const double most = *std::max_element(logs.begin(), logs.end());
      double sum = 0.0;
      for (std::size_t k = 0; k < logs.size(); ++k) sum += filtered[k] *= std::exp(logs[k] - most);
      for (double& probability : filtered) probability /= sum;
      out.log_likelihoods.push_back(most + std::log(sum));
    }
    ahead = one_step_ahead(filtered, transition);
    out.filtered.push_back(std::move(filtered));
  }
  out.ahead.push_back(std::move(ahead));
  return out;
}

SmoothedRegimes kim_smoother(const RegimePath& path, const Rows& transition) {
  const std::size_t n = path.filtered.size(), k = transition.size();
  SmoothedRegimes out{path.filtered, Rows(k, std::vector<double>(k, 0.0))};
  for (std::size_t t = n - 1; t-- > 0;) {
    std::vector<double>& here = out.probabilities[t];
    for (std::size_t i = 0; i < k; ++i) {
      double sum = 0.0;
      for (std::size_t j = 0; j < k; ++j) {
        const double move = path.filtered[t][i] * transition[i][j] * out.probabilities[t + 1][j] / path.ahead[t + 1][j];
        out.moves[i][j] += move;
        sum += move;
      }
      here[i] = sum;
    }
  }
  return out;
}

}  // namespace tailbit::fit
