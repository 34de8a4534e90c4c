#include "host/fit/maximum_likelihood.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include <Eigen/Cholesky>

namespace tailbit::fit {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using Point = std::vector<double>;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

struct Corner {
  Point at;
  double value;
};

class Simplex {
 public:
  Simplex(const Objective& objective, const Point& start, double size) : objective_(objective) {
    corners_.push_back(evaluated(start));
    for (std::size_t i = 0; i < start.size(); ++i) {
      Point at = start;
      at[i] += size;
      corners_.push_back(evaluated(at));
    }
  }

  // The best corner, once the simplex has shrunk to a point.
  Corner descend() {
    constexpr double kReflect = 1.0, kExpand = 2.0, kContract = 0.5;
    const std::size_t most = 500 * (corners_.size() - 1);
    for (std::size_t i = 0; i < most; ++i) {
      std::sort(corners_.begin(), corners_.end(), [](const Corner& a, const Corner& b) { return a.value < b.value; });
      if (is_small()) break;
      Corner& worst = corners_.back();
      const Corner reflected = beyond_centre(kReflect);
      if (reflected.value < corners_.front().value) {
        const Corner expanded = beyond_centre(kExpand);
        worst = expanded.value < reflected.value ? expanded : reflected;
      } else if (reflected.value < corners_[corners_.size() - 2].value) {
        worst = reflected;
      } else {
        const bool outside = reflected.value < worst.value;
        const Corner contracted = beyond_centre(outside ? kContract : -kContract);
        if (contracted.value < std::min(reflected.value, worst.value)) {
          worst = contracted;
        } else {
          shrink();
        }
      }
    }
    return *std::min_element(corners_.begin(), corners_.end(),
                             [](const Corner& a, const Corner& b) { return a.value < b.value; });
  }

 private:
  Corner evaluated(Point at) const {
    const double value = objective_(at);
    return {std::move(at), std::isfinite(value) ? value : std::numeric_limits<double>::max()};
  }

  // The worst corner's image at `factor` times its distance behind the centre of the others.
  Corner beyond_centre(double factor) const {
    const std::size_t n = corners_.size() - 1;
    Point at(n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      double centre = 0.0;
      for (std::size_t c = 0; c < n; ++c) centre += corners_[c].at[i];
      centre /= static_cast<double>(n);
      at[i] = centre + factor * (centre - corners_.back().at[i]);
    }
    return evaluated(std::move(at));
  }

  void shrink() {
    for (std::size_t c = 1; c < corners_.size(); ++c) {
      Point at = corners_[c].at;
      for (std::size_t i = 0; i < at.size(); ++i) at[i] = 0.5 * (at[i] + corners_.front().at[i]);
      corners_[c] = evaluated(std::move(at));
    }
  }

  bool is_small() const {
    constexpr double kClose = 1e-7, kFlat = 1e-10;
    double width = 0.0;
    for (const Corner& corner : corners_) {
      for (std::size_t i = 0; i < corner.at.size(); ++i)
        width = std::max(width, std::abs(corner.at[i] - corners_.front().at[i]));
    }
    const double best = corners_.front().value;
    return width < kClose || (width < 1e-4 && corners_.back().value - best <= kFlat * (1e-3 + std::abs(best)) * 1e-3);
  }

  const Objective& objective_;
  std::vector<Corner> corners_;
};

double difference_step(double x, double relative) { return relative * std::max(1.0, std::abs(x)); }

// Gradients of the observations: [parameters][observations].
Rows scores(const LogLikelihoods& likelihoods, const Point& at) {
  Rows out;
  Point moved = at;
  std::vector<double> above, below;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const double step = difference_step(at[i], 1e-5);
    moved[i] = at[i] + step;
    likelihoods(moved, above);
    moved[i] = at[i] - step;
    likelihoods(moved, below);
    moved[i] = at[i];
    for (std::size_t t = 0; t < above.size(); ++t) above[t] = (above[t] - below[t]) / (2.0 * step);
    out.push_back(above);
  }
  return out;
}

MatrixXd hessian(const Objective& objective, const Point& at) {
  const auto n = static_cast<Eigen::Index>(at.size());
  MatrixXd out(n, n);
  Point moved = at;
  const auto value = [&](std::size_t i, double by_i, std::size_t j, double by_j) {
    moved[i] += by_i;
    moved[j] += by_j;
    const double result = objective(moved);
    moved[i] = at[i];
    moved[j] = at[j];
    return result;
  };
  for (std::size_t i = 0; i < at.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const double a = difference_step(at[i], 2e-4), b = difference_step(at[j], 2e-4);
      const double mixed = value(i, a, j, b) - value(i, a, j, -b) - value(i, -a, j, b) + value(i, -a, j, -b);
      out(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = mixed / (4.0 * a * b);
      out(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(i)) = mixed / (4.0 * a * b);
    }
  }
  return out;
}

MatrixXd outer_products(const Rows& gradients) {
  const auto n = static_cast<Eigen::Index>(gradients.size());
  MatrixXd outer(n, n);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    for (std::size_t j = 0; j < gradients.size(); ++j) {
      outer(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
          std::inner_product(gradients[i].begin(), gradients[i].end(), gradients[j].begin(), 0.0);
    }
  }
  return outer;
}

// Of the parameters without bounds; empty where the curvature is not that of a maximum.
Rows covariance_at(const LogLikelihoods& likelihoods, const Objective& negative, const Point& at) {
  const auto n = static_cast<Eigen::Index>(at.size());
  const bool curved = at.size() <= kMostForCurvature;
  const MatrixXd outer = outer_products(scores(likelihoods, at));
  const MatrixXd bread = curved ? hessian(negative, at) : outer;
  const Eigen::LLT<MatrixXd> factored(bread);
  if (!bread.allFinite() || factored.info() != Eigen::Success) return {};
  const MatrixXd covariance =
      curved ? MatrixXd(factored.solve(factored.solve(outer).transpose())) : factored.solve(MatrixXd::Identity(n, n));
  Rows rows(at.size(), Point(at.size()));
  for (std::size_t i = 0; i < at.size(); ++i) {
    for (std::size_t j = 0; j < at.size(); ++j)
      rows[i][j] = covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
  }
  return rows;
}

}  // namespace

Optimum find_minimum(const Objective& objective, const std::vector<double>& start, double size) {
  constexpr int kMostRestarts = 20;
  constexpr double kEnough = 1e-9;
  Corner best = Simplex(objective, start, size).descend();
  for (int restart = 0; restart < kMostRestarts; ++restart) {
    // From the other side, and smaller: what has collapsed on the way opens again.
    size *= -0.5;
    Corner next = Simplex(objective, best.at, size).descend();
    const double gain = best.value - next.value;
    if (next.value < best.value) best = std::move(next);
    if (gain <= kEnough * (1.0 + std::abs(best.value)))
      return {best.at, best.value, best.value < std::numeric_limits<double>::max()};
  }
  return {best.at, best.value, false};
}

double MaximumLikelihood::bic() const {
  return std::log(static_cast<double>(observations)) * static_cast<double>(at.size()) - 2.0 * log_likelihood;
}

std::vector<double> delta_method(const NaturalParameters& natural, std::span<const double> at, const Rows& covariance) {
  const std::size_t n = at.size(), m = natural(at).size();
  if (covariance.size() != n) return std::vector<double>(m, kNothing);
  Rows jacobian;  // [parameters][natural]
  Point moved(at.begin(), at.end());
  for (std::size_t i = 0; i < n; ++i) {
    const double step = difference_step(at[i], 1e-5);
    moved[i] = at[i] + step;
    Point slope = natural(moved);
    moved[i] = at[i] - step;
    const Point below = natural(moved);
    moved[i] = at[i];
    for (std::size_t k = 0; k < m; ++k) slope[k] = (slope[k] - below[k]) / (2.0 * step);
    jacobian.push_back(std::move(slope));
  }
  std::vector<double> errors(m, 0.0);
  for (std::size_t k = 0; k < m; ++k) {
    double variance = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) variance += jacobian[i][k] * covariance[i][j] * jacobian[j][k];
    }
    errors[k] = variance >= 0.0 ? std::sqrt(variance) : kNothing;
  }
  return errors;
}

Optimum climb_by_scores(const LogLikelihoods& likelihoods, const std::vector<double>& start) {
  constexpr int kMostClimbs = 50, kMostHalvings = 12;
  constexpr double kNear = 1e-6;  // a square, in standard errors
  std::vector<double> each;
  const auto value = [&](const Point& at) {
    likelihoods(at, each);
    const double sum = std::accumulate(each.begin(), each.end(), 0.0);
    return std::isnan(sum) ? -std::numeric_limits<double>::infinity() : sum;
  };
  Optimum out{start, value(start), false};
  for (int climb = 0; climb < kMostClimbs && !out.converged; ++climb) {
    const Rows gradients = scores(likelihoods, out.at);
    VectorXd slope(static_cast<Eigen::Index>(start.size()));
    for (std::size_t i = 0; i < start.size(); ++i)
      slope[static_cast<Eigen::Index>(i)] = std::accumulate(gradients[i].begin(), gradients[i].end(), 0.0);
    const Eigen::LLT<MatrixXd> factored(outer_products(gradients));
    if (factored.info() != Eigen::Success || !slope.allFinite()) break;
    const VectorXd step = factored.solve(slope);
    out.converged = slope.dot(step) < kNear;
    double share = 1.0;
    bool risen = out.converged;
    for (int halving = 0; halving < kMostHalvings && !risen; ++halving, share *= 0.5) {
      Point next = out.at;
      for (std::size_t i = 0; i < next.size(); ++i) next[i] += share * step[static_cast<Eigen::Index>(i)];
      const double reached = value(next);
      risen = reached > out.value;
      if (risen) out = {std::move(next), reached, false};
    }
    if (!risen) break;
  }
  return out;
}

MaximumLikelihood at_maximum(const LogLikelihoods& likelihoods, const NaturalParameters& natural,
                             std::vector<double> at, bool converged) {
  std::vector<double> each;
  const Objective negative = [&](std::span<const double> there) {
    likelihoods(there, each);
    return -std::accumulate(each.begin(), each.end(), 0.0);
  };
  MaximumLikelihood out;
  out.at = std::move(at);
  out.converged = converged;
  out.log_likelihood = -negative(out.at);
  if (!std::isfinite(out.log_likelihood))
    throw std::invalid_argument("maximise_likelihood: the likelihood is finite nowhere");
  out.observations = each.size();
  out.natural = natural(out.at);
  out.standard_errors = delta_method(natural, out.at, covariance_at(likelihoods, negative, out.at));
  return out;
}

MaximumLikelihood maximise_likelihood(const LogLikelihoods& likelihoods, const NaturalParameters& natural,
                                      const Rows& starts) {
  std::vector<double> each;
  const Objective negative = [&](std::span<const double> at) {
    likelihoods(at, each);
    return -std::accumulate(each.begin(), each.end(), 0.0);
  };
  Optimum best;
  for (const Point& start : starts) {
    Optimum found = find_minimum(negative, start);
    if (best.at.empty() || found.value < best.value) best = std::move(found);
  }
  if (best.at.empty()) throw std::invalid_argument("maximise_likelihood: no start is given");
  return at_maximum(likelihoods, natural, best.at, best.converged);
}

}  // namespace tailbit::fit
