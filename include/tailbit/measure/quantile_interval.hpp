// Distribution-free confidence interval of a quantile: two order statistics whose ranks come from the binomial law
// (David and Nagaraja, Order Statistics, 2003, sec. 7.1).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tailbit/measure/level.hpp"

namespace tailbit::measure {

// Ascending ranks from 1; absent where no order statistic bounds the quantile with this confidence.
struct RankInterval {
  std::optional<std::uint64_t> lower;  // l: the largest with P(Bin(n, a) <= l - 1) <= 2.5 %
  std::optional<std::uint64_t> upper;  // u: the smallest with P(Bin(n, a) >= u) <= 2.5 %
};

// Sums the binomial probabilities outwards from the mode by their ratios, relative to the mode's, until they no longer
// count; the total normalises. Uses + - * / alone. Work grows as sqrt(n).
inline RankInterval quantile_interval(std::uint64_t n, Level level) {
  constexpr double kTail = 0.025;
  constexpr double kNegligible = 1e-20;
  const double a = level.value();
  const double odds = a / (1.0 - a);
  const auto mode =
      static_cast<std::uint64_t>(static_cast<unsigned __int128>(n + 1) * level.numerator / level.denominator);

  std::vector<double> below;  // probabilities of mode - 1, mode - 2, ...
  double p = 1.0;
  for (std::uint64_t k = mode; k > 0 && p > kNegligible; --k) {
    p *= static_cast<double>(k) / (static_cast<double>(n - k + 1) * odds);  // P(k - 1) / P(k)
    below.push_back(p);
  }
  std::vector<double> above;  // of mode + 1, mode + 2, ...
  p = 1.0;
  for (std::uint64_t k = mode; k < n && p > kNegligible; ++k) {
    p *= static_cast<double>(n - k) * odds / static_cast<double>(k + 1);  // P(k + 1) / P(k)
    above.push_back(p);
  }
  double total = 1.0;
  for (auto q = below.rbegin(); q != below.rend(); ++q) total += *q;
  for (auto q = above.rbegin(); q != above.rend(); ++q) total += *q;

  RankInterval interval;
  // P(Bin <= j) for rising j, from the smallest probability that counts; l = j + 1.
  double cumulative = 0.0;
  const std::uint64_t lowest = mode - below.size();
  for (std::uint64_t i = 0; i < below.size(); ++i) {
    cumulative += below[below.size() - 1 - i] / total;
    if (cumulative > kTail) break;
    interval.lower = lowest + i + 1;
  }
  // Nothing below `lowest` counts: if even its probability is too much, l = lowest holds whenever something lies below
  // it.
  if (!interval.lower && lowest > 0) interval.lower = lowest;
  cumulative = 0.0;
  const std::uint64_t highest = mode + above.size();
  for (std::uint64_t i = 0; i < above.size(); ++i) {
    cumulative += above[above.size() - 1 - i] / total;
    if (cumulative > kTail) break;
    interval.upper = highest - i;
  }
  if (!interval.upper && highest < n) interval.upper = highest + 1;
  return interval;
}

}  // namespace tailbit::measure
