// Random numbers of tests that simulate histories.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "tailbit/random/draws.hpp"

namespace tailbit::test {

// Independent draws, numbered by time and by what they are for.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : key_(random::make_key(seed)) {}
  double normal(std::size_t t, std::uint32_t which) const {
    return random::two_normals<random::Philox4x32>(key_, t, 0, which, 0).first;
  }
  double uniform(std::size_t t, std::uint32_t which) const {
    return random::two_uniforms<random::Philox4x32>(key_, t, 0, which, 1).first;
  }
  // What a normal of unit variance is multiplied by to be Student's t of unit variance; `dof` is whole.
  double mixing(std::size_t t, int dof) const {
    double sum = 0.0;
    for (int i = 0; i < dof; ++i) {
      const double z = normal(t, 1000 + static_cast<std::uint32_t>(i));
      sum += z * z;
    }
    return std::sqrt((dof - 2.0) / sum);
  }

 private:
  random::Key key_;
};

}  // namespace tailbit::test
