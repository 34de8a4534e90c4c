// VaR, expected shortfall, their errors, moments and exposure of one group at one date, as docs/definitions fix them.
//
// The formulas see the profits through a `Sample`, whatever memory they lie in; ranks count from 0 at the worst
// scenario:
//   std::uint64_t size() const
//   std::int64_t at(std::uint64_t rank)                    quanta; ascending profit, so descending loss
//   std::vector<std::int64_t> worst(std::uint64_t count)   ranks 0 .. count - 1
//   CentralMoments moments(Part part, std::int64_t offset) of the part of (offset + profit) that counts
// Samples that hold all profits also have
//   std::vector<double> losses(double unit)                USD, in scenario order
//   worst_scenarios(std::uint32_t count)                   (scenario, quanta), the worst first, ties by scenario
// `clusters`, where scenarios are not independent: the sample's losses in quanta, by scenario; else null.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tailbit/math/primitives.hpp"
#include "tailbit/measure/clusters.hpp"
#include "tailbit/measure/level.hpp"
#include "tailbit/measure/moments.hpp"
#include "tailbit/measure/quantile_interval.hpp"

namespace tailbit::measure {

inline constexpr double kNormal95 = 1.96;  // half-widths in standard errors
inline double half_width(const ClusteredLosses* clusters) {
  return clusters != nullptr ? clusters->half_width() : kNormal95;
}

struct Interval {
  std::optional<double> low, high;  // absent: no finite bound
};

// Losses are positive, USD.
struct TailEstimate {
  double level;
  double var;
  std::optional<double> var_se;  // half the interval / 1.96
  Interval var_ci95;
  double es, es_se;
  Interval es_ci95;
  std::uint64_t losses_in_tail;  // whole scenarios beyond VaR
};

// Of the profit and loss, USD (skewness and kurtosis have no unit; kurtosis of a normal law is 3).
struct Moments {
  double mean, mean_se, stdev, min, max;
  std::optional<double> skewness, kurtosis;  // absent when the profit never moves
};

// An estimate with its standard error (absent where it has none).
struct Estimate {
  double value;
  std::optional<double> se;
};

// Left quantile of the part of (offset + profit) that counts, and its standard error from ranks.
template <class Sample>
Estimate quantile(const Sample& sample, Level level, Part part, std::int64_t offset, double unit,
                  const ClusteredLosses* clusters = nullptr) {
  const std::uint64_t n = sample.size();
  const auto usd = [&](std::uint64_t rank) {
    return static_cast<double>(part_of(offset + sample.at(rank - 1), part)) * unit;
  };
  const std::uint64_t rank = quantile_rank(n, level);
  const RankInterval ranks =
      clusters != nullptr ? clusters->interval(rank, loss_of(sample.at(rank - 1), 1.0)) : quantile_interval(n, level);
  Estimate estimate{usd(rank), std::nullopt};
  if (ranks.lower && ranks.upper) estimate.se = 0.5 * (usd(*ranks.upper) - usd(*ranks.lower)) / half_width(clusters);
  return estimate;
}

inline double tail_mass(Level level) {
  return static_cast<double>(level.denominator - level.numerator) / static_cast<double>(level.denominator);
}

// sd(VaR + (L - VaR)+ / (1 - a)) / sqrt(N) (Manistre and Hancock 2005), ddof 1; `excess` are the (L - VaR) > 0 of the
// tail, USD.
inline double shortfall_error(const std::vector<double>& excess, std::uint64_t n, Level level) {
  const double count = static_cast<double>(n);
  double sum = 0.0;
  for (const double x : excess) sum += x;
  const double mean = sum / count;
  double squares = static_cast<double>(n - excess.size()) * (mean * mean);
  for (const double x : excess) squares = math::fma(x - mean, x - mean, squares);
  return n > 1 ? math::sqrt(squares / (count - 1.0)) / tail_mass(level) / math::sqrt(count) : 0.0;
}
inline double shortfall_error(const ClusteredLosses& clusters, double var, Level level) {
  return clusters.mean_error([var](double loss) { return loss > var ? loss - var : 0.0; }) / tail_mass(level);
}

// What a level asks of n scenarios.
struct LevelRanks {
  Level level;
  TailCount tail;
  RankInterval interval;
};
inline LevelRanks level_ranks(std::uint64_t n, Level level) {
  return {level, tail_count(n, level), quantile_interval(n, level)};
}
// How many of the worst scenarios tail_estimate looks at.
inline std::uint64_t worst_needed(std::uint64_t n, const LevelRanks& ranks) {
  return std::max(ranks.tail.whole, ranks.interval.lower ? n - *ranks.interval.lower : 0) + 1;
}

// The same of clusters, whose losses say themselves how sure a rank is.
template <class Sample>
LevelRanks clustered_ranks(const Sample& sample, LevelRanks at, const ClusteredLosses& clusters) {
  const double var = loss_of(sample.at(at.tail.whole), 1.0);
  at.interval = clusters.interval(sample.size() - at.tail.whole, var);
  return at;
}

// Needs m = N (1 - a) >= 1.
template <class Sample>
TailEstimate tail_estimate(const Sample& sample, const LevelRanks& of_level, double unit,
                           const ClusteredLosses* clusters = nullptr) {
  const std::uint64_t n = sample.size();
  const LevelRanks at = clusters != nullptr ? clustered_ranks(sample, of_level, *clusters) : of_level;
  const auto& [level, m, ranks] = at;
  // Ranks of the interval count from the smallest loss. All ranks below lie in the tail that is asked for at once.
  const std::vector<std::int64_t> tail = sample.worst(worst_needed(n, at));
  const auto loss = [&](std::uint64_t rank) { return loss_of(tail[rank], unit); };
  TailEstimate estimate{};
  estimate.level = level.value();
  estimate.losses_in_tail = m.whole;
  estimate.var = loss(m.whole);

  if (ranks.lower) estimate.var_ci95.low = loss(n - *ranks.lower);
  if (ranks.upper) estimate.var_ci95.high = loss(n - *ranks.upper);
  if (ranks.lower && ranks.upper) {
    estimate.var_se = 0.5 * (*estimate.var_ci95.high - *estimate.var_ci95.low) / half_width(clusters);
  }

  // Acerbi and Tasche 2002: (L_1 + ... + L_floor(m) + (m - floor(m)) L_(floor(m)+1)) / m, over integers until the last
  // division.
  const std::int64_t at_var = tail[m.whole];
  __int128 sum = 0;
  std::vector<double> excess;
  for (std::uint64_t rank = 0; rank < m.whole; ++rank) {
    sum -= tail[rank];
    if (tail[rank] < at_var) excess.push_back(static_cast<double>(at_var - tail[rank]));
  }
  const __int128 scaled = sum * static_cast<__int128>(m.denominator) - static_cast<__int128>(m.rest) * at_var;
  const unsigned __int128 scaled_count = static_cast<unsigned __int128>(m.whole) * m.denominator + m.rest;
  estimate.es = static_cast<double>(scaled) / static_cast<double>(scaled_count) * unit;
  estimate.es_se = (clusters != nullptr ? shortfall_error(*clusters, loss_of(at_var, 1.0), level)
                                        : shortfall_error(excess, n, level)) *
                   unit;
  estimate.es_ci95.low = math::fma(-half_width(clusters), estimate.es_se, estimate.es);
  estimate.es_ci95.high = math::fma(half_width(clusters), estimate.es_se, estimate.es);
  return estimate;
}

// Mean of the part of (offset + profit) that counts, with its standard error.
template <class Sample>
Estimate mean_of(const Sample& sample, Part part, std::int64_t offset, double unit,
                 const ClusteredLosses* clusters = nullptr) {
  const double n = static_cast<double>(sample.size());
  const CentralMoments sums = sample.moments(part, offset);
  Estimate estimate{sums.mean * unit, std::nullopt};
  if (clusters != nullptr) {
    estimate.se = unit * clusters->mean_error([&](double loss) {
      return static_cast<double>(part_of(offset - static_cast<std::int64_t>(loss), part));
    });
  } else if (sample.size() > 1)
    estimate.se = math::sqrt(sums.second / (n - 1.0)) / math::sqrt(n) * unit;
  return estimate;
}

template <class Sample>
Moments moments(const Sample& sample, double unit, const ClusteredLosses* clusters = nullptr) {
  const double n = static_cast<double>(sample.size());
  const CentralMoments sums = sample.moments(Part::whole, 0);
  Moments result{};
  result.mean = sums.mean * unit;
  const double deviation = n > 1.0 ? math::sqrt(sums.second / (n - 1.0)) : 0.0;
  result.stdev = deviation * unit;
  result.mean_se =
      (clusters != nullptr ? clusters->mean_error([](double loss) { return loss; }) : deviation / math::sqrt(n)) * unit;
  result.min = static_cast<double>(sample.at(0)) * unit;
  result.max = static_cast<double>(sample.at(sample.size() - 1)) * unit;
  if (sums.second > 0.0) {
    const double variance = sums.second / n;
    result.skewness = sums.third / n / (variance * math::sqrt(variance));
    result.kurtosis = sums.fourth / n / (variance * variance);
  }
  return result;
}

}  // namespace tailbit::measure
