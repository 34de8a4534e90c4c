// The arithmetic that values are computed in. Paths, profit-and-loss terms and sums are double in both.
#pragma once

namespace tailbit {

enum class Precision { double_, single };

}  // namespace tailbit
