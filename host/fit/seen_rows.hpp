// Periods of several series by what each of them has: what a joint likelihood with gaps goes through.
#pragma once

#include <cmath>
#include <cstddef>
#include <map>
#include <vector>

#include <Eigen/Cholesky>

#include "host/fit/maximum_likelihood.hpp"

namespace tailbit::fit {

class SeenRows {
 public:
  // Periods that have the same series.
  struct Pattern {
    std::vector<Eigen::Index> there, missing;
    std::vector<std::size_t> periods;
    std::vector<Eigen::VectorXd> rows;  // [periods] of those that are there
  };

  // `series` is [series][periods], of equal lengths, with gaps; periods without anything are in no pattern.
  explicit SeenRows(const Rows& series) : series_(static_cast<Eigen::Index>(series.size())) {
    periods_ = series.front().size();
    std::map<std::vector<bool>, Pattern> found;
    for (std::size_t t = 0; t < periods_; ++t) {
      std::vector<bool> has;
      for (const auto& values : series) has.push_back(!std::isnan(values[t]));
      Pattern pattern;
      for (std::size_t i = 0; i < has.size(); ++i)
        (has[i] ? pattern.there : pattern.missing).push_back(static_cast<Eigen::Index>(i));
      if (pattern.there.empty()) continue;
      Pattern& to = found.try_emplace(has, pattern).first->second;
      Eigen::VectorXd row(static_cast<Eigen::Index>(to.there.size()));
      for (Eigen::Index i = 0; i < row.size(); ++i)
        row[i] = series[static_cast<std::size_t>(to.there[static_cast<std::size_t>(i)])][t];
      to.periods.push_back(t);
      to.rows.push_back(std::move(row));
    }
    for (auto& [unused, pattern] : found) patterns_.push_back(std::move(pattern));
  }

  const std::vector<Pattern>& patterns() const { return patterns_; }
  Eigen::Index series() const { return series_; }
  std::size_t periods() const { return periods_; }

 private:
  std::vector<Pattern> patterns_;
  Eigen::Index series_;
  std::size_t periods_ = 0;
};

}  // namespace tailbit::fit
