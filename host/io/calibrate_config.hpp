// What `tailbit calibrate` is asked for: a file `tailbit.calibrate/1`. Plain data.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/io/history.hpp"
#include "host/io/inputs.hpp"

namespace tailbit {

// What is estimated of the spot's vol.
enum class SpotVolEstimate {
  constant,  // of all returns
  ewma,      // exponentially weighted: GARCH with omega 0 and alpha + beta 1, alpha by maximum likelihood
  garch,     // GARCH(1,1)
  gjr,       // with gamma of Glosten, Jagannathan and Runkle
  implied    // nothing: the model takes it from the surface
};
enum class InnovationsEstimate {
  gaussian,
  student_t,
  grouped_t,  // t copulas of the spots and of all other factors, and a marginal for each
  bootstrap   // the residuals themselves: filtered historical simulation
};
// Where the model's one number of degrees of freedom is from.
enum class DofEstimate {
  copula,         // the t copula of the spots' innovations
  multivariate_t  // their joint law, marginals included
};
enum class CorrelationEstimate {
  sample,     // of the rows that each pair shares
  shrinkage,  // the same, drawn towards independence (Ledoit and Wolf 2004; Schaefer and Strimmer 2005)
  student_t   // maximum likelihood of a multivariate t
};
enum class JumpsEstimate {
  none,
  merton,  // normal sizes
  kou      // double exponential sizes
};
enum class DriftEstimate { zero, sample };
// What becomes of a factor that no series is given for.
enum class MissingFactors { usual, leave_out };

template <>
struct Spelling<SpotVolEstimate> {
  static constexpr std::array<std::string_view, 5> names{"constant", "ewma", "garch", "gjr", "implied"};
};
template <>
struct Spelling<InnovationsEstimate> {
  static constexpr std::array<std::string_view, 4> names{"gaussian", "student_t", "grouped_t", "bootstrap"};
};
template <>
struct Spelling<DofEstimate> {
  static constexpr std::array<std::string_view, 2> names{"copula", "multivariate_t"};
};
template <>
struct Spelling<CorrelationEstimate> {
  static constexpr std::array<std::string_view, 3> names{"sample", "shrinkage", "student_t"};
};
template <>
struct Spelling<JumpsEstimate> {
  static constexpr std::array<std::string_view, 3> names{"none", "merton", "kou"};
};
template <>
struct Spelling<MissingFactors> {
  static constexpr std::array<std::string_view, 2> names{"usual", "leave_out"};
};
template <>
struct Spelling<DriftEstimate> {
  static constexpr std::array<std::string_view, 2> names{"zero", "sample"};
};

// A series, and the grid that its own estimates use.
struct CalibratedSeries {
  SeriesSource source;
  std::int64_t period_seconds = 0;
};
// One feature of a surface, by the term it is of.
using ByTerm = std::map<std::int64_t, CalibratedSeries>;  // by seconds

struct FundingSeries {
  CalibratedSeries series;
  FundingRule rule = FundingRule::constant;  // constant: the series is the premium itself
  double interest = 0.0001;                  // of `binance`, per 8 hours
};

// Dated futures, from which the basis of fixed terms is made.
struct FuturesSeries {
  CalibratedSeries marks;  // with instruments
  SeriesSource spot;
};

struct CalibratedUnderlying {
  CalibratedSeries price;
  std::optional<CalibratedSeries> vol_index;
  ByTerm atm_vol, risk_reversal, basis;
  std::optional<FuturesSeries> futures;  // `basis` then has its terms, and the marks as their series
  std::optional<FundingSeries> funding;
};

// A Markov-switching law of the spots' returns.
struct RegimesEstimate {
  std::string underlying;  // empty: of all in common, which the model has; else of this one, for the report alone
  std::uint32_t states = 2;
};

struct CalibrateConfig {
  std::string path;
  std::optional<Timestamp> from, to;  // of the window; else as far as there are prices
  std::int64_t period_seconds = 86'400;
  SpotVolEstimate spot_vol = SpotVolEstimate::garch;
  InnovationsEstimate innovations = InnovationsEstimate::student_t;
  DofEstimate dof = DofEstimate::copula;
  CorrelationEstimate correlation = CorrelationEstimate::shrinkage;
  JumpsEstimate jumps = JumpsEstimate::none;
  DriftEstimate drift = DriftEstimate::zero;
  MissingFactors missing = MissingFactors::usual;
  std::optional<RegimesEstimate> regimes{};
  std::optional<double> max_vol{}, max_move{};
  std::optional<double> mean_block{};     // of `bootstrap`
  std::string model, report;              // paths of what is written
  std::string history = "residuals.csv";  // of `bootstrap`, as the model names it: beside the model
  std::map<std::string, CalibratedUnderlying> underlyings;

  std::string history_path() const;
};

// Paths are relative to the config's folder; `out`, if not empty, is the folder of what is written instead.
CalibrateConfig read_calibrate_config(const std::string& path, const std::string& out, Problems& problems);

}  // namespace tailbit
