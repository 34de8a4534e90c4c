// Sobol points, scrambled after Owen by hashing, as uniforms and normals (docs/definitions, "Random numbers").
//
// Scenario i of R randomisations, R a power of two, is point i / R of randomisation i mod R: so every whole block of
// scenarios holds all randomisations, and how these differ tells the error of the estimate.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/normal.hpp"
#include "tailbit/math/primitives.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::random {

inline constexpr std::uint32_t kSobolBits = 32;
inline constexpr std::uint32_t kSobolDimensions = 1111;

struct SobolPoints {
  std::uint32_t dimensions;           // that are used; 0: none
  std::uint32_t log2_randomisations;  // of R
  const std::uint32_t* directions;    // [dimensions][kSobolBits], bits in reverse order
  const std::uint32_t* scrambles;     // [dimensions][R] seeds of the hash

  HD std::uint32_t randomisation(std::uint64_t scenario) const {
    return static_cast<std::uint32_t>(scenario) & ((1u << log2_randomisations) - 1u);
  }
  HD std::uint32_t point(std::uint64_t scenario) const {
    return static_cast<std::uint32_t>(scenario >> log2_randomisations);
  }
  HD const std::uint32_t* seeds(std::uint32_t dimension) const {
    return scrambles + (std::size_t{dimension} << log2_randomisations);
  }
};

// The coordinate of a point, its bits in reverse order: the lowest halves the interval.
HD std::uint32_t sobol_bits(const SobolPoints& points, std::uint32_t dimension, std::uint32_t point) {
  const std::uint32_t* direction = points.directions + std::size_t{dimension} * kSobolBits;
  std::uint32_t bits = 0;
  for (; point != 0; point >>= 1, ++direction) bits ^= (point & 1u) != 0 ? *direction : 0u;
  return bits;
}

// Whether a bit flips depends on the bits below it, hence on the intervals that the coordinate lies in: nested uniform
// scrambling (Owen 1995) by a hash (Burley 2020, "Practical hash-based Owen scrambling", Journal of Computer Graphics
// Techniques 9), which is Vegdahl's (2021, "Building a better LK hash").
HD std::uint32_t owen_scrambled(std::uint32_t bits, std::uint32_t seed) {
  bits ^= bits * 0x3d20adeau;
  bits += seed;
  bits *= (seed >> 16) | 1u;
  bits ^= bits * 0x05526c56u;
  bits ^= bits * 0x53a22864u;
  return bits;
}

HD std::uint32_t reversed_bits(std::uint32_t x) {
  x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
  x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
  x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
  x = (x >> 8 & 0x00ff00ffu) | (x & 0x00ff00ffu) << 8;
  return x >> 16 | x << 16;
}

// (x + 1/2) 2^-32 + 2^-53 of the scrambled coordinate x 2^-32.
HD double scrambled_uniform(std::uint32_t bits, std::uint32_t seed) {
  return to_uniform(0x80000000u, reversed_bits(owen_scrambled(bits, seed)));
}

HD double sobol_uniform(const SobolPoints& points, std::uint32_t dimension, std::uint64_t scenario) {
  const std::uint32_t bits = sobol_bits(points, dimension, points.point(scenario));
  return scrambled_uniform(bits, points.seeds(dimension)[points.randomisation(scenario)]);
}

HD double sobol_normal(const SobolPoints& points, std::uint32_t dimension, std::uint64_t scenario) {
  return math::normal_from_uniform(sobol_uniform(points, dimension, scenario));
}

}  // namespace tailbit::random
