#include "host/compile/growth.hpp"

#include "host/compile/heston_moments.hpp"
#include "host/compile/jumps.hpp"
#include "host/compile/student_t_tail.hpp"
#include "host/io/problems.hpp"
#include "host/io/text.hpp"
#include "tailbit/core/time.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"

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

// Of a t: as many deviations as one in a thousand runs of this size exceeds.
Reach furthest(const Inputs& inputs) {
  if (!inputs.model.student_t) return {kUsual.deviations, true};
  const double probability = 1e-3 / static_cast<double>(inputs.config.scenarios);
  return {math::max(kUsual.deviations, student_t_deviations(inputs.model.student_t->dof, probability)), true};
}

// The move of an underlying that is allowed for: of its log-return, or of its return where that is simple.
double allowed_move(const UnderlyingModel& model, const SpotMotion& motion, Reach reach, double years) {
  double vol = model.vol, deviations = reach.deviations;
  if (motion.vol == SpotVol::garch) {
    const double kept = 1.0 - model.garch.alpha - model.garch.beta - 0.5 * model.garch.gamma;
    if (kept > 1e-3) vol = math::max(vol, math::sqrt(model.garch.omega / kept));
    if (reach.level_moves) {
      // A shock of six deviations with an alpha of 0.15 leaves two and a half times the vol.
      deviations *= 0.7;
      vol = math::min(2.5 * vol, math::sqrt(motion.garch.most));
    }
  } else if (motion.vol == SpotVol::heston) {
    const HestonMoments v = heston_moments(model.heston, years);
    const double variance = math::max(v.mean, model.heston.v0);
    vol = math::sqrt(variance);
    if (reach.level_moves) {
      deviations *= 0.7;
      vol = math::sqrt(math::fma(4.0, math::sqrt(v.variance), variance));
    }
  } else if (motion.vol == SpotVol::level) {
    const bool log_normal = model.spot_vol == SpotVolKind::log_normal;
    vol = spot_vol_of_level(motion, 0.0, 0.0, 0.0);
    if (log_normal) vol = math::max(vol, model.log_normal.long_run_vol);
    const LevelModel level = log_normal ? LevelModel{model.log_normal.kappa, model.log_normal.vol_of_vol, 0.0}
                                        : model.level.value_or(LevelModel{});
    const double level_stdev = math::sqrt(ornstein_uhlenbeck_variance(level.vol_of_vol, level.kappa, years));
    if (reach.level_moves && level_stdev > 0.0) {
      // Of the deviations, 0.7 each for spot and vol: a joint move as far out as all of them in one.
      deviations *= 0.7;
      vol *= math::exp(math::min(deviations, 8.0) * level_stdev);
    }
  }
  return math::fma(deviations * vol, math::sqrt(years), math::abs(model.drift) * years);
}

// How far jumps are allowed to lift the log-return: eight deviations of their sum, as of what diffuses, or, where they
// are so few that one of them is more, one jump of the size that a thousandth of them exceeds in a run of 10^6.
double allowed_jumps(const Model& model, const std::string& underlying, double years) {
  double move = 0.0;
  each_jump_of(model, underlying, [&](double intensity, const JumpSizeModel& size) {
    const JumpMoments m = moments_of(size);
    const double mean_count = intensity * years;
    const double square = m.variance + m.mean * m.mean;
    const double sum = math::fma(kUsual.deviations, math::sqrt(mean_count * square), mean_count * m.mean);
    const double largest =
        size.kind == JumpKind::kou ? 20.0 / size.up_rate : math::fma(6.0, math::sqrt(m.variance), m.mean);
    move += math::max(0.0, -mean_count * m.compensation);  // of the compensated process, where nothing jumps
    if (mean_count > 0.0) move += math::max(math::max(sum, largest), 0.0);
  });
  return move;
}

double growth_within(Reach reach, const Inputs& inputs, const Paths& paths) {
  const double years = static_cast<double>(inputs.config.horizon_seconds) / kSecondsPerYear;
  double most = 1.0;
  std::size_t u = 0;
  for (const auto& [name, model] : inputs.model.underlyings) {
    double log_move = allowed_move(model, paths.spots[u++], reach, years);
    log_move += allowed_jumps(inputs.model, name, years);
    if (paths.simple_returns) log_move = math::log(1.0 + log_move);
    if (paths.max_move > 0.0) {
      const double periods = static_cast<double>(inputs.config.horizon_seconds) /
                             static_cast<double>(inputs.model.student_t->period_seconds);
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
        "over this horizon the model's vols and drifts let prices grow by more than " +
            number_text(64.0 * kMostGrowth) + " times within " + number_text(kUsual.deviations) +
            " deviations, which exact sums cannot hold together with today's values; use a shorter horizon, " +
            "smaller vols or drifts" + (inputs.model.student_t ? ", or max_move" : ""));
  }
  return math::min(kMostGrowth, growth_within(furthest(inputs), inputs, paths));
}

}  // namespace tailbit
