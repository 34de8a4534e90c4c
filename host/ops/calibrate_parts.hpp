// The parts of a calibration: each fills its keys of the model, tells its estimates, and hands on the innovations that
// the correlation is estimated from.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/fit/jump_fit.hpp"
#include "host/ops/calibration.hpp"
#include "host/ops/calibration_report.hpp"

namespace tailbit::calibration {

// What moved each factor, by its name, per period of the common grid; gaps where that is not known.
using Innovations = std::map<std::string, std::vector<double>>;

// What all parts are given and add to.
struct Work {
  const CalibrateConfig& config;
  const Histories& histories;
  Grid grid;  // of the config's period
  Model model{};
  CalibrationReport report{};
  Innovations innovations{};
  std::map<std::string, double> spot_dof{};              // by underlying; of those that are Student's t
  std::map<std::string, std::vector<double>> returns{};  // by underlying, by the common grid

  // The series by the grid of its own period.
  Sampled sampled(const std::string& part, const CalibratedSeries& series, const History& history, Grid& own);
};

// Marginal law and vol of each spot; jumps of single underlyings and in common.
void calibrate_spots(Work& work);
// Level and skew of implied vols, basis, premium.
void calibrate_factors(Work& work);
// Innovations of the model, and the correlation of its factors.
void calibrate_dependence(Work& work);

// "GARCH(1,1)", "EWMA", ...
[[noreturn]] void too_short(const std::string& part, const std::string& what, std::size_t have, std::size_t need);

}  // namespace tailbit::calibration
