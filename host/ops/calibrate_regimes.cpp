#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "host/fit/distributions.hpp"
#include "host/fit/markov_chain.hpp"
#include "host/fit/regime_fit.hpp"
#include "host/io/text.hpp"
#include "host/ops/calibrate_parts.hpp"
#include "tailbit/math/normal.hpp"

namespace tailbit::calibration {
namespace {

constexpr double kNoRegimeError = std::numeric_limits<double>::quiet_NaN();

// Six decimals: a report, and long.
nlohmann::ordered_json probabilities_json(const fit::Rows& rows) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const auto& row : rows) {
    nlohmann::ordered_json entry = nlohmann::ordered_json::array();
    for (const double probability : row) entry.push_back(std::round(probability * 1e6) / 1e6);
    out.push_back(std::move(entry));
  }
  return out;
}

std::string law_of(bool student_t) { return student_t ? "Student-t" : "Gaussian"; }

void check_enough_returns(const Work& work, const std::string& name, std::size_t states) {
  const std::size_t have = fit::without_gaps(work.returns.at(name)).size(), need = 100 * states;
  if (have < need) too_short(name + ".spot", "returns for " + std::to_string(states) + " regimes", have, need);
}

// What all chains have: how long a regime lasts, and how probable it is.
void tell_chain(Estimate& told, const fit::Rows& transition, const fit::Rows& errors, const fit::RegimePath& path) {
  const std::vector<double> long_run = long_run_probabilities(transition);
  for (std::size_t k = 0; k < transition.size(); ++k) {
    const std::string of = ", regime " + std::to_string(k + 1);
    const double leaves = 1.0 - transition[k][k];
    told.parameter("stays" + of, transition[k][k], errors[k][k], "probability by period")
        .parameter("duration" + of, 1.0 / leaves, errors[k][k] / (leaves * leaves), "periods")
        .parameter("long run" + of, long_run.empty() ? kNoRegimeError : long_run[k], kNoRegimeError, "probability")
        .parameter("probability now" + of, path.ahead.back()[k], kNoRegimeError, "");
  }
}

// The chain and the probabilities of its states, period by period; `key` says of what they are.
void tell_path(Work& work, const std::string& key, nlohmann::ordered_json of, const fit::Rows& transition,
               const fit::RegimePath& path) {
  work.report.set_regimes({{key, std::move(of)},
                           {"from", timestamp_text(work.grid.first)},
                           {"period", duration_text(work.grid.period)},
                           {"transition", transition},
                           {"filtered", probabilities_json(path.filtered)},
                           {"ahead", probabilities_json(path.ahead)}});
}

// Of one spot: for the report.
void tell_regimes_of_one(Work& work, const std::string& name, std::size_t states, bool student_t) {
  check_enough_returns(work, name, states);
  const fit::RegimeFit fit = fit::fit_regimes(work.returns.at(name), states, student_t);
  const fit::RegimeParameters &p = fit.parameters, &e = fit.errors;
  const double years = work.grid.period_years();
  Estimate told(name + ".spot", "Markov-switching returns, " + law_of(student_t) + ", EM", work.grid.period,
                fit.likelihood.observations);
  for (std::size_t k = 0; k < states; ++k) {
    const std::string of = ", regime " + std::to_string(k + 1);
    told.parameter("mean" + of, p.means[k] / years, e.means[k] / years, "per year")
        .parameter("vol" + of, p.deviations[k] / std::sqrt(years), e.deviations[k] / std::sqrt(years), "per root year");
  }
  tell_chain(told, p.transition, e.transition, fit.path);
  if (student_t) told.parameter("dof", p.dof, e.dof, "");
  work.report.add(told.likelihood(fit.likelihood));
  tell_path(work, "underlying", name, p.transition, fit.path);
}

// All spots, with one chain, as the model has it.
class CommonRegimes {
 public:
  CommonRegimes(Work& work, std::size_t states, bool student_t)
      : work_(work), states_(states), student_t_(student_t), years_(work.grid.period_years()) {
    for (const auto& [name, returns] : work.returns) {
      check_enough_returns(work, name, states);
      names_.push_back(name);
      returns_.push_back(returns);
    }
  }

  void calibrate() {
    tell_one_regime();
    fit_ = fit::fit_joint_regimes(returns_, states_, student_t_);
    if (!fit_.likelihood.converged) work_.report.warn("regimes: the EM algorithm has not settled");
    tell();
    fill_model();
    work_.regimes = fit_;
  }

 private:
  std::string method(const std::string& what, const fit::JointRegimeFit& fit) const {
    const bool many = fit.likelihood.at.size() > fit::kMostForCurvature;
    return what + ", " + law_of(student_t_) + ", EM" + (many ? ", errors by the outer product of gradients" : "");
  }

  // What the regimes are held against.
  void tell_one_regime() {
    const fit::JointRegimeFit one = fit::fit_joint_regimes(returns_, 1, student_t_);
    Estimate told("regimes", method("joint returns without regimes", one), work_.grid.period,
                  one.likelihood.observations);
    tell_law(told, one, 0, "");
    if (student_t_) told.parameter("dof", one.parameters.dof, one.errors.dof, "");
    work_.report.add(told.likelihood(one.likelihood));
  }

  void tell_law(Estimate& told, const fit::JointRegimeFit& fit, std::size_t k, const std::string& of) const {
    const fit::JointRegimeParameters &p = fit.parameters, &e = fit.errors;
    const double root = std::sqrt(years_);
    for (std::size_t i = 0; i < names_.size(); ++i) {
      told.parameter(names_[i] + " mean" + of, p.means[k][i] / years_, e.means[k][i] / years_, "per year")
          .parameter(names_[i] + " vol" + of, p.deviations[k][i] / root, e.deviations[k][i] / root, "per root year");
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        told.parameter(names_[j] + " " + names_[i] + " correlation" + of, p.correlations[k][i][j],
                       e.correlations[k][i][j], "");
      }
    }
  }

  void tell() {
    const fit::JointRegimeParameters &p = fit_.parameters, &e = fit_.errors;
    Estimate told("regimes", method("Markov-switching joint returns with one chain", fit_), work_.grid.period,
                  fit_.likelihood.observations);
    for (std::size_t k = 0; k < states_; ++k) tell_law(told, fit_, k, ", regime " + std::to_string(k + 1));
    tell_chain(told, p.transition, e.transition, fit_.path);
    if (student_t_) told.parameter("dof", p.dof, e.dof, "");
    for (std::size_t i = 0; i < names_.size(); ++i) tell_fit(told, i);
    work_.report.add(told.likelihood(fit_.likelihood));
    tell_path(work_, "underlyings", names_, p.transition, fit_.path);
  }

  // Each return's probability under its forecast, the mixture of the regimes' laws: uniform, and of normal quantiles
  // whose squares know nothing of each other, where the law is right.
  void tell_fit(Estimate& told, std::size_t i) const {
    constexpr std::size_t kRegimeLags = 20;
    const fit::JointRegimeParameters& p = fit_.parameters;
    std::vector<double> uniforms, squares;
    for (std::size_t t = 0; t < returns_[i].size(); ++t) {
      if (std::isnan(returns_[i][t])) continue;
      double below = 0.0;
      for (std::size_t k = 0; k < states_; ++k) {
        const double z = (returns_[i][t] - p.means[k][i]) / p.deviations[k][i];
        below += fit_.path.ahead[t][k] * fit::unit_t_cdf(z, p.dof);
      }
      uniforms.push_back(below);
      const double z = math::normal_from_uniform(std::clamp(below, 1e-15, 1.0 - 1e-15));
      squares.push_back(z * z);
    }
    told.test(names_[i] + " Kolmogorov-Smirnov of forecasts",
              fit::distance_to(uniforms, [](double u) { return u; }).kolmogorov_smirnov)
        .test(names_[i] + " Ljung-Box of squares, 20 lags", fit::ljung_box(squares, kRegimeLags));
  }

  void fill_model() {
    const fit::JointRegimeParameters& p = fit_.parameters;
    const std::vector<double> long_run = long_run_probabilities(p.transition);
    RegimesModel& regimes = work_.model.regimes.emplace();
    regimes.transition = p.transition;
    regimes.first = fit_.path.ahead.back();
    for (std::size_t k = 0; k < states_; ++k) regimes.states.push_back({.name = "regime " + std::to_string(k + 1)});
    for (std::size_t i = 0; i < names_.size(); ++i) {
      // The root of the long run's mean of squares is the vol that multipliers count from.
      double square = 0.0;
      for (std::size_t k = 0; k < states_; ++k) square += long_run[k] * p.deviations[k][i] * p.deviations[k][i];
      work_.model.underlyings[names_[i]].vol = std::sqrt(square / years_);
      for (std::size_t k = 0; k < states_; ++k) {
        RegimeModel& state = regimes.states[k];
        const double multiplier = p.deviations[k][i] / std::sqrt(square);
        // That of all: their geometric mean, for underlyings that are added to the model by hand.
        state.vol_multiplier *= std::pow(multiplier, 1.0 / static_cast<double>(names_.size()));
        if (names_.size() > 1) state.underlyings[names_[i]] = multiplier;
      }
    }
  }

  Work& work_;
  std::size_t states_;
  bool student_t_;
  double years_;
  std::vector<std::string> names_;
  fit::Rows returns_;
  fit::JointRegimeFit fit_;
};

}  // namespace

void calibrate_regimes(Work& work) {
  if (!work.config.regimes) return;
  const auto& [name, states] = *work.config.regimes;
  const bool student_t = has_t_innovations(work.config);
  if (name.empty()) {
    CommonRegimes(work, states, student_t).calibrate();
  } else {
    tell_regimes_of_one(work, name, states, student_t);
  }
}

}  // namespace tailbit::calibration
