#include "host/fit/markov_chain.hpp"

namespace tailbit {
namespace {

using Matrix = std::vector<std::vector<double>>;

// The states that the chain stays in once it is there, if there is one such class; else none.
std::vector<std::size_t> closed_class(const Matrix& transition) {
  const std::size_t n = transition.size();
  std::vector<std::vector<bool>> reaches(n, std::vector<bool>(n, false));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) reaches[i][j] = i == j || transition[i][j] > 0.0;
  }
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) reaches[i][j] = reaches[i][j] || (reaches[i][k] && reaches[k][j]);
    }
  }
  // States that every state reaches.
  std::vector<std::size_t> closed;
  for (std::size_t j = 0; j < n; ++j) {
    bool by_all = true;
    for (std::size_t i = 0; i < n; ++i) by_all = by_all && reaches[i][j];
    if (by_all) closed.push_back(j);
  }
  return closed;
}

// By the elimination of Grassmann, Taksar and Heyman, see markov_chain.hpp.
std::vector<double> irreducible_probabilities(Matrix transition) {
  const std::size_t n = transition.size();
  std::vector<double> leaves(n, 1.0);  // [k] probability of leaving k for a state before it
  for (std::size_t k = n - 1; k > 0; --k) {
    double sum = 0.0;
    for (std::size_t j = 0; j < k; ++j) sum += transition[k][j];
    leaves[k] = sum;
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) transition[i][j] += transition[i][k] * transition[k][j] / sum;
    }
  }
  std::vector<double> probabilities(n, 0.0);
  probabilities[0] = 1.0;
  double total = 1.0;
  for (std::size_t k = 1; k < n; ++k) {
    for (std::size_t i = 0; i < k; ++i) probabilities[k] += probabilities[i] * transition[i][k];
    probabilities[k] /= leaves[k];
    total += probabilities[k];
  }
  for (double& p : probabilities) p /= total;
  return probabilities;
}

}  // namespace

std::vector<double> long_run_probabilities(const Matrix& transition) {
  const std::vector<std::size_t> closed = closed_class(transition);
  if (closed.empty()) return {};
  Matrix within;
  for (const std::size_t i : closed) {
    std::vector<double>& row = within.emplace_back();
    for (const std::size_t j : closed) row.push_back(transition[i][j]);
  }
  const std::vector<double> of_closed = irreducible_probabilities(std::move(within));
  std::vector<double> probabilities(transition.size(), 0.0);
  for (std::size_t i = 0; i < closed.size(); ++i) probabilities[closed[i]] = of_closed[i];
  return probabilities;
}

std::vector<double> one_step_ahead(const std::vector<double>& now, const Matrix& transition) {
  std::vector<double> next(now.size(), 0.0);
  for (std::size_t from = 0; from < now.size(); ++from) {
    for (std::size_t to = 0; to < now.size(); ++to) next[to] += now[from] * transition[from][to];
  }
  return next;
}

}  // namespace tailbit
