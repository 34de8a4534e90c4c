// Order statistics of small samples, and the precision that printed numbers have.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

namespace tailbit {

// The value below which the share `level` of the sample lies, between neighbours by linear interpolation (Hyndman and
// Fan 1996, type 7). Not of an empty sample.
inline double sample_quantile(std::vector<double> values, double level) {
  std::sort(values.begin(), values.end());
  const double place = level * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], place - static_cast<double>(below));
}
inline double sample_median(std::vector<double> values) { return sample_quantile(std::move(values), 0.5); }

struct Weighted {
  double value, weight;
};

// The value at which half of the weight is reached. Not of an empty sample.
inline double weighted_median(std::vector<Weighted> values) {
  std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  double total = 0.0, sum = 0.0;
  for (const Weighted& v : values) total += v.weight;
  for (const Weighted& v : values) {
    sum += v.weight;
    if (sum >= 0.5 * total) return v.value;
  }
  return values.back().value;
}

// How many decimals the number was printed with, at most 9, trailing zeros apart.
inline int printed_decimals(double x) {
  double scale = 1.0;
  for (int d = 0; d < 9; ++d, scale *= 10.0) {
    const double scaled = std::abs(x) * scale;
    if (std::abs(scaled - std::round(scaled)) <= 1e-13 * scaled + 1e-9) return d;
  }
  return 9;
}

// Half a unit of the last of so many decimals: what rounding has hidden.
inline double half_unit(int decimals) { return 0.5 * std::pow(10.0, -decimals); }

// For messages: three significant digits.
inline std::string rounded_text(double x) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::general, 3).ptr;
  return {buffer, end};
}

}  // namespace tailbit
