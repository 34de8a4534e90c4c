// How scenarios are sampled.
#pragma once

#include <cstdint>

namespace tailbit {

enum class Sampling : std::uint32_t {
  independent,
  antithetic,  // in pairs: 2i + 1 is 2i mirrored
  sobol        // points of scrambled Sobol sequences, several randomisations of them
};

}  // namespace tailbit
