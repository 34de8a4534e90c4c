// A model as read and checked: what moves the market between as_of and the horizon (docs/definitions, "Scenario at time
// t"). Plain data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tailbit {

// Factors that move beside the spot; each is an Ornstein-Uhlenbeck process (kappa 0: a Brownian motion). kappa >= 0 per
// year, vol >= 0 per square-root year.
struct LevelModel {  // "X.vol": all vols times exp(d x - d^2 v / 2), d = (30d / max(T, 1d))^term_decay
  double kappa = 0.0, vol_of_vol = 0.0, term_decay = 0.0;
};
struct SkewModel {  // "X.skew": vols plus y k sqrt(30d / max(T, 1d))
  double kappa = 0.0, vol = 0.0;
};
struct BasisModel {  // "X.basis": carry plus z (30d / max(T, 1d))^term_decay per year
  double kappa = 0.0, vol = 0.0, term_decay = 0.0;
};
struct PremiumModel {  // "X.premium": perpetuals are marked at spot exp(p), p from today's premium towards `mean`
  double kappa = 0.0, vol = 0.0, mean = 0.0;
};

enum class SpotVolKind {
  constant,
  implied,     // the 30-day at-the-money vol at the step's start
  log_normal,  // exp of an Ornstein-Uhlenbeck process, "X.spot_vol"
  garch,       // GARCH(1,1) by period, with gamma of Glosten, Jagannathan and Runkle
  heston       // the root of "X.variance"
};
// What the kinds have besides `vol`, the vol of today, which is the root of v0 in Heston's.
struct LogNormalVol {
  double long_run_vol = 0.0;  // > 0
  double kappa = 0.0, vol_of_vol = 0.0;
};
struct GarchVol {  // variances are per year
  double omega = 0.0, alpha = 0.0, beta = 0.0, gamma = 0.0;
  std::optional<double> max_vol{};  // vols are cut to it
};
struct HestonVol {
  double v0 = 0.0, kappa = 0.0, theta = 0.0, vol_of_vol = 0.0;
  std::optional<double> rho{};  // of spot and variance; else the correlation matrix says
};
enum class Sticky {
  moneyness,  // the smile moves with the forward
  strike      // each strike keeps its vol of today
};

// What a jump does to one underlying. Sizes are of the log-return; what a kind does not use is 0.
enum class JumpKind {
  normal,  // sizes are N(mean, stdev)
  kou,     // double exponential: up with up_probability, of mean size 1 / up_rate, else down, 1 / down_rate
  to_zero  // what is left of the spot is `recovery` of it
};
struct JumpSizeModel {
  JumpKind kind = JumpKind::normal;
  double mean = 0.0, stdev = 0.0;
  double up_probability = 0.0, up_rate = 0.0, down_rate = 0.0;  // up_rate > 2, so that the spot has a variance
  double recovery = 0.0;
  double vol_jump = 0.0, skew_jump = 0.0, basis_jump = 0.0;  // added to the factors
};
// Each jump of a process brings about `branching_ratio` others on average, the first of them after 1 / decay years
// (Hawkes 1971). An intensity is above its base by `excess_today`, per year; else by its long-run mean.
struct SelfExcitation {
  double branching_ratio = 0.0;  // below 1
  double decay = 0.0;            // per year
  std::optional<double> excess_today{};
};
// Jumps of one underlying: Poisson, `intensity` per year.
struct JumpsModel {
  double intensity = 0.0;
  JumpSizeModel size;
  std::optional<SelfExcitation> self_excitation{};
};
// Jumps that several underlyings make at the same moment.
struct CommonJumpsModel {
  double intensity = 0.0;
  double correlation = 1.0;  // of the sizes' normals, >= 0
  std::map<std::string, JumpSizeModel> underlyings;
  std::optional<SelfExcitation> self_excitation{};
};

struct UnderlyingModel {
  double drift = 0.0;  // real-world, per year
  double vol = 0.0;    // per square-root year; of `constant` at all times, of log-normal and GARCH vols today
  SpotVolKind spot_vol = SpotVolKind::constant;
  Sticky sticky = Sticky::moneyness;
  std::optional<LevelModel> level{};
  std::optional<SkewModel> skew{};
  std::optional<BasisModel> basis{};
  std::optional<PremiumModel> premium{};
  std::vector<JumpsModel> jumps{};
  LogNormalVol log_normal{};  // of these, that of `spot_vol` counts
  GarchVol garch{};
  HestonVol heston{};
};

// Returns over a period are t with unit variance: one mixing variable per scenario and period, common to all factors.
struct StudentT {
  double dof = 0.0;                  // > 2
  std::int64_t period_seconds = 0;   // periods are counted from as_of
  std::optional<double> max_move{};  // |log-return| over a period is at most this
};

// Innovations of a period that are drawn at once, by a copula: factors of a group are as dependent in the tails as
// those of a t, and each has a marginal of its own.
struct TGroup {
  std::vector<std::string> factors;
  double dof = 0.0;  // > 2
};
struct GroupedTModel {
  std::vector<TGroup> groups;               // factors of none are Gaussian
  std::map<std::string, double> marginals;  // degrees of freedom, > 2; without one that of the group
};

// Innovations of a period that are drawn from a history: rows of residuals, of unit variance.
struct BootstrapModel {
  std::vector<std::string> factors;       // the others are Gaussian
  std::vector<std::vector<double>> rows;  // [periods][factors]
  double mean_block = 1.0;                // periods in a row that follow on each other as in the history, on average
};

enum class Returns { log, simple };

enum class CorrelationRepair {
  reject,  // a matrix that is not positive definite is an error
  higham   // it is replaced by the nearest correlation matrix
};

struct Correlation {
  std::vector<std::string> factors;         // "BTC.spot"
  std::vector<std::vector<double>> matrix;  // [factors][factors]
  CorrelationRepair repair = CorrelationRepair::reject;
};

// A state of the market that lasts for whole periods.
struct RegimeModel {
  std::string name;
  double vol_multiplier = 1.0;                  // of all spot vols ...
  std::map<std::string, double> underlyings{};  // ... but those that have one of their own
  double intensity_multiplier = 1.0;            // of the base intensities of all jumps
  std::optional<Correlation> correlation{};     // else the model's
};
inline double vol_multiplier(const RegimeModel& regime, const std::string& underlying) {
  const auto own = regime.underlyings.find(underlying);
  return own == regime.underlyings.end() ? regime.vol_multiplier : own->second;
}
// A Markov chain of regimes.
struct RegimesModel {
  std::vector<RegimeModel> states;
  std::vector<std::vector<double>> transition;  // [from][to] probabilities from one period to the next
  std::vector<double> first;                    // probabilities in the first period; after the fit: always there
};

// What a repair changed.
struct RepairSize {
  double least_eigenvalue = 0.0;  // of the matrix as given
  double largest_change = 0.0;    // of an entry
  double distance = 0.0;          // Frobenius norm of the change
};

struct Model {
  // One of these at most; else Gaussian innovations.
  std::optional<StudentT> student_t{};
  std::optional<GroupedTModel> grouped_t{};
  std::optional<BootstrapModel> bootstrap{};
  std::int64_t period_seconds = 86'400;  // of all but student_t; counted from as_of
  std::optional<double> max_move{};      // of all but student_t, as there
  Returns returns = Returns::log;
  std::map<std::string, UnderlyingModel> underlyings;
  std::vector<CommonJumpsModel> common_jumps{};
  std::optional<RegimesModel> regimes{};
  Correlation correlation{};  // pairs not listed are independent; after the fit: all factors, see model_factors
};

// Of innovations, GARCH and regimes alike.
inline std::int64_t period_seconds(const Model& model) {
  return model.student_t ? model.student_t->period_seconds : model.period_seconds;
}

inline std::optional<double> max_move(const Model& model) {
  return model.student_t ? model.student_t->max_move : model.max_move;
}

// Whether the log-returns of an underlying are t-distributed, and so have no mean of their exponential.
inline bool has_t_returns(const Model& model, const std::string& underlying) {
  if (model.student_t) return true;
  if (!model.grouped_t) return false;
  for (const TGroup& group : model.grouped_t->groups) {
    for (const std::string& factor : group.factors) {
      if (factor == underlying + ".spot") return true;
    }
  }
  return false;
}

// Whether the innovations of a period depend on each other.
inline bool drawn_by_period(const Model& model) { return model.student_t || model.grouped_t || model.bootstrap; }

// The model's factors in the order of their random numbers: all spots, then all levels ("X.vol"), skews, bases,
// premiums, log-normal spot vols ("X.spot_vol"), Heston's variances ("X.variance"), each in byte order of the
// underlyings. So a factor added to a model leaves the paths of the spots as they are.
std::vector<std::string> model_factors(const Model& model);

}  // namespace tailbit
