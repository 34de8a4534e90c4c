// What the tests of include/tailbit/math share: the functions by name, and deterministic arguments.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>

#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/normal.hpp"
#include "tailbit/math/normal_tail.hpp"

namespace tailbit {

// Deterministic arguments, made with exact operations only so that they are the same everywhere.
class Arguments {
 public:
  explicit Arguments(std::uint64_t seed) : state_(seed * 2654435761u + 88172645463325252ull) {}
  std::uint64_t bits() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  double unit() { return (static_cast<double>(bits() >> 12) + 0.5) * 0x1p-52; }  // in (0, 1)
  double between(double low, double high) { return std::fma(high - low, unit(), low); }
  double magnitude(int lowest, int highest) {  // log-uniform in [2^lowest, 2^highest)
    const int exponent = lowest + static_cast<int>(bits() % static_cast<std::uint64_t>(highest - lowest));
    return std::ldexp(1 + unit(), exponent);
  }

 private:
  std::uint64_t state_;
};

template <class R>
using Function = R (*)(R);

template <class R>
std::map<std::string, Function<R>> functions() {
  return {{"exp", [](R x) { return math::exp(x); }},
          {"exp_nonpositive", [](R x) { return math::exp_nonpositive(x); }},
          {"log", [](R x) { return math::log(x); }},
          {"normal_density", [](R x) { return math::normal_density(x); }},
          {"normal_cdf", [](R x) { return math::normal_cdf(x); }},
          {"normal_inverse_cdf", [](R x) { return math::normal_inverse_cdf(x); }},
          {"normal_from_uniform", [](R x) { return math::normal_from_uniform(x); }}};
}

template <class R>
const char* precision_name() {
  return std::is_same_v<R, double> ? "double" : "float";
}

}  // namespace tailbit
