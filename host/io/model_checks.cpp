#include "host/io/model_checks.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "host/io/text.hpp"
#include "tailbit/models/jumps.hpp"

namespace tailbit {
namespace {

class ModelChecks {
 public:
  ModelChecks(const RunConfig& config, const Market& market, const Model& model, Problems& problems)
      : config_(config), market_(market), model_(model), problems_(problems) {}

  // A simple return is the change of a price over one period, of which there is no product over steps.
  void check_returns() {
    if (model_.returns != Returns::simple) return;
    if (config_.steps != 1) {
      problem("/returns", "simple returns are simulated in one step, and there are " + std::to_string(config_.steps),
              "set `steps` to 1 in " + config_.path + ", or use \"log\"");
    }
    if (drawn_by_period(model_) && config_.horizon_seconds > period_seconds(model_)) {
      problem("/returns",
              "simple returns are simulated within one period of " + duration_text(period_seconds(model_)) +
                  ", and the horizon is " + duration_text(config_.horizon_seconds),
              "lengthen the period, shorten the horizon in " + config_.path + ", or use \"log\"");
    }
  }

  // A period's return is only known where a step ends. Periods end at multiples m P, steps at H k / steps: every m P
  // below H is there exactly if P steps is a multiple of H.
  void check_periods() {
    if (max_move(model_)) check_periods_of("/innovations/max_move", "a largest move");
    if (model_.grouped_t || model_.bootstrap) check_periods_of("/innovations", "a period that is drawn at once");
    if (model_.regimes) check_periods_of("/regimes", "a chain of regimes");
    for (const auto& [name, underlying] : model_.underlyings) {
      if (underlying.spot_vol == SpotVolKind::garch)
        check_periods_of("/underlyings/" + name + "/spot_vol", "a GARCH vol");
    }
  }

  // The log-return's variance is off by about rho^2 kappa h / 8 of itself, h the step's years.
  void check_heston() {
    const double years = static_cast<double>(config_.horizon_seconds) / kSecondsPerYear;
    for (const auto& [name, underlying] : model_.underlyings) {
      if (underlying.spot_vol != SpotVolKind::heston) continue;
      const double reversions = underlying.heston.kappa * years;
      if (model_.returns == Returns::simple) {
        problem("/underlyings/" + name + "/spot_vol",
                "Heston's variance is of log-returns, and `returns` is \"simple\"", "use \"log\"");
      } else if (reversions > config_.steps) {
        problem("/underlyings/" + name + "/spot_vol/kappa",
                number_text(underlying.heston.kappa) + " times the years of a step is " +
                    number_text(reversions / config_.steps) + ", more than 1: the variance reverts within the step",
                "set `steps` to " + number_text(std::ceil(4.0 * reversions)) + " in " + config_.path + ", or to more");
      }
    }
  }

  void check_implied_spot_vols() {
    for (const auto& [name, underlying] : model_.underlyings) {
      if (underlying.spot_vol != SpotVolKind::implied) continue;
      const auto quoted = market_.underlyings.find(name);
      if (quoted == market_.underlyings.end()) {
        problem("/underlyings/" + name + "/spot_vol", "the spot vol is implied, and " + name + " is not in the market",
                "add it to " + config_.market + ", or use the kind \"constant\"");
      } else if (std::holds_alternative<std::monostate>(quoted->second.surface)) {
        problem("/underlyings/" + name + "/spot_vol", "the spot vol is implied, and " + name + " has no surface",
                "give it a `surface` in " + config_.market + ", or use the kind \"constant\"");
      }
    }
  }

  // Exact inversion ends at a count that a step's mean must stay well below.
  void check_jumps() {
    const double years = static_cast<double>(config_.horizon_seconds) / kSecondsPerYear;
    double most = model_.regimes ? 0.0 : 1.0;
    if (model_.regimes) {
      for (const RegimeModel& regime : model_.regimes->states) most = std::max(most, regime.intensity_multiplier);
    }
    const auto check = [&](const std::string& where, double base, const std::optional<SelfExcitation>& excited) {
      double intensity = base * most;
      if (excited) intensity = intensity / (1.0 - excited->branching_ratio) + excited->excess_today.value_or(0.0);
      if (model_.returns == Returns::simple) {
        problem(where, "jumps are of log-returns, and `returns` is \"simple\"", "use \"log\"");
      } else if (intensity * years / config_.steps > kMostMeanCount) {
        problem(where,
                "an intensity of " + number_text(intensity) + " per year is more than " + number_text(kMostMeanCount) +
                    " jumps per step",
                "set `steps` to at least " + number_text(std::ceil(intensity * years / kMostMeanCount)) + " in " +
                    config_.path + ", or simulate so many small moves as part of the spot vol");
      }
    };
    for (const auto& [name, underlying] : model_.underlyings) {
      for (std::size_t i = 0; i < underlying.jumps.size(); ++i)
        check("/underlyings/" + name + place("/jumps", i, underlying.jumps.size()), underlying.jumps[i].intensity,
              underlying.jumps[i].self_excitation);
    }
    for (std::size_t i = 0; i < model_.common_jumps.size(); ++i)
      check(place("/common_jumps", i, model_.common_jumps.size()), model_.common_jumps[i].intensity,
            model_.common_jumps[i].self_excitation);
  }

 private:
  // Of one process among several; the only one may be there without a list.
  static std::string place(const std::string& key, std::size_t i, std::size_t count) {
    return count == 1 ? key : key + "/" + std::to_string(i);
  }

  void check_periods_of(const std::string& where, const std::string& what) {
    const auto seconds = period_seconds(model_);
    const auto period = static_cast<std::uint64_t>(seconds);
    const auto horizon = static_cast<std::uint64_t>(config_.horizon_seconds);
    if (horizon <= period || period * config_.steps % horizon == 0) return;
    const std::uint64_t fewest = horizon / std::gcd(horizon, period);
    // At least as many as now; steps are no shorter than a second, so neither are these.
    const std::uint64_t working = (config_.steps + fewest - 1) / fewest * fewest;
    problem(where,
            what + " needs steps that end where its periods of " + duration_text(seconds) + " end, and " +
                std::to_string(config_.steps) + " steps over " + duration_text(config_.horizon_seconds) + " do not",
            "set `steps` to " + std::to_string(working) + " in " + config_.path);
  }

  void problem(const std::string& where, const std::string& what, const std::string& remedy) {
    problems_.add(ExitCode::bad_config, {config_.model, where, what, remedy});
  }

  const RunConfig& config_;
  const Market& market_;
  const Model& model_;
  Problems& problems_;
};

}  // namespace

void check_model(const RunConfig& config, const Market& market, const Model& model, Problems& problems) {
  ModelChecks checks(config, market, model, problems);
  checks.check_returns();
  checks.check_periods();
  checks.check_heston();
  checks.check_implied_spot_vols();
  checks.check_jumps();
}

}  // namespace tailbit
