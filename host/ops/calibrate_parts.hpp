// The parts of a calibration: each fills its keys of the model, tells its estimates, and hands on the innovations that
// the correlation is estimated from.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/fit/joint_regime_fit.hpp"
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
  std::optional<fit::JointRegimeFit> regimes{};          // of all returns, in their order, where the model has regimes

  std::vector<Timestamp> history_times{};  // ends of the periods in the model's bootstrap

  // The series by the grid of its own period.
  Sampled sampled(const std::string& part, const CalibratedSeries& series, const History& history, Grid& own);
};

// Marginal law and vol of each spot.
void calibrate_spots(Work& work);
// Jumps of single underlyings and in common, where the config asks for them.
void calibrate_jumps(Work& work);
// Hidden regimes: of all spots in common, which the model has, or of one spot, which the report alone tells.
void calibrate_regimes(Work& work);
// Level and skew of implied vols, basis, premium.
void calibrate_factors(Work& work);
// The history of residuals that innovations are drawn from, where the config asks for it.
void calibrate_bootstrap(Work& work);
// Groups and marginals of a grouped t, where the config asks for it; `series` are the factors' innovations.
void calibrate_grouped_t(Work& work, const std::vector<std::string>& factors, const fit::Rows& series);
// Whether the marginal law of the spots is Student's t.
bool has_t_innovations(const CalibrateConfig& config);
// Innovations of the model, and the correlation of its factors.
void calibrate_dependence(Work& work);

// The correlation of the factors in each of the model's regimes; `series` are their innovations, and the model's own
// correlation is there. Nothing where there are no regimes.
void calibrate_regime_correlations(Work& work, const fit::Rows& series);
// A matrix as a model has it, of nine decimals: the nearest one that is positive definite, with a warning, where that
// is another. Throws Failure where there is none.
fit::Rows usable_correlation(Work& work, const std::string& part, fit::Rows matrix);

// Periods that two factors need to have in common; else they are taken for independent.
inline constexpr std::size_t kFewestShared = 60;

// Throws what `calibrate` does of a series with fewer than it needs.
[[noreturn]] void too_short(const std::string& part, const std::string& what, std::size_t have, std::size_t need);

}  // namespace tailbit::calibration
