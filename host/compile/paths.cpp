#include "host/compile/paths.hpp"

#include <algorithm>
#include <stdexcept>

#include "host/compile/jumps.hpp"
#include "host/compile/mixing_table.hpp"
#include "tailbit/math/cholesky.hpp"

namespace tailbit {
namespace {

using Matrix = std::vector<std::vector<double>>;
using Wide = __int128;

double step_covariance(const FactorLaw& a, const FactorLaw& b, double years) {
  return ornstein_uhlenbeck_covariance(a.kappa, b.kappa, years);
}

// What the normals of a step are multiplied with. Factors that return to their means at different speeds are less
// correlated over a step than their normals are at any moment.
std::vector<double> make_loading(const std::vector<FactorLaw>& laws, const Matrix& correlation, double years) {
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

SpotMotion make_motion(const UnderlyingModel& model, const market::UnderlyingToday& underlying, FactorId level,
                       bool simple_returns, double step_years) {
  constexpr double kMonth = 30.0 / 365.0;
  SpotMotion motion{};
  motion.implied = model.spot_vol == SpotVolKind::implied;
  motion.level = level;
  motion.drift = model.drift * step_years;
  if (!motion.implied) {
    if (!simple_returns) motion.drift = math::fma(-0.5 * model.vol, model.vol, model.drift) * step_years;
    return motion;
  }
  const market::SmileToday smile = underlying.surface.smile(kMonth);
  if (model.sticky == Sticky::strike && !smile.slices.empty()) {
    motion.left = yearly_variance(smile.slices.front(), kMonth);
    if (smile.slices.size() > 1) motion.right = yearly_variance(smile.slices.back(), kMonth);
  } else {
    motion.left.a = smile.total_variance(0.0, kMonth) / kMonth;
  }
  return motion;
}

// Which periods of the mixing variable a step lies in.
void add_shares(const StudentT& law, std::int64_t horizon, std::uint32_t steps, std::uint32_t k, Paths& paths) {
  // In units of 1/steps second.
  const Wide period = Wide{law.period_seconds} * steps;
  const Wide start = Wide{horizon} * k, end = start + horizon;
  Step step{static_cast<std::uint32_t>(paths.shares.size()), 0, true, end % period == 0 || k + 1 == steps};
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
    if (inputs.model.student_t) {
      add_shares(*inputs.model.student_t, config.horizon_seconds, config.steps, k, paths);
    } else {
      paths.steps.push_back({0, 0, false, k + 1 == config.steps});
    }
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
                   find(name + ".premium")});
  }
  return ids;
}

std::vector<FactorLaw> factor_laws(const Inputs& inputs, const std::vector<market::UnderlyingToday>& underlyings) {
  const auto& models = inputs.model.underlyings;
  std::vector<FactorLaw> laws;
  for (const auto& [name, m] : models) laws.push_back({0.0, m.spot_vol == SpotVolKind::implied ? 1.0 : m.vol, 0.0});
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
  paths.simple_returns = model.returns == Returns::simple;
  for (const FactorLaw& law : laws)
    paths.transitions.push_back(ornstein_uhlenbeck_transition(law.kappa, law.mean, years));
  paths.loading = make_loading(laws, model.correlation.matrix, years);
  std::size_t u = 0;
  for (const auto& [name, m] : model.underlyings) {
    paths.spots.push_back(make_motion(m, underlyings[u], ids[u].level, paths.simple_returns, years));
    paths.transitions[u].drift = paths.spots[u].drift;
    paths.any_implied = paths.any_implied || paths.spots[u].implied;
    ++u;
  }
  make_steps(inputs, paths);
  if (paths.any_implied) {
    for (std::size_t k = 0; k < paths.steps.size(); ++k) {
      for (const auto& [name, m] : model.underlyings) {
        const LevelModel level = m.level.value_or(LevelModel{});
        paths.level_variance.push_back(
            ornstein_uhlenbeck_variance(level.vol_of_vol, level.kappa, static_cast<double>(k) * years));
      }
    }
  }
  if (model.student_t) {
    paths.mixing = make_mixing_table(model.student_t->dof);
    paths.max_move = model.student_t->max_move.value_or(0.0);
  }
  add_jumps(model, ids, laws, paths);
  paths.fixings = schedule.fixings;
  for (std::size_t i = 0; i < schedule.fixings.size(); ++i) {
    for (const FactorLaw& law : laws) {
      const auto& [passed, rest] = schedule.ends[i];
      paths.bridges.push_back(schedule.fixings[i].at_step_end
                                  ? Bridge{0.0, 1.0, 0.0, 0.0}
                                  : ornstein_uhlenbeck_bridge(law.kappa, law.mean, passed, rest, years));
    }
  }
  return paths;
}

}  // namespace tailbit
