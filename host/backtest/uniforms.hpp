// Uniform numbers for simulations under a null hypothesis: the program's Philox, so that a p-value is a function of the
// data, the seed and the number of simulations.
#pragma once

#include <cstdint>

#include "tailbit/random/draws.hpp"
#include "tailbit/random/philox.hpp"

namespace tailbit::backtest {

// What simulations are for; each draws from counters of its own.
enum class Purpose : std::uint32_t { coverage = 0, independence = 1, shortfall = 2, pit = 3, scenarios = 4 };

// The numbers of one simulation, one after the other, each in [2^-53, 1 - 2^-53].
class Uniforms {
 public:
  Uniforms(std::uint64_t seed, Purpose purpose, std::uint64_t simulation)
      : key_(random::make_key(seed)), simulation_(simulation), step_(static_cast<std::uint32_t>(purpose)) {}

  double next() {
    if (has_second_) {
      has_second_ = false;
      return second_;
    }
    // Apart from the streams of paths (tailbit/random/draws.hpp).
    constexpr std::uint32_t kStream = 0xe000;
    const auto two = random::two_uniforms<random::Philox4x32>(key_, simulation_, step_, block_++, kStream);
    second_ = two.second;
    has_second_ = true;
    return two.first;
  }

 private:
  random::Key key_;
  std::uint64_t simulation_;
  std::uint32_t step_, block_ = 0;
  double second_ = 0.0;
  bool has_second_ = false;
};

// How p-values are simulated.
struct Simulations {
  std::uint64_t seed = 1;
  std::uint64_t count = 10'000;
};

// The p-value of a statistic that `as_extreme` of `count` simulations reach: never 0, and never below the level of a
// test that rejects at it (Davison and Hinkley 1997, section 4.2.1).
inline double simulated_p_value(std::uint64_t as_extreme, std::uint64_t count) {
  return (static_cast<double>(as_extreme) + 1.0) / (static_cast<double>(count) + 1.0);
}

}  // namespace tailbit::backtest
