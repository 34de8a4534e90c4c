// From counters to uniforms and normals (docs/definitions, "Random numbers"). A draw is a function of the seed, the
// scenario's id and where in the path it is used, and of nothing else.
#pragma once

#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/normal.hpp"
#include "tailbit/math/primitives.hpp"
#include "tailbit/random/philox.hpp"

namespace tailbit::random {

// What a draw is for. Each stream has its own counters, so no use of random numbers can disturb another.
enum Stream : std::uint32_t {
  kInnovations = 0,       // block b holds factors 2b and 2b + 1 of the step
  kBridge = 0x4000,       // + b: factors 2b, 2b + 1 at the date `block` seconds into the step
  kMixing = 0x8000,       // block p: the mixing variable of period p, step 0
  kJumps = 0x9000,        // + p: what process p does in the step, see models/jumps.hpp
  kSurfaces = 0xc000,     // block u: level and skew of underlying u, for surfaces that are only checked
  kRegimes = 0xd000,      // block p: the regime of period p, step 0
  kPeriodMoves = 0xe000,  // block p: of a bootstrap, the row of period p; + b: of grouped t, factors 2b and 2b + 1
  kScrambles = 0xf000,    // scenario r, block d: how randomisation r scrambles dimension d of Sobol points
};

inline constexpr std::uint64_t kMaxScenarios = std::uint64_t{1} << 40;

HD Key make_key(std::uint64_t seed) {
  return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
}

HD Words make_counter(std::uint64_t scenario, std::uint32_t step, std::uint32_t block, std::uint32_t stream) {
  return {static_cast<std::uint32_t>(scenario), step, block,
          stream + (static_cast<std::uint32_t>(scenario >> 32) << 16)};
}

// 52 bits of (high, low) as a uniform in [2^-53, 1 - 2^-53]: (v + 1/2) 2^-52, exact. Built in the mantissa of [1, 2),
// since integer-to-double conversions do not vectorise everywhere.
HD double to_uniform(std::uint32_t low, std::uint32_t high) {
  const std::uint64_t v = ((std::uint64_t{high} << 32) | low) >> 12;
  constexpr double kOneMinusHalfUlp = 1.0 - 0x1p-53;
  return math::double_from_bits(0x3ff0000000000000ull | v) - kOneMinusHalfUlp;
}

struct TwoUniforms {
  double first, second;
};
template <class Generator>
HD TwoUniforms two_uniforms(Key key, std::uint64_t scenario, std::uint32_t step, std::uint32_t block,
                            std::uint32_t stream) {
  const Words x = Generator::generate(make_counter(scenario, step, block, stream), key);
  return {to_uniform(x.x0, x.x1), to_uniform(x.x2, x.x3)};
}

struct TwoNormals {
  double first, second;
};

// One block of the generator: two independent standard normals, by inversion.
template <class Generator>
HD TwoNormals two_normals(Key key, std::uint64_t scenario, std::uint32_t step, std::uint32_t block,
                          std::uint32_t stream) {
  const TwoUniforms u = two_uniforms<Generator>(key, scenario, step, block, stream);
  return {math::normal_from_uniform(u.first), math::normal_from_uniform(u.second)};
}

}  // namespace tailbit::random
