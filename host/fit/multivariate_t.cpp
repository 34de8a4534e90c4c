// The multivariate t law and the t copula of host/fit/dependence.hpp.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <stdexcept>

#include <Eigen/Cholesky>

#include "host/fit/dependence.hpp"
#include "host/fit/distributions.hpp"
#include "host/fit/goodness.hpp"
#include "host/fit/nearest_correlation.hpp"
#include "host/fit/seen_rows.hpp"
#include "tailbit/math/cholesky.hpp"

namespace tailbit::fit {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kLeastDof = 2.01, kMostDof = 1e4;

// ln of the density of a multivariate t at a squared distance, but for the determinant of the scatter matrix.
double log_radial_density(double square, double dimensions, double dof) {
  return std::lgamma(0.5 * (dof + dimensions)) - std::lgamma(0.5 * dof) -
         0.5 * dimensions * std::log(dof * std::numbers::pi) - 0.5 * (dof + dimensions) * std::log1p(square / dof);
}

struct BestDof {
  double dof, error, log_likelihood;
};

// Where a likelihood of the degrees of freedom is greatest: golden sections of ln(dof), and the curvature there.
template <class Likelihood>
BestDof best_dof(Likelihood&& likelihood) {
  constexpr double kGolden = 0.61803398874989485;
  double low = std::log(kLeastDof), high = std::log(kMostDof);
  double a = high - kGolden * (high - low), b = low + kGolden * (high - low);
  double at_a = likelihood(std::exp(a)), at_b = likelihood(std::exp(b));
  while (high - low > 1e-6) {
    if (at_a >= at_b) {
      high = b;
      b = a;
      at_b = at_a;
      a = high - kGolden * (high - low);
      at_a = likelihood(std::exp(a));
    } else {
      low = a;
      a = b;
      at_a = at_b;
      b = low + kGolden * (high - low);
      at_b = likelihood(std::exp(b));
    }
  }
  const double dof = std::exp(0.5 * (low + high)), step = 0.01 * (dof - 2.0), centre = likelihood(dof);
  const double curvature = (likelihood(dof + step) - 2.0 * centre + likelihood(dof - step)) / (step * step);
  return {dof, curvature < 0.0 ? 1.0 / std::sqrt(-curvature) : std::numeric_limits<double>::quiet_NaN(), centre};
}

// Location and scatter so far, and the step of the algorithm that betters them.
class Ecme {
 public:
  explicit Ecme(const Rows& series) : seen_(series), n_(static_cast<Index>(series.size())) {
    location_ = VectorXd::Zero(n_);
    scatter_ = MatrixXd::Zero(n_, n_);
    for (std::size_t i = 0; i < series.size(); ++i) {
      const std::vector<double> values = without_gaps(series[i]);
      if (values.size() < 20 || all_alike(values))
        throw std::invalid_argument("fit_multivariate_t: a series has fewer than 20 values, or they are all alike");
      location_[static_cast<Index>(i)] = mean_of(values);
      scatter_(static_cast<Index>(i), static_cast<Index>(i)) = variance_of(values);
    }
  }

  MultivariateTFit fit() {
    constexpr std::size_t kMostIterations = 2'000;
    constexpr double kSettled = 1e-10;  // of the likelihood, relative
    MultivariateTFit out;
    double before = -std::numeric_limits<double>::infinity();
    for (out.iterations = 1; out.iterations <= kMostIterations && !out.converged; ++out.iterations) {
      measure();
      const BestDof best = best_dof([&](double dof) { return log_likelihood(dof); });
      out.dof = best.dof;
      out.dof_error = best.error;
      out.log_likelihood = best.log_likelihood;
      out.converged = best.log_likelihood - before <= kSettled * std::abs(best.log_likelihood);
      before = best.log_likelihood;
      if (!out.converged) better(best.dof);
    }
    out.observations = squares_.size();
    out.correlation.assign(static_cast<std::size_t>(n_), std::vector<double>(static_cast<std::size_t>(n_), 1.0));
    for (Index i = 0; i < n_; ++i) {
      for (Index j = 0; j < i; ++j) {
        const double rho = scatter_(i, j) / std::sqrt(scatter_(i, i) * scatter_(j, j));
        out.correlation[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] = rho;
        out.correlation[static_cast<std::size_t>(j)][static_cast<std::size_t>(i)] = rho;
      }
    }
    return out;
  }

 private:
  struct Distance {
    double square, dimensions;
  };

  // Of all rows: squared distances, and the logarithm of the determinants.
  void measure() {
    squares_.clear();
    half_log_determinants_ = 0.0;
    for (const SeenRows::Pattern& pattern : seen_.patterns()) {
      const Eigen::LLT<MatrixXd> factor(scatter_(pattern.there, pattern.there));
      const MatrixXd lower = factor.matrixL();
      half_log_determinants_ += static_cast<double>(pattern.rows.size()) * lower.diagonal().array().log().sum();
      for (const VectorXd& row : pattern.rows) {
        const VectorXd off = factor.matrixL().solve(row - location_(pattern.there));
        squares_.push_back({off.squaredNorm(), static_cast<double>(row.size())});
      }
    }
  }

  double log_likelihood(double dof) const {
    double sum = -half_log_determinants_;
    for (const Distance& d : squares_) sum += log_radial_density(d.square, d.dimensions, dof);
    return sum;
  }

  // Expectation of weighted rows, what is missing given what is there; then the means that these make.
  void better(double dof) {
    double weights = 0.0;
    VectorXd sum = VectorXd::Zero(n_);
    MatrixXd products = MatrixXd::Zero(n_, n_), spread = MatrixXd::Zero(n_, n_);
    std::size_t next = 0;
    for (const SeenRows::Pattern& pattern : seen_.patterns()) {
      MatrixXd regression;  // of what is missing on what is there
      if (!pattern.missing.empty()) {
        const MatrixXd inner = scatter_(pattern.there, pattern.there);
        const MatrixXd across = scatter_(pattern.missing, pattern.there);
        regression = Eigen::LLT<MatrixXd>(inner).solve(across.transpose()).transpose();
        const MatrixXd left = scatter_(pattern.missing, pattern.missing) - regression * across.transpose();
        const double count = static_cast<double>(pattern.rows.size());
        for (Index i = 0; i < left.rows(); ++i) {
          for (Index j = 0; j < left.cols(); ++j) {
            spread(pattern.missing[static_cast<std::size_t>(i)], pattern.missing[static_cast<std::size_t>(j)]) +=
                count * left(i, j);
          }
        }
      }
      for (const VectorXd& row : pattern.rows) {
        const Distance& d = squares_[next++];
        const double weight = (dof + d.dimensions) / (dof + d.square);
        VectorXd whole = VectorXd::Zero(n_);  // from the location
        const VectorXd off = row - location_(pattern.there);
        whole(pattern.there) = off;
        if (!pattern.missing.empty()) whole(pattern.missing) = regression * off;
        weights += weight;
        sum += weight * whole;
        products += weight * whole * whole.transpose();
      }
    }
    const VectorXd moved = sum / weights;
    location_ += moved;
    scatter_ = (products + spread) / weights - moved * moved.transpose();
  }

  SeenRows seen_;
  Index n_;
  VectorXd location_;
  MatrixXd scatter_;
  std::vector<Distance> squares_;  // [rows], pattern by pattern
  double half_log_determinants_ = 0.0;
};

double kendall_tau(const std::vector<double>& x, const std::vector<double>& y) {
  std::int64_t concordant = 0;
  const std::size_t n = x.size();
  for (std::size_t i = 1; i < n; ++i) {
    std::int64_t sum = 0;
    for (std::size_t j = 0; j < i; ++j) {
      const double product = (x[i] - x[j]) * (y[i] - y[j]);
      sum += (product > 0.0) - (product < 0.0);
    }
    concordant += sum;
  }
  return static_cast<double>(concordant) / (0.5 * static_cast<double>(n) * static_cast<double>(n - 1));
}

// From 0; ties in the order of time.
std::vector<std::size_t> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size()), ranks(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  for (std::size_t i = 0; i < order.size(); ++i) ranks[order[i]] = i;
  return ranks;
}

Rows whole_rows(const Rows& series) {
  Rows out(series.size());
  for (std::size_t t = 0; t < series.front().size(); ++t) {
    if (std::any_of(series.begin(), series.end(), [&](const auto& values) { return std::isnan(values[t]); })) continue;
    for (std::size_t i = 0; i < series.size(); ++i) out[i].push_back(series[i][t]);
  }
  return out;
}

}  // namespace

MultivariateTFit fit_multivariate_t(const Rows& series) { return Ecme(series).fit(); }

std::optional<TCopulaFit> fit_t_copula(const Rows& series) {
  constexpr std::size_t kFewestRows = 50;
  if (series.size() < 2) return std::nullopt;
  const Rows whole = whole_rows(series);
  const std::size_t n = whole.front().size(), m = whole.size();
  if (n < kFewestRows) return std::nullopt;
  TCopulaFit out;
  out.observations = n;
  out.correlation.assign(m, std::vector<double>(m, 1.0));
  std::vector<std::vector<std::size_t>> ranks;
  for (std::size_t i = 0; i < m; ++i) {
    ranks.push_back(ranks_of(whole[i]));
    for (std::size_t j = 0; j < i; ++j) {
      const double rho = std::sin(0.5 * std::numbers::pi * kendall_tau(whole[i], whole[j]));
      out.correlation[i][j] = out.correlation[j][i] = rho;
    }
  }
  Rows lower;
  if (!math::cholesky(out.correlation, lower)) {
    const auto nearest = nearest_correlation(out.correlation);
    if (!nearest) return std::nullopt;
    out.correlation = nearest->matrix;
  }
  MatrixXd matrix(static_cast<Index>(m), static_cast<Index>(m));
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) matrix(static_cast<Index>(i), static_cast<Index>(j)) = out.correlation[i][j];
  }
  const Eigen::LLT<MatrixXd> factor(matrix);
  const MatrixXd root = factor.matrixL();
  const double half_log_determinant = root.diagonal().array().log().sum();
  const BestDof best = best_dof([&](double dof) {
    // Ranks are the same numbers in every series, so that their quantiles and densities are too.
    std::vector<double> quantiles(n), densities(n);
    for (std::size_t k = 0; k < n; ++k) {
      quantiles[k] = t_quantile((static_cast<double>(k) + 1.0) / (static_cast<double>(n) + 1.0), dof);
      densities[k] = log_t_density(quantiles[k], dof);
    }
    double sum = -static_cast<double>(n) * half_log_determinant;
    VectorXd row(static_cast<Index>(m));
    for (std::size_t t = 0; t < n; ++t) {
      for (std::size_t i = 0; i < m; ++i) {
        row[static_cast<Index>(i)] = quantiles[ranks[i][t]];
        sum -= densities[ranks[i][t]];
      }
      const double square = factor.matrixL().solve(row).squaredNorm();
      sum += log_radial_density(square, static_cast<double>(m), dof);
    }
    return sum;
  });
  out.dof = best.dof;
  out.dof_error = best.error;
  out.log_likelihood = best.log_likelihood;
  return out;
}

}  // namespace tailbit::fit
