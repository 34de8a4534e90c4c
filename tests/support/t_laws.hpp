// Student-t laws with unit variance, and of sums of such variates, with the standard library's functions only.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tests/support/one_asset_book.hpp"

namespace tailbit::test {

// T sqrt((dof - 2) / dof), T Student-t.
class UnitT {
 public:
  explicit UnitT(double dof) : dof_(dof), unit_(std::sqrt((dof - 2.0) / dof)) {
    constant_ = std::exp(std::lgamma(0.5 * (dof + 1.0)) - std::lgamma(0.5 * dof)) / std::sqrt(std::acos(-1.0) * dof);
  }
  double density(double x) const { return standard_density(x / unit_) / unit_; }
  // With T = sqrt(dof) tan(angle) the density is proportional to cos(angle)^(dof - 1): Simpson's rule over the tail.
  double above(double x) const {
    if (x < 0.0) return 1.0 - above(-x);
    constexpr int kIntervals = 400;
    const double start = std::atan(x / unit_ / std::sqrt(dof_)), end = 0.5 * std::acos(-1.0);
    const double width = (end - start) / kIntervals;
    double sum = 0.0;
    for (int i = 0; i <= kIntervals; ++i) {
      const double weight = i == 0 || i == kIntervals ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
      sum += weight * std::pow(std::max(std::cos(start + width * i), 0.0), dof_ - 1.0);
    }
    return constant_ * std::sqrt(dof_) * sum * width / 3.0;
  }
  double below(double x) const { return above(-x); }
  double quantile(double p) const {
    double low = -1e4, high = 1e4;
    for (int i = 0; i < 80; ++i) {
      const double middle = 0.5 * (low + high);
      (below(middle) < p ? low : high) = middle;
    }
    return high;
  }
  // VaR and ES of the loss itself: E[T | T > q] = f(q) (dof + q^2) / ((dof - 1) (1 - a)).
  ExactTail tail(double level) const {
    const double var = quantile(level), q = var / unit_;
    return {var, unit_ * standard_density(q) * (dof_ + q * q) / ((dof_ - 1.0) * (1.0 - level))};
  }

 private:
  double standard_density(double t) const { return constant_ * std::pow(1.0 + t * t / dof_, -0.5 * (dof_ + 1.0)); }
  double dof_, unit_, constant_;
};

// Of sum_i weight_i T_i, independent unit t variates: their densities on a grid of width 0.02 over +-60, convolved by
// the trapezoidal rule. Off by less than 1e-5 for dof >= 4 (mass beyond the edges, and the density's curvature).
class SumOfT {
 public:
  SumOfT(double dof, const std::vector<double>& weights) {
    const UnitT law(dof);
    std::vector<double> density;
    for (const double weight : weights) {
      std::vector<double> next(kNodes);
      for (std::size_t i = 0; i < kNodes; ++i) next[i] = law.density(node(i) / weight) / weight;
      density = density.empty() ? next : convolved(density, next);
    }
    below_.assign(kNodes, 0.0);
    for (std::size_t i = 1; i < kNodes; ++i) below_[i] = below_[i - 1] + 0.5 * kWidth * (density[i - 1] + density[i]);
    const double lost = 0.5 * (1.0 - below_.back());  // the law is symmetric
    for (double& p : below_) p += lost;
  }
  double below(double x) const {
    const double at = (x + kEdge) / kWidth;
    if (at <= 0.0) return below_.front();
    const auto i = static_cast<std::size_t>(at);
    if (i + 1 >= kNodes) return below_.back();
    return below_[i] + (at - static_cast<double>(i)) * (below_[i + 1] - below_[i]);
  }

 private:
  static constexpr double kEdge = 60.0, kWidth = 0.02;
  static constexpr std::size_t kNodes = 6001;
  static double node(std::size_t i) { return -kEdge + kWidth * static_cast<double>(i); }
  static std::vector<double> convolved(const std::vector<double>& a, const std::vector<double>& b) {
    constexpr std::size_t kMiddle = kNodes / 2;
    std::vector<double> out(kNodes, 0.0);
    for (std::size_t i = 0; i < kNodes; ++i) {
      for (std::size_t j = i < kMiddle ? 0 : i - kMiddle; j < kNodes && j <= i + kMiddle; ++j)
        out[i] += kWidth * a[j] * b[i + kMiddle - j];
    }
    return out;
  }
  std::vector<double> below_;  // [nodes]
};

}  // namespace tailbit::test
