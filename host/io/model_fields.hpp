// The keys of a model's parts, said once for reader and writer: `fields` calls a visitor with each key in the order of
// the files (host/io/json_file.hpp, host/io/fields_writer.hpp).
#pragma once

#include <type_traits>

#include "host/io/json_file.hpp"
#include "host/io/model.hpp"
#include "host/io/readers.hpp"
#include "host/io/spellings.hpp"
#include "host/io/text.hpp"

namespace tailbit {

// To be read, or, const, to be written.
template <class Part, class Model>
concept Of = std::is_same_v<std::remove_const_t<Part>, Model>;

// A vol per square-root year, as a decimal.
struct Vol {};
inline bool check(const JsonNode& node, double value, Vol) {
  if (!check(node, value, NotNegative{})) return false;
  if (value <= kMostVol) return true;
  node.problem(number_text(value) + " is above " + number_text(kMostVol), "write 0.6 for a vol of 60 %");
  return false;
}
struct PositiveVol {};
inline bool check(const JsonNode& node, double value, PositiveVol) {
  return check(node, value, Positive{}) && check(node, value, Vol{});
}
// The rate of an exponential law of rises.
struct AboveTwo {};
inline bool check(const JsonNode& node, double value, AboveTwo) {
  if (value > 2.0) return true;
  node.problem(number_text(value) + " is not above 2",
               "give one over the mean log-size of a rise, 20 for 5 %; at 2 and below the spot has no variance");
  return false;
}
// Mean reversion within half a minute at most; faster is a typing error, and the exact transition gains nothing.
inline constexpr Within<double> kKappa{0.0, 1e6};
inline constexpr Within<double> kPositiveKappa{1e-6, 1e6};
// Of a variance per year: the square of a vol.
inline constexpr Within<double> kVariance{0.0, 400.0};
inline constexpr Within<double> kPositiveVariance{1e-6, 400.0};
inline constexpr Within<double> kVolOfVariance{1e-6, 1000.0};
inline constexpr Within<double> kCorrelationInside{-0.9999, 0.9999};
inline constexpr Within<double> kTermDecay{0.0, 2.0};
inline constexpr Within<double> kProbability{0.0, 1.0};
// A log-return of 10 is a factor of 22,000.
inline constexpr Within<double> kLogReturn{-10.0, 10.0};
inline constexpr Within<double> kJumpsPerYear{0.0, 1e6};
inline constexpr Within<double> kMultiplier{0.01, 100.0};

void fields(auto& visit, Of<LogNormalVol> auto& log_normal) {
  visit.defaulted("long_run_vol", log_normal.long_run_vol, PositiveVol{});
  visit.defaulted("kappa", log_normal.kappa, kKappa);
  visit.required("vol_of_vol", log_normal.vol_of_vol, Vol{});
}
void fields(auto& visit, Of<GarchVol> auto& garch) {
  visit.required("omega", garch.omega, kVariance);
  visit.required("alpha", garch.alpha, kProbability);
  visit.required("beta", garch.beta, kProbability);
  visit.defaulted("gamma", garch.gamma, Within<double>{-1.0, 1.0});
  visit.optional("max_vol", garch.max_vol, PositiveVol{});
}
void fields(auto& visit, Of<HestonVol> auto& heston) {
  visit.required("v0", heston.v0, kVariance);
  visit.required("kappa", heston.kappa, kPositiveKappa);
  visit.required("theta", heston.theta, kPositiveVariance);
  visit.required("vol_of_vol", heston.vol_of_vol, kVolOfVariance);
  visit.optional("rho", heston.rho, kCorrelationInside);
}

void fields(auto& visit, Of<LevelModel> auto& level) {
  visit.defaulted("kappa", level.kappa, kKappa);
  visit.required("vol_of_vol", level.vol_of_vol, Vol{});
  visit.defaulted("term_decay", level.term_decay, kTermDecay);
}
void fields(auto& visit, Of<SkewModel> auto& skew) {
  visit.defaulted("kappa", skew.kappa, kKappa);
  visit.required("vol", skew.vol, Vol{});
}
void fields(auto& visit, Of<BasisModel> auto& basis) {
  visit.defaulted("kappa", basis.kappa, kKappa);
  visit.required("vol", basis.vol, Vol{});
  visit.defaulted("term_decay", basis.term_decay, kTermDecay);
}
void fields(auto& visit, Of<PremiumModel> auto& premium) {
  visit.defaulted("kappa", premium.kappa, kKappa);
  visit.required("vol", premium.vol, Vol{});
  visit.defaulted("mean", premium.mean, Within<double>{-1.0, 1.0});
}

void fields(auto& visit, Of<JumpSizeModel> auto& size) {
  visit.choice("kind", size.kind);
  switch (size.kind) {
    case JumpKind::normal:
      visit.required("mean", size.mean, kLogReturn);
      visit.required("stdev", size.stdev, Within<double>{0.0, 2.0});
      break;
    case JumpKind::kou:
      visit.required("up_probability", size.up_probability, kProbability);
      visit.required("up_rate", size.up_rate, AboveTwo{});
      visit.required("down_rate", size.down_rate, Within<double>{0.1, 1e6});
      break;
    case JumpKind::to_zero: visit.required("recovery", size.recovery, Within<double>{1e-9, 1.0}); break;
  }
  visit.defaulted("vol_jump", size.vol_jump, Within<double>{-3.0, 3.0});
  visit.defaulted("skew_jump", size.skew_jump, kLogReturn);
  visit.defaulted("basis_jump", size.basis_jump, kLogReturn);
}
void fields(auto& visit, Of<SelfExcitation> auto& excitation) {
  visit.required("branching_ratio", excitation.branching_ratio, Within<double>{0.0, 0.99});
  visit.required("decay", excitation.decay, Within<double>{1e-3, 1e5});
  visit.optional("excess_today", excitation.excess_today, kJumpsPerYear);
}
void fields(auto& visit, Of<JumpsModel> auto& jumps) {
  visit.required("intensity", jumps.intensity, kJumpsPerYear);
  fields(visit, jumps.size);
}
// But for what it does to the underlyings.
void fields(auto& visit, Of<CommonJumpsModel> auto& common) {
  visit.required("intensity", common.intensity, kJumpsPerYear);
  visit.defaulted("correlation", common.correlation, kProbability);
}

// But for its name, its underlyings and its correlation.
void fields(auto& visit, Of<RegimeModel> auto& regime) {
  visit.defaulted("vol_multiplier", regime.vol_multiplier, kMultiplier);
  visit.defaulted("intensity_multiplier", regime.intensity_multiplier, Within<double>{0.0, 1e3});
}

}  // namespace tailbit
