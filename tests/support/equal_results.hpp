// Everything that is measured of two runs, to the bit.
#pragma once

#include <optional>

#include <gtest/gtest.h>

#include "tailbit/measure/results.hpp"

namespace tailbit::test {

inline void expect_equal(const std::optional<double>& a, const std::optional<double>& b) { EXPECT_EQ(a, b); }

inline void expect_equal(const measure::GroupResult& a, const measure::GroupResult& b) {
  EXPECT_EQ(a.base_value, b.base_value);
  EXPECT_EQ(a.pnl.mean, b.pnl.mean);
  EXPECT_EQ(a.pnl.mean_se, b.pnl.mean_se);
  EXPECT_EQ(a.pnl.stdev, b.pnl.stdev);
  EXPECT_EQ(a.pnl.min, b.pnl.min);
  EXPECT_EQ(a.pnl.max, b.pnl.max);
  expect_equal(a.pnl.skewness, b.pnl.skewness);
  expect_equal(a.pnl.kurtosis, b.pnl.kurtosis);
  ASSERT_EQ(a.tails.size(), b.tails.size());
  for (std::size_t l = 0; l < a.tails.size(); ++l) {
    const measure::TailEstimate &x = a.tails[l], &y = b.tails[l];
    EXPECT_EQ(x.level, y.level);
    EXPECT_EQ(x.var, y.var);
    expect_equal(x.var_se, y.var_se);
    expect_equal(x.var_ci95.low, y.var_ci95.low);
    expect_equal(x.var_ci95.high, y.var_ci95.high);
    EXPECT_EQ(x.es, y.es);
    EXPECT_EQ(x.es_se, y.es_se);
    EXPECT_EQ(x.losses_in_tail, y.losses_in_tail);
  }
}

inline void expect_equal(const measure::Results& a, const measure::Results& b) {
  EXPECT_EQ(a.losses, b.losses);
  ASSERT_EQ(a.groups.size(), b.groups.size());
  for (std::size_t g = 0; g < a.groups.size(); ++g) {
    SCOPED_TRACE(g);
    expect_equal(a.groups[g], b.groups[g]);
  }
  ASSERT_EQ(a.exposure.size(), b.exposure.size());
  for (std::size_t i = 0; i < a.exposure.size(); ++i) {
    EXPECT_EQ(a.exposure[i].group, b.exposure[i].group);
    EXPECT_EQ(a.exposure[i].seconds, b.exposure[i].seconds);
    EXPECT_STREQ(a.exposure[i].measure, b.exposure[i].measure);
    EXPECT_EQ(a.exposure[i].level, b.exposure[i].level);
    EXPECT_EQ(a.exposure[i].estimate.value, b.exposure[i].estimate.value);
    expect_equal(a.exposure[i].estimate.se, b.exposure[i].estimate.se);
  }
  ASSERT_EQ(a.worst.size(), b.worst.size());
  for (std::size_t i = 0; i < a.worst.size(); ++i) {
    EXPECT_EQ(a.worst[i].scenario, b.worst[i].scenario);
    EXPECT_EQ(a.worst[i].loss, b.worst[i].loss);
  }
}

}  // namespace tailbit::test
