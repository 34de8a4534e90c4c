// Factors that a model is given where nothing says more: of the order of what BTC and ETH showed from 2019 to 2026.
#pragma once

#include "host/io/model.hpp"

namespace tailbit {

inline constexpr LevelModel kUsualLevel{5.0, 0.9, 0.5};  // half of a shock is gone after seven weeks
inline constexpr SkewModel kUsualSkew{20.0, 0.2};
inline constexpr BasisModel kUsualBasis{20.0, 0.15, 0.5};
// Back in nine hours; a deviation of 0.03 %. Its mean is today's premium, or 0.
inline constexpr PremiumModel kUsualPremium{700.0, 0.01, 0.0};
// Student-t returns by day: degrees of freedom, and the largest move.
inline constexpr double kUsualDof = 5.0, kUsualMaxMove = 1.0;

}  // namespace tailbit
