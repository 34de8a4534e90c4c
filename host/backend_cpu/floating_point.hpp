// The floating-point environment that bits depend on, for the time a worker runs.
#pragma once

#include <xmmintrin.h>

namespace tailbit::cpu {

// Round to nearest, subnormals kept (no FTZ, no DAZ), exceptions masked; restores what was there before.
class StandardFloatingPoint {
 public:
  StandardFloatingPoint() : saved_(_mm_getcsr()) { _mm_setcsr(kDefault); }
  ~StandardFloatingPoint() { _mm_setcsr(saved_); }
  StandardFloatingPoint(const StandardFloatingPoint&) = delete;
  StandardFloatingPoint& operator=(const StandardFloatingPoint&) = delete;

 private:
  static constexpr unsigned kDefault = 0x1f80;
  unsigned saved_;
};

}  // namespace tailbit::cpu
