// Errors of estimates from scenarios that depend on each other: antithetic pairs, the points of one randomisation of a
// quasi-random sequence. Clusters of such scenarios are independent of each other, so a mean's error is that of the
// clusters' means (Owen 1998, "Latin supercube sampling for very high-dimensional simulations", section 3), and a
// quantile's is that of the share of scenarios beyond it.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "tailbit/math/primitives.hpp"
#include "tailbit/measure/quantile_interval.hpp"

namespace tailbit::measure {

struct Clusters {
  enum class Kind {
    none,        // scenarios are independent
    pairs,       // 2i and 2i + 1
    interleaved  // those with the same remainder by `count`
  };
  Kind kind = Kind::none;
  std::uint64_t count = 0;

  bool any() const { return kind != Kind::none; }
};

class ClusteredLosses {
 public:
  // `losses` in scenario order, whole clusters, two of them at least.
  ClusteredLosses(std::vector<double> losses, Clusters clusters)
      : losses_(std::move(losses)),
        pairs_(clusters.kind == Clusters::Kind::pairs),
        count_(pairs_ ? losses_.size() / 2 : clusters.count) {}

  // Standard error of the mean of value(loss).
  template <class Value>
  double mean_error(Value value) const {
    std::vector<double> sums(count_, 0.0);
    std::size_t cluster = 0;
    for (std::size_t i = 0; i < losses_.size(); ++i) {
      sums[cluster] += value(losses_[i]);
      if (!pairs_ || i % 2 == 1) cluster = cluster + 1 == count_ ? 0 : cluster + 1;
    }
    const double clusters = static_cast<double>(count_);
    double mean = 0.0;
    for (const double sum : sums) mean += sum;
    mean /= clusters;
    double squares = 0.0;
    for (const double sum : sums) squares = math::fma(sum - mean, sum - mean, squares);
    // Of the mean of sums, in scenarios of one cluster.
    return math::sqrt(squares / (clusters - 1.0) / clusters) * clusters / static_cast<double>(losses_.size());
  }

  // Half-width of an interval of 95 % in standard errors: the quantile of Student's t law with a degree of freedom less
  // than there are clusters, expanded about the normal one (Abramowitz and Stegun 26.7.5); from 15 on within 1e-4.
  double half_width() const {
    constexpr double z = 1.96, z2 = z * z;
    const double n = static_cast<double>(count_) - 1.0;
    const double first = z * (z2 + 1.0) / 4.0;
    const double second = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    const double third = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    return z + (first + (second + third / n) / n) / n;
  }

  // Of the loss with this ascending rank: the ranks within the error of the share of losses beyond it, with it or
  // without, whichever is less sure. One alone may be the same in every cluster, though the quantile is not: where an
  // atom lies at it, or where points are so even that each cluster has its whole share.
  RankInterval interval(std::uint64_t rank, double loss) const {
    const double n = static_cast<double>(losses_.size());
    const double error = math::max(mean_error([loss](double x) { return x > loss ? 1.0 : 0.0; }),
                                   mean_error([loss](double x) { return x >= loss ? 1.0 : 0.0; }));
    const double width = half_width() * n * error;
    const double low = static_cast<double>(rank) - width, high = static_cast<double>(rank) + width;
    RankInterval ranks;
    if (low >= 1.0) ranks.lower = static_cast<std::uint64_t>(low);
    if (high <= n) {
      const auto whole = static_cast<std::uint64_t>(high);
      ranks.upper = static_cast<double>(whole) < high ? whole + 1 : whole;
    }
    return ranks;
  }

 private:
  std::vector<double> losses_;
  bool pairs_;
  std::uint64_t count_;
};

}  // namespace tailbit::measure
