#include "host/compile/paths.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "host/compile/jumps.hpp"
#include "host/compile/mixing_table.hpp"
#include "host/compile/period_moves.hpp"
#include "host/compile/regimes.hpp"
#include "host/compile/sampling.hpp"
#include "tailbit/math/cholesky.hpp"

namespace tailbit {
namespace {

using Matrix = std::vector<std::vector<double>>;
using Wide = __int128;

double step_covariance(const FactorLaw& a, const FactorLaw& b, double years) {
  return ornstein_uhlenbeck_covariance(a.kappa, b.kappa, years);
}

// The lower Cholesky factor of the correlation over a step. Factors that return to their means at different speeds are
// less correlated over a step than their normals are at any moment.
Matrix correlation_root(const std::vector<FactorLaw>& laws, const Matrix& correlation, double years) {
  const std::size_t n = laws.size();
  Matrix over_step = correlation;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (laws[i].kappa == laws[j].kappa) continue;
      const double variances = step_covariance(laws[i], laws[i], years) * step_covariance(laws[j], laws[j], years);
      over_step[i][j] *= step_covariance(laws[i], laws[j], years) / math::sqrt(variances);
    }
  }
  // The entrywise product of two positive definite matrices is one (Schur), no nearer to singular than the correlation.
  Matrix lower;
  if (!math::cholesky(over_step, lower)) throw std::logic_error("make_paths: the correlation is not positive definite");
  return lower;
}

// What the normals of a step are multiplied with.
std::vector<double> make_loading(const std::vector<FactorLaw>& laws, const Matrix& correlation, double years) {
  const std::size_t n = laws.size();
  const Matrix lower = correlation_root(laws, correlation, years);
  std::vector<double> loading(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const double stdev = laws[i].vol * math::sqrt(step_covariance(laws[i], laws[i], years));
    for (std::size_t j = 0; j <= i; ++j) loading[i * n + j] = stdev * lower[i][j];
  }
  return loading;
}

market::SviVariance<double> yearly_variance(const market::SmileToday::Weighted& w, double years) {
  return market::svi_variance<double>(w, 1.0 / years, false);
}

GarchStep garch_step(const UnderlyingModel& model, double period_years) {
  const GarchVol& garch = model.garch;
  const double most = garch.max_vol ? *garch.max_vol * *garch.max_vol : std::numeric_limits<double>::max();
  return {garch.omega,
          garch.alpha,
          garch.beta,
          garch.alpha + garch.gamma,
          most,
          model.vol * model.vol,
          1.0 / math::sqrt(period_years)};
}

// Today's smile along the log-return.
void add_implied_vol(const UnderlyingModel& model, const market::UnderlyingToday& underlying, SpotMotion& motion) {
  constexpr double kMonth = 30.0 / 365.0;
  const market::SmileToday smile = underlying.surface.smile(kMonth);
  if (model.sticky == Sticky::strike && !smile.slices.empty()) {
    motion.left = yearly_variance(smile.slices.front(), kMonth);
    if (smile.slices.size() > 1) motion.right = yearly_variance(smile.slices.back(), kMonth);
  } else {
    motion.left.a = smile.total_variance(0.0, kMonth) / kMonth;
  }
}

// `spot_to_variance`: the correlation of the two where the vol is Heston's. `changes_by_regime`: the vol does.
SpotMotion make_motion(const Model& model, const UnderlyingModel& underlying, const market::UnderlyingToday& today,
                       const FactorIds& ids, double spot_to_variance, bool changes_by_regime, double step_years) {
  SpotMotion motion{};
  motion.factor = kNoFactor;
  motion.drift = underlying.drift * step_years;
  switch (underlying.spot_vol) {
    case SpotVolKind::constant:
      if (changes_by_regime) {
        motion.vol = SpotVol::level;
        motion.left.a = underlying.vol * underlying.vol;
        break;
      }
      motion.vol = SpotVol::constant;
      if (model.returns == Returns::log)
        motion.drift = math::fma(-0.5 * underlying.vol, underlying.vol, underlying.drift) * step_years;
      break;
    case SpotVolKind::implied:
      motion.vol = SpotVol::level;
      motion.factor = ids.level;
      add_implied_vol(underlying, today, motion);
      break;
    case SpotVolKind::log_normal:
      motion.vol = SpotVol::level;
      motion.factor = ids.spot_vol;
      motion.left.a = underlying.vol * underlying.vol;
      break;
    case SpotVolKind::garch:
      motion.vol = SpotVol::garch;
      motion.garch = garch_step(underlying, static_cast<double>(period_seconds(model)) / kSecondsPerYear);
      break;
    case SpotVolKind::heston: {
      const HestonVol& h = underlying.heston;
      motion.vol = SpotVol::heston;
      motion.factor = ids.variance;
      motion.heston = heston_step(h.v0, h.kappa, h.theta, h.vol_of_vol, spot_to_variance, step_years);
      break;
    }
  }
  return motion;
}

// What vol_of_level takes twice off the log of the vol at a date: of implied vols the level's variance, so that they
// keep their mean; of log-normal ones twice it, so that their squares do, and what they have reverted by.
double level_variance(const UnderlyingModel& model, double years) {
  if (model.spot_vol == SpotVolKind::log_normal) {
    const LogNormalVol& law = model.log_normal;
    const double variance = ornstein_uhlenbeck_variance(law.vol_of_vol, law.kappa, years);
    const double reverted = math::log(law.long_run_vol / model.vol) * (1.0 - math::exp(-law.kappa * years));
    return 2.0 * (variance - reverted);
  }
  if (model.spot_vol != SpotVolKind::implied) return 0.0;
  const LevelModel level = model.level.value_or(LevelModel{});
  return ornstein_uhlenbeck_variance(level.vol_of_vol, level.kappa, years);
}

// Of every regime, where one has a correlation of its own.
std::vector<double> make_loadings(const Model& model, const std::vector<FactorLaw>& laws, double years) {
  std::vector<double> loadings = make_loading(laws, model.correlation.matrix, years);
  if (!correlation_by_regime(model)) return loadings;
  const std::vector<double> of_model = std::exchange(loadings, {});
  for (const RegimeModel& regime : model.regimes->states) {
    const std::vector<double> own =
        regime.correlation ? make_loading(laws, regime.correlation->matrix, years) : of_model;
    loadings.insert(loadings.end(), own.begin(), own.end());
  }
  return loadings;
}

// Which periods a step lies in.
void add_shares(std::int64_t period_seconds, std::int64_t horizon, std::uint32_t steps, std::uint32_t k, Paths& paths) {
  // In units of 1/steps second.
  const Wide period = Wide{period_seconds} * steps;
  const Wide start = Wide{horizon} * k, end = start + horizon;
  Step step{static_cast<std::uint32_t>(paths.shares.size()), 0, true, 0, end % period == 0 || k + 1 == steps};
  for (Wide p = start / period; p * period < end; ++p) {
    const Wide passed = std::min(end, (p + 1) * period) - std::max(start, p * period);
    paths.shares.push_back({static_cast<std::uint32_t>(p),
                            static_cast<double>(static_cast<std::int64_t>(passed)) / static_cast<double>(horizon)});
    ++step.share_count;
  }
  if (k != 0 && step.share_count == 1 && paths.steps.back().share_count == 1) {
    const std::uint32_t before = paths.steps.back().first_share;
    step.new_shares = paths.shares[before].period != paths.shares.back().period;
  }
  paths.steps.push_back(step);
}

void make_steps(const Inputs& inputs, Paths& paths) {
  const RunConfig& config = inputs.config;
  for (std::uint32_t k = 0; k < config.steps; ++k) {
    add_shares(period_seconds(inputs.model), config.horizon_seconds, config.steps, k, paths);
  }
  std::uint32_t left = 0;
  for (auto step = paths.steps.rbegin(); step != paths.steps.rend(); ++step) {
    left = step->ends_period ? 1 : left + 1;
    step->left = left;
  }
}

}  // namespace

std::vector<FactorIds> factor_ids(const Model& model) {
  const std::vector<std::string> factors = model_factors(model);
  const auto find = [&](const std::string& name) {
    const auto found = std::find(factors.begin(), factors.end(), name);
    return found == factors.end() ? kNoFactor : static_cast<FactorId>(found - factors.begin());
  };
  std::vector<FactorIds> ids;
  for (const auto& [name, unused] : model.underlyings) {
    ids.push_back({find(name + ".spot"), find(name + ".vol"), find(name + ".skew"), find(name + ".basis"),
                   find(name + ".premium"), find(name + ".spot_vol"), find(name + ".variance")});
  }
  return ids;
}

std::vector<FactorLaw> factor_laws(const Inputs& inputs, const std::vector<market::UnderlyingToday>& underlyings) {
  const auto& models = inputs.model.underlyings;
  std::vector<FactorLaw> laws;
  for (const auto& [name, m] : models) {
    const bool one_vol = m.spot_vol == SpotVolKind::constant && !vol_by_regime(inputs.model, name);
    laws.push_back({0.0, one_vol ? m.vol : 1.0, 0.0});
  }
  for (const auto& [name, m] : models) {
    if (m.level) laws.push_back({m.level->kappa, m.level->vol_of_vol, 0.0});
  }
  for (const auto& [name, m] : models) {
    if (m.skew) laws.push_back({m.skew->kappa, m.skew->vol, 0.0});
  }
  for (const auto& [name, m] : models) {
    if (m.basis) laws.push_back({m.basis->kappa, m.basis->vol, 0.0});
  }
  std::size_t u = 0;
  for (const auto& [name, m] : models) {
    // The state is the premium beyond today's.
    if (m.premium) laws.push_back({m.premium->kappa, m.premium->vol, m.premium->mean - underlyings[u].premium});
    ++u;
  }
  for (const auto& [name, m] : models) {
    if (m.spot_vol == SpotVolKind::log_normal) laws.push_back({m.log_normal.kappa, m.log_normal.vol_of_vol, 0.0});
  }
  const double step_years = static_cast<double>(inputs.config.horizon_seconds) / inputs.config.steps / kSecondsPerYear;
  for (const auto& [name, m] : models) {
    if (m.spot_vol == SpotVolKind::heston) laws.push_back({0.0, 1.0 / math::sqrt(step_years), 0.0});
  }
  return laws;
}

Paths make_paths(const Inputs& inputs, const Schedule& schedule,
                 const std::vector<market::UnderlyingToday>& underlyings) {
  const Model& model = inputs.model;
  const double years = schedule.step_years;
  const std::vector<FactorLaw> laws = factor_laws(inputs, underlyings);
  const std::vector<FactorIds> ids = factor_ids(model);
  Paths paths;
  paths.step_years = years;
  paths.is_variance.assign(laws.size(), 0);
  paths.simple_returns = model.returns == Returns::simple;
  for (const FactorLaw& law : laws)
    paths.transitions.push_back(ornstein_uhlenbeck_transition(law.kappa, law.mean, years));
  paths.loading = make_loadings(model, laws, years);
  std::size_t u = 0;
  for (const auto& [name, m] : model.underlyings) {
    const bool has_variance = ids[u].variance != kNoFactor;
    if (has_variance) paths.is_variance[ids[u].variance] = 1;
    paths.spots.push_back(make_motion(model, m, underlyings[u], ids[u],
                                      has_variance ? model.correlation.matrix[u][ids[u].variance] : 0.0,
                                      vol_by_regime(model, name), years));
    const SpotMotion& motion = paths.spots.back();
    paths.transitions[u].drift = motion.drift;
    paths.any_vol_moves = paths.any_vol_moves || motion.moves();
    paths.any_garch = paths.any_garch || motion.vol == SpotVol::garch;
    paths.any_heston = paths.any_heston || motion.vol == SpotVol::heston;
    ++u;
  }
  make_steps(inputs, paths);
  if (paths.any_vol_moves) {
    for (std::size_t k = 0; k < paths.steps.size(); ++k) {
      for (const auto& [name, m] : model.underlyings)
        paths.level_variance.push_back(level_variance(m, static_cast<double>(k) * years));
    }
  }
  if (model.student_t) {
    paths.mixing = make_mixing_table(model.student_t->dof);
  }
  paths.max_move = max_move(model).value_or(0.0);
  add_period_moves(model, correlation_root(laws, model.correlation.matrix, years), paths);
  add_sampling(inputs.config, paths);
  add_regimes(model, paths);
  add_jumps(model, ids, laws, paths);
  paths.fixings = schedule.fixings;
  for (std::size_t i = 0; i < schedule.fixings.size(); ++i) {
    for (std::size_t f = 0; f < laws.size(); ++f) {
      const auto& [passed, rest] = schedule.ends[i];
      Bridge bridge = ornstein_uhlenbeck_bridge(laws[f].kappa, laws[f].mean, passed, rest, years);
      if (paths.is_variance[f] != 0) bridge.spread = 0.0;  // nobody looks at it inside a step: half way it is half way
      paths.bridges.push_back(schedule.fixings[i].at_step_end ? Bridge{0.0, 1.0, 0.0, 0.0} : bridge);
    }
  }
  return paths;
}

}  // namespace tailbit
