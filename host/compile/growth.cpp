#include "host/compile/growth.hpp"

#include "host/compile/heston_moments.hpp"
#include "host/compile/jumps.hpp"
#include "host/compile/student_t_tail.hpp"
#include "host/io/problems.hpp"
#include "host/io/text.hpp"
#include "tailbit/core/time.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/normal.hpp"

namespace tailbit {
namespace {

// Beyond this allowance profits would be whole multiples of more than a millionth of the book.
constexpr double kMostGrowth = 1e7;

// How far out the scenarios that a run allows for may lie.
struct Reach {
  double deviations;  // of the log-returns
  bool level_moves;   // along with the spot, where a spot vol is implied
};
constexpr Reach kUsual{8.0, false};

// Of a t: as many deviations as one in a thousand runs of this size exceeds. Of a bootstrap: the history's largest.
Reach furthest(const Inputs& inputs) {
  const Model& model = inputs.model;
  const double probability = 1e-3 / static_cast<double>(inputs.config.scenarios);
  double deviations = kUsual.deviations;
  const auto reach = [&](double dof) { deviations = math::max(deviations, student_t_deviations(dof, probability)); };
  if (model.student_t) reach(model.student_t->dof);
  if (model.grouped_t) {
    for (const TGroup& group : model.grouped_t->groups) reach(group.dof);
    for (const auto& [factor, dof] : model.grouped_t->marginals) reach(dof);
  }
  if (model.bootstrap) {
    for (const std::vector<double>& row : model.bootstrap->rows) {
      for (const double residual : row) deviations = math::max(deviations, math::abs(residual));
    }
  }
  return {deviations, true};
}

// The move of an underlying that is allowed for: of its log-return, or of its return where that is simple. `regimes`:
// what they multiply its vol with at most.
double allowed_move(const UnderlyingModel& model, const SpotMotion& motion, Reach reach, double years,
                    std::int64_t period, double level_jumps, double regimes) {
  double vol = model.vol, deviations = reach.deviations;
  if (motion.vol == SpotVol::garch) {
    // The mean of the variance at the horizon, h' = omega + kept h by period.
    const GarchVol& garch = model.garch;
    const double kept = garch.alpha + garch.beta + 0.5 * garch.gamma;
    double variance = vol * vol;
    const auto updates = static_cast<std::int64_t>(years * kSecondsPerYear) / period;
    for (std::int64_t i = 0; i < updates && i < 1000; ++i)
      variance = math::min(math::fma(kept, variance, garch.omega), motion.garch.most);
    vol = math::max(vol, math::sqrt(variance));
    if (reach.level_moves && updates > 0) {
      // A shock of six deviations with an alpha of 0.15 leaves two and a half times the vol.
      deviations *= 0.7;
      vol = math::min(2.5 * vol, math::max(vol, math::sqrt(motion.garch.most)));
    }
  } else if (motion.vol == SpotVol::heston) {
    const HestonMoments v = heston_moments(model.heston, years);
    const double variance = math::max(v.mean, model.heston.v0);
    vol = math::sqrt(variance);
    if (reach.level_moves) {
      deviations *= 0.7;
      vol = math::sqrt(math::fma(4.0, math::sqrt(v.variance), variance));
    }
  } else if (motion.vol == SpotVol::level && model.spot_vol != SpotVolKind::constant) {
    const bool log_normal = model.spot_vol == SpotVolKind::log_normal;
    vol = spot_vol_of_level(motion, 0.0, 0.0, 0.0);
    if (log_normal) vol = math::max(vol, model.log_normal.long_run_vol);
    const LevelModel level = log_normal ? LevelModel{model.log_normal.kappa, model.log_normal.vol_of_vol, 0.0}
                                        : model.level.value_or(LevelModel{});
    const double level_stdev = math::sqrt(ornstein_uhlenbeck_variance(level.vol_of_vol, level.kappa, years) +
                                          (log_normal ? 0.0 : level_jumps));
    if (reach.level_moves && level_stdev > 0.0) {
      // Of the deviations, 0.7 each for spot and vol: a joint move as far out as all of them in one.
      deviations *= 0.7;
      vol *= math::exp(math::min(deviations, 8.0) * level_stdev);
    }
  }
  return math::fma(deviations * vol * regimes, math::sqrt(years), math::abs(model.drift) * years);
}

double most_vol_multiplier(const Model& model, const std::string& underlying) {
  double most = 0.0;
  if (!model.regimes) return 1.0;
  for (const RegimeModel& regime : model.regimes->states) most = math::max(most, vol_multiplier(regime, underlying));
  return most;
}

double most_intensity_multiplier(const Model& model) {
  double most = 0.0;
  if (!model.regimes) return 1.0;
  for (const RegimeModel& regime : model.regimes->states) most = math::max(most, regime.intensity_multiplier);
  return most;
}

// Of what a log-size rises by, 0 where it falls: its mean and its mean square; and one that hardly any jump exceeds.
struct Rise {
  double mean, square, largest;
};
Rise rise_of(const JumpSizeModel& size) {
  switch (size.kind) {
    case JumpKind::to_zero: return {0.0, 0.0, 0.0};
    case JumpKind::kou: {
      const double p = size.up_probability, up = 1.0 / size.up_rate;
      return {p * up, 2.0 * p * up * up, p > 0.0 ? 20.0 * up : 0.0};
    }
    case JumpKind::normal: break;
  }
  const double m = size.mean, s = size.stdev;
  if (s == 0.0) return {math::max(m, 0.0), math::max(m, 0.0) * math::max(m, 0.0), math::max(m, 0.0)};
  const double above = math::normal_cdf(m / s), density = math::normal_density(m / s);
  return {m * above + s * density, (m * m + s * s) * above + m * s * density, math::max(0.0, m + 6.0 * s)};
}

// How far jumps are allowed to lift the log-return: the mean of all rises and eight deviations of their sum, or, where
// they are so few that it is more, one that hardly any jump exceeds; and what the process is compensated by, where it
// falls.
double allowed_jumps(const Model& model, const std::string& underlying, double years) {
  double mean = 0.0, square = 0.0, largest = 0.0, compensated = 0.0;
  const double by_regime = most_intensity_multiplier(model);
  each_jump_of(model, underlying, [&](double intensity, const JumpSizeModel& size) {
    const double mean_count = intensity * by_regime * years;
    if (mean_count == 0.0) return;
    const Rise rise = rise_of(size);
    mean += mean_count * rise.mean;
    square += mean_count * rise.square;
    largest = math::max(largest, rise.largest);
    compensated -= mean_count * moments_of(size).compensation;
  });
  return math::max(0.0, mean + compensated) + math::max(kUsual.deviations * math::sqrt(square), largest);
}

// Variance of the level that jumps make.
double level_jump_variance(const Model& model, const std::string& underlying, double years) {
  double variance = 0.0;
  const double by_regime = most_intensity_multiplier(model);
  each_jump_of(model, underlying, [&](double intensity, const JumpSizeModel& size) {
    variance += intensity * by_regime * years * size.vol_jump * size.vol_jump;
  });
  return variance;
}

double growth_within(Reach reach, const Inputs& inputs, const Paths& paths) {
  const double years = static_cast<double>(inputs.config.horizon_seconds) / kSecondsPerYear;
  double most = 1.0;
  std::size_t u = 0;
  for (const auto& [name, model] : inputs.model.underlyings) {
    double log_move =
        allowed_move(model, paths.spots[u++], reach, years, period_seconds(inputs.model),
                     level_jump_variance(inputs.model, name, years), most_vol_multiplier(inputs.model, name));
    log_move += allowed_jumps(inputs.model, name, years);
    if (paths.simple_returns) log_move = math::log(1.0 + log_move);
    if (paths.max_move > 0.0) {
      const double periods =
          static_cast<double>(inputs.config.horizon_seconds) / static_cast<double>(period_seconds(inputs.model));
      log_move = math::min(log_move, paths.max_move * (periods + 1.0));
    }
    most = math::max(most, math::exp(math::min(log_move, 100.0)) / 64.0);
  }
  return most;
}

}  // namespace

double growth_allowance(const Inputs& inputs, const Paths& paths) {
  if (growth_within(kUsual, inputs, paths) > kMostGrowth) {
    throw Failure(
        ExitCode::bad_config,
        "over this horizon the model's vols, drifts and jumps let prices grow by more than " +
            number_text(64.0 * kMostGrowth) + " times within " + number_text(kUsual.deviations) +
            " deviations, which exact sums cannot hold together with today's values; use a shorter horizon, " +
            "smaller vols, drifts or jumps" + (drawn_by_period(inputs.model) ? ", or max_move" : ""));
  }
  return math::min(kMostGrowth, growth_within(furthest(inputs), inputs, paths));
}

}  // namespace tailbit
