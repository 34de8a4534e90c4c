// How well a law fits a sample.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace tailbit::fit {

// A number and the probability of one as large where the law is right.
struct Test {
  double statistic = 0.0;
  double p_value = 0.0;
};

// Ljung and Box (1978): whether the first `lags` autocorrelations, 2 or more, are 0; chi-square with `lags` degrees of
// freedom. Needs more values than lags.
Test ljung_box(std::span<const double> values, std::size_t lags);

struct Distance {
  Test kolmogorov_smirnov;  // the probability is that of a law given beforehand; a fitted one is nearer
  double anderson_darling = 0.0;
};

// Of a sample to a continuous law, given by its distribution function.
Distance distance_to(std::span<const double> values, const std::function<double(double)>& cdf);

bool all_alike(std::span<const double> values);  // also where there are none
double mean_of(std::span<const double> values);
double variance_of(std::span<const double> values);  // over n
double kurtosis_of(std::span<const double> values);  // 3 of the normal law

// Those that are there (host/io/history.hpp).
std::vector<double> without_gaps(std::span<const double> values);

}  // namespace tailbit::fit
