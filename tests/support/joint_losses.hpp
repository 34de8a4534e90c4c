// The exact law of a loss that is a function of two correlated normals, by numerical integration.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "tests/support/one_asset_book.hpp"

namespace tailbit::test {

// Columns at values of the first normal, 8/400 apart and summed by the trapezoidal rule; within a column the loss is
// linear between values of the second given the first, 8/500 apart, and the normal mass of each cell is exact. Off by
// 1e-4 of the loss's deviation at most where the loss has no kink (1/8 width^2 times its curvature).
class JointLosses {
 public:
  // loss(z1, z2), standard normals correlated by rho.
  JointLosses(const std::function<double(double, double)>& loss, double rho) {
    const double rest = std::sqrt(1.0 - rho * rho);
    for (int i = -kColumns; i <= kColumns; ++i) {
      const double z1 = kEdge * i / kColumns;
      weight_.push_back(phi(z1) * kEdge / kColumns);
      for (int j = -kCells; j <= kCells; ++j) loss_.push_back(loss(z1, rho * z1 + rest * kEdge * j / kCells));
    }
    for (int j = -kCells; j <= kCells; ++j) {
      below_.push_back(normal_below(kEdge * j / kCells));
      density_.push_back(phi(kEdge * j / kCells));
    }
  }
  double mean() const { return moment(1, 0.0); }
  double stdev() const { return std::sqrt(moment(2, mean())); }

  double beyond(double v) const {
    return over_cells([&](double a, double b, std::size_t j) {
      if (a <= v && b <= v) return 0.0;
      const double mass = below_[j + 1] - below_[j];
      return a > v && b > v ? mass : mass * (std::max(a, b) - v) / std::abs(a - b);
    });
  }
  // E[(L - v)+]
  double excess(double v) const {
    constexpr double kWidth = kEdge / kCells;
    return over_cells([&](double a, double b, std::size_t j) {
      if (a <= v && b <= v) return 0.0;
      if (a > v && b > v) return 0.5 * kWidth * ((a - v) * density_[j] + (b - v) * density_[j + 1]);
      const double most = std::max(a, b) - v;
      return 0.5 * kWidth * most * most / std::abs(a - b) * (a > b ? density_[j] : density_[j + 1]);
    });
  }
  ExactTail tail(double level) const {
    const auto [least, most] = std::minmax_element(loss_.begin(), loss_.end());
    double low = *least - 1.0, high = *most;
    for (int i = 0; i < 50; ++i) {
      const double middle = 0.5 * (low + high);
      (beyond(middle) > 1.0 - level ? low : high) = middle;
    }
    return {high, high + excess(high) / (1.0 - level)};
  }

 private:
  static constexpr int kColumns = 400, kCells = 500;
  static constexpr double kEdge = 8.0;
  template <class Cell>
  double over_cells(Cell&& cell) const {
    constexpr std::size_t kNodes = 2 * kCells + 1;
    double sum = 0.0;
    for (std::size_t i = 0; i < weight_.size(); ++i) {
      const double* loss = loss_.data() + i * kNodes;
      double column = 0.0;
      for (std::size_t j = 0; j + 1 < kNodes; ++j) column += cell(loss[j], loss[j + 1], j);
      sum += weight_[i] * column;
    }
    return sum;
  }
  double moment(int power, double centre) const {
    return over_cells([&](double a, double b, std::size_t j) {
      const double x = a - centre, y = b - centre;
      return 0.5 * kEdge / kCells * (std::pow(x, power) * density_[j] + std::pow(y, power) * density_[j + 1]);
    });
  }
  std::vector<double> weight_;           // [columns]
  std::vector<double> loss_;             // [columns][nodes]
  std::vector<double> below_, density_;  // [nodes]
};

}  // namespace tailbit::test
