// include/tailbit/math: the bits themselves, pinned. Every bit is part of the `numerics` version: a change of a
// coefficient's 15th digit need not break an error bound, but must not pass unseen. A new value here needs a new
// `numerics`.
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/math_support.hpp"

namespace tailbit::math_bits_test {
namespace {

template <class R>
std::uint64_t hash_of(Function<R> function, const std::vector<R>& arguments) {
  std::uint64_t hash = 1469598103934665603ull;
  for (const R x : arguments) hash = (hash ^ math::to_bits(function(x))) * 1099511628211ull;
  return hash;
}

template <class R>
std::vector<R> hash_arguments(const std::string& name) {
  const bool is_double = std::is_same_v<R, double>;
  Arguments arguments(8);
  std::vector<R> result;
  while (result.size() < 100'000) {
    const bool wide = result.size() % 4 == 0;
    double x;
    if (name == "exp")
      x = wide ? arguments.between(is_double ? -750 : -106, is_double ? 711 : 90) : arguments.between(-2, 2);
    else if (name == "exp_nonpositive")
      x = arguments.between(wide ? (is_double ? -708 : -87) : -2, 0);
    else if (name == "log")
      x = wide ? arguments.magnitude(is_double ? -1074 : -149, is_double ? 1023 : 127) : arguments.between(0.3, 3);
    else if (name == "normal_inverse_cdf")
      x = wide ? arguments.magnitude(is_double ? -1074 : -149, -1) : arguments.unit();
    else
      x = wide ? arguments.between(is_double ? -40 : -15, 15) : arguments.between(-3, 3);
    if (name == "normal_inverse_cdf" && static_cast<R>(x) >= R(1)) continue;
    result.push_back(static_cast<R>(x));
  }
  return result;
}

// The polynomials by themselves, far outside their domains, where every coefficient reaches the result's leading
// digits: in the functions above the 15th digit of a high coefficient is lost in the last rounding.
template <class R>
std::map<std::string, Function<R>> polynomials() {
  return {{"exp_series", [](R x) { return math::exp_series(x); }},
          {"log_series", [](R x) { return math::log_series(x); }},
          {"normal_tail_series", [](R x) { return math::normal_tail_series(x); }},
          {"inverse_centre_numerator", [](R x) { return math::inverse_centre_numerator(x); }},
          {"inverse_centre_denominator", [](R x) { return math::inverse_centre_denominator(x); }},
          {"inverse_tail_numerator", [](R x) { return math::inverse_tail_numerator(x); }},
          {"inverse_tail_denominator", [](R x) { return math::inverse_tail_denominator(x); }},
          {"inverse_far_tail_numerator", [](R x) { return math::inverse_far_tail_numerator(x); }},
          {"inverse_far_tail_denominator", [](R x) { return math::inverse_far_tail_denominator(x); }},
          {"tail_numerator", [](R x) { return math::normal_tail_rational(x).numerator; }},
          {"tail_denominator", [](R x) { return math::normal_tail_rational(x).denominator; }}};
}

template <class R>
std::uint64_t hash_of_coefficients() {
  Arguments arguments(9);
  std::vector<R> wide;
  for (int i = 0; i < 20'000; ++i) wide.push_back(static_cast<R>(arguments.magnitude(-10, 10)));
  std::uint64_t hash = 1469598103934665603ull;
  for (const auto& [name, polynomial] : polynomials<R>()) hash = (hash ^ hash_of(polynomial, wide)) * 1099511628211ull;
  using E = math::ExpConstants<R>;
  using L = math::LogConstants<R>;
  using N = math::NormalConstants<R>;
  for (const R constant : {E::log2_of_e, E::ln2_high, E::ln2_low, L::ln2_high, L::ln2_low, N::inverse_root_two_pi_high,
                           N::inverse_root_two_pi_low, N::root_two_pi_high, N::root_two_pi_low, N::tail_c0_high,
                           N::tail_c0_low, N::tail_c1_high, N::tail_c1_low}) {
    hash = (hash ^ math::to_bits(constant)) * 1099511628211ull;
  }
  return hash;
}

template <class R>
void expect_hashes(const std::map<std::string, std::uint64_t>& expected) {
  const auto known = functions<R>();
  for (const auto& [name, hash] : expected) {
    EXPECT_EQ(hash_of(known.at(name), hash_arguments<R>(name)), hash) << precision_name<R>() << " " << name;
  }
}

TEST(MathBits, Coefficients) {
  EXPECT_EQ(hash_of_coefficients<double>(), 0x4f8e79360c5ebf70ull);
  EXPECT_EQ(hash_of_coefficients<float>(), 0xcc8eb76d0000a2f3ull);
}
TEST(MathBits, Double) {
  expect_hashes<double>({{"exp", 0x4df57bb517154809ull},
                         {"exp_nonpositive", 0x400897f2176e1046ull},
                         {"log", 0x384b0eb805ed9872ull},
                         {"normal_density", 0x7ac70dad8f8e0d74ull},
                         {"normal_cdf", 0xae9df62a552caa6dull},
                         {"normal_inverse_cdf", 0x06e51bf8cfa8fd70ull}});
}
TEST(MathBits, Float) {
  expect_hashes<float>({{"exp", 0xb5646b47df341fdaull},
                        {"exp_nonpositive", 0x1d4c1cac1b2935e2ull},
                        {"log", 0x76939e6d293e355eull},
                        {"normal_density", 0x1e46d9e0bbc8239full},
                        {"normal_cdf", 0x3ccd17d361b299a8ull},
                        {"normal_inverse_cdf", 0x782152a76f15bccaull}});
}

}  // namespace
}  // namespace tailbit::math_bits_test
