#include "host/compile/growth.hpp"

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

// The deviations of a log-return that a run allows for: eight of a normal, and of a t as many as one in a thousand runs
// of this size exceeds.
double allowed_deviations(const Inputs& inputs) {
  constexpr double kNormal = 8.0;
  if (!inputs.model.student_t) return kNormal;
  const double probability = 1e-3 / static_cast<double>(inputs.config.scenarios);
  return math::max(kNormal, student_t_deviations(inputs.model.student_t->dof, probability));
}

// The move of an underlying that is allowed for: of its log-return, or of its return where that is simple.
double allowed_move(const UnderlyingModel& model, const SpotMotion& motion, double deviations, double years) {
  double vol = model.vol;
  if (model.spot_vol == SpotVolKind::implied) {
    // Of the deviations, 0.7 each for spot and vol: a joint move as far out as all of them in one.
    const LevelModel level = model.level.value_or(LevelModel{});
    const double level_stdev = math::sqrt(ornstein_uhlenbeck_variance(level.vol_of_vol, level.kappa, years));
    deviations *= level_stdev > 0.0 ? 0.7 : 1.0;
    vol = implied_spot_vol(motion, 0.0, 0.0, 0.0) * math::exp(math::min(deviations, 8.0) * level_stdev);
  }
  return math::fma(deviations * vol, math::sqrt(years), math::abs(model.drift) * years);
}

}  // namespace

double growth_allowance(const Inputs& inputs, const Paths& paths) {
  const double years = static_cast<double>(inputs.config.horizon_seconds) / kSecondsPerYear;
  const double deviations = allowed_deviations(inputs);
  double most = 1.0;
  std::size_t u = 0;
  for (const auto& [name, model] : inputs.model.underlyings) {
    double log_move = allowed_move(model, paths.spots[u++], deviations, years);
    if (paths.simple_returns) log_move = math::log(1.0 + log_move);
    if (paths.most_move > 0.0) {
      const double periods = static_cast<double>(inputs.config.horizon_seconds) /
                             static_cast<double>(inputs.model.student_t->period_seconds);
      log_move = math::min(log_move, paths.most_move * (periods + 1.0));
    }
    most = math::max(most, math::exp(log_move) / 64.0);
  }
  if (most <= kMostGrowth) return most;
  throw Failure(ExitCode::bad_config,
                "over this horizon the model's vols and drifts let prices grow by more than " +
                    number_text(64.0 * kMostGrowth) + " times within " + number_text(deviations) +
                    " deviations, which exact sums cannot hold together with today's values; use a shorter horizon, " +
                    "smaller vols or drifts" + (inputs.model.student_t ? ", or max_move" : ""));
}

}  // namespace tailbit
