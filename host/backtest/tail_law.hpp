// How losses beyond VaR are spread, given what VaR and expected shortfall were forecast.
//
// Of a law of a given shape, normal or Student-t, exactly one shift and scale give a day's VaR and ES. Its loss beyond
// VaR is then VaR + (ES - VaR) Y, and Y >= 0, of mean 1, depends on shape and level alone. So a reference law is never
// at odds with the forecasts that it stands for, and Acerbi and Szekely's statistics have mean 0 under it.
#pragma once

#include <array>
#include <cstddef>
#include <limits>

namespace tailbit::backtest {

inline constexpr double kNormalDof = std::numeric_limits<double>::infinity();
// Of larger shares of a law nothing here is the tail.
inline constexpr double kMostTailProbability = 0.2;

class TailLaw {
 public:
  // p = 1 - level, in (0, kMostTailProbability]; dof in [2.05, 10000], or kNormalDof.
  TailLaw(double dof, double p);

  // Y at the probability v, given an exception, of a greater one; v in [2^-53, 1). Relative error of 1 + Y: 1e-6.
  double excess(double v) const;

  double var() const { return var_; }       // of the law with mean 0 and variance 1
  double shortfall() const { return es_; }  // its expected shortfall

 private:
  // ln of the loss at steps of -ln v: it is all but straight there, for a power law just so.
  static constexpr double kStepsPerUnit = 8.0;
  static constexpr std::size_t kNodes = 300;  // up to -ln v = 37.4, beyond that of 2^-53

  double var_, es_;
  std::array<double, kNodes> log_loss_;  // [i] at -ln v = (i - 1) / kStepsPerUnit
};

}  // namespace tailbit::backtest
