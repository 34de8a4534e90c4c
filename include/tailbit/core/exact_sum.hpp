// The sum of doubles, rounded once: the same whatever the order (Shewchuk 1997, "Adaptive precision floating-point
// arithmetic and fast robust geometric predicates", grow-expansion). For the few sums that compile makes before the
// quantum is known.
#pragma once

#include <cstddef>
#include <vector>

namespace tailbit {

class ExactSum {
 public:
  void add(double x) {
    std::size_t kept = 0;
    for (const double part : parts_) {
      // Knuth's two-sum: x + part = high + low exactly.
      const double high = x + part;
      const double virtual_part = high - x;
      const double low = (x - (high - virtual_part)) + (part - virtual_part);
      if (low != 0.0) parts_[kept++] = low;
      x = high;
    }
    parts_.resize(kept);
    parts_.push_back(x);
  }

  // Correctly rounded. The parts do not overlap and grow in size, so the largest decides, corrected for a tie below it.
  double value() const {
    if (parts_.empty()) return 0.0;
    std::size_t i = parts_.size() - 1;
    double high = parts_[i];
    double low = 0.0;
    while (i > 0 && low == 0.0) {
      const double x = high;
      const double y = parts_[--i];
      high = x + y;
      low = y - (high - x);
    }
    if (i > 0 && ((low < 0.0) == (parts_[i - 1] < 0.0)) && parts_[i - 1] != 0.0) {
      const double doubled = low * 2.0;
      const double candidate = high + doubled;
      if (doubled == candidate - high) high = candidate;
    }
    return high;
  }

 private:
  std::vector<double> parts_;
};

}  // namespace tailbit
