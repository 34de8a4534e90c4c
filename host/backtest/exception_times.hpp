// The days of a series on which independent exceptions of probability p come.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "host/backtest/uniforms.hpp"

namespace tailbit::backtest {

// One number for each exception instead of one for each day: the days between are geometric.
class ExceptionTimes {
 public:
  ExceptionTimes(double p, std::uint64_t days) : inverse_log_(1.0 / std::log1p(-p)), days_(days) {}

  // Calls visit(day) for each exception, days from 0 rising; visit may draw from `uniforms` too.
  template <class Visit>
  void draw(Uniforms& uniforms, Visit&& visit) const {
    std::uint64_t day = gap(uniforms);
    while (day < days_) {
      visit(day);
      day += 1 + gap(uniforms);
    }
  }

 private:
  std::uint64_t gap(Uniforms& uniforms) const {
    const double days = std::floor(std::log(uniforms.next()) * inverse_log_);
    return days < static_cast<double>(days_) ? static_cast<std::uint64_t>(days) : days_;
  }

  double inverse_log_;
  std::uint64_t days_;
};

}  // namespace tailbit::backtest
