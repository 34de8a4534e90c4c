// Confidence levels as exact decimals: the number of losses in the tail is integer arithmetic, never floating point.
#pragma once

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace tailbit::measure {

// A level a in (0, 1) as numerator / denominator, the denominator a power of ten up to 1e9.
struct Level {
  std::uint64_t numerator;
  std::uint64_t denominator;

  double value() const { return static_cast<double>(numerator) / static_cast<double>(denominator); }
};

// The shortest decimal that reads back as `level`. Throws std::invalid_argument outside (0, 1) or beyond nine digits.
inline Level make_level(double level) {
  if (!(level > 0.0 && level < 1.0)) throw std::invalid_argument("a level must lie between 0 and 1");
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, level, std::chars_format::fixed).ptr;
  const std::string_view digits(text + 2, static_cast<std::size_t>(end - text - 2));  // after "0."
  if (digits.size() > 9) throw std::invalid_argument("a level may have at most nine decimals");
  Level result{0, 1};
  for (const char digit : digits) {
    result.numerator = result.numerator * 10 + static_cast<std::uint64_t>(digit - '0');
    result.denominator *= 10;
  }
  return result;
}

// m = N (1 - a) = whole + rest / denominator: how many of N losses lie in the tail.
struct TailCount {
  std::uint64_t whole;
  std::uint64_t rest, denominator;
};
inline TailCount tail_count(std::uint64_t n, Level level) {
  const unsigned __int128 scaled = static_cast<unsigned __int128>(n) * (level.denominator - level.numerator);
  return {static_cast<std::uint64_t>(scaled / level.denominator),
          static_cast<std::uint64_t>(scaled % level.denominator), level.denominator};
}

// Ascending rank of the left quantile, ceil(N a), from 1.
inline std::uint64_t quantile_rank(std::uint64_t n, Level level) {
  const unsigned __int128 scaled = static_cast<unsigned __int128>(n) * level.numerator;
  return static_cast<std::uint64_t>((scaled + level.denominator - 1) / level.denominator);
}

}  // namespace tailbit::measure
