#include <algorithm>
#include <cmath>
#include <limits>

#include "host/fit/distributions.hpp"
#include "host/fit/garch_fit.hpp"
#include "host/fit/student_t_fit.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"
#include "host/ops/calibrate_parts.hpp"

namespace tailbit::calibration {
namespace {

constexpr std::size_t kFewestSpotReturns = 100;
constexpr std::size_t kLags = 20;
constexpr double kNoSpotError = std::numeric_limits<double>::quiet_NaN();
// Of the largest vol within the window: what vols are cut to, if the config does not say.
constexpr double kRoomAboveLargestVol = 1.5;

std::string method_of(SpotVolEstimate kind, bool student_t) {
  const std::string law = student_t ? ", Student-t" : ", Gaussian";
  switch (kind) {
    case SpotVolEstimate::ewma: return "EWMA" + law + ", maximum likelihood";
    case SpotVolEstimate::garch: return "GARCH(1,1)" + law + ", maximum likelihood";
    case SpotVolEstimate::gjr: return "GJR-GARCH(1,1)" + law + ", maximum likelihood";
    case SpotVolEstimate::constant:
    case SpotVolEstimate::implied: break;
  }
  return "constant vol" + law + ", maximum likelihood";
}

fit::GarchKind garch_kind(SpotVolEstimate kind) {
  switch (kind) {
    case SpotVolEstimate::ewma: return fit::GarchKind::ewma;
    case SpotVolEstimate::garch: return fit::GarchKind::garch;
    case SpotVolEstimate::gjr: return fit::GarchKind::gjr;
    case SpotVolEstimate::constant:
    case SpotVolEstimate::implied: break;
  }
  return fit::GarchKind::constant;
}

bool has_garch(SpotVolEstimate kind) { return garch_kind(kind) != fit::GarchKind::constant; }

// One underlying's spot.
class SpotPart {
 public:
  SpotPart(Work& work, const std::string& name)
      : work_(work),
        config_(work.config),
        name_(name),
        part_(name + ".spot"),
        returns_(work.returns.at(name)),
        there_(fit::without_gaps(returns_)),
        years_(work.grid.period_years()),
        student_t_(has_t_innovations(work.config)) {
    if (there_.size() < kFewestSpotReturns) too_short(part_, "returns", there_.size(), kFewestSpotReturns);
    if (fit::all_alike(there_))
      throw Failure(ExitCode::bad_data, part_ + ": all returns are alike; give a price that moves");
  }

  void calibrate() {
    tell_early_end();
    describe_returns();
    UnderlyingModel& model = work_.model.underlyings[name_];
    const fit::GarchFit constant = fit::fit_garch(returns_, fit::GarchKind::constant, student_t_);
    tell_garch(constant, SpotVolEstimate::constant);
    work_.innovations[part_] = constant.path.residuals;
    work_.spot_dof[name_] = constant.parameters.dof;
    model.vol = sample_vol();
    if (config_.spot_vol == SpotVolEstimate::implied) model.spot_vol = SpotVolKind::implied;
    if (has_garch(config_.spot_vol)) calibrate_garch(model);
    if (config_.drift == DriftEstimate::sample) model.drift = drift();
  }

 private:
  void tell_early_end() const {
    std::size_t late = 0;
    while (std::isnan(returns_[returns_.size() - 1 - late])) ++late;
    if (late == 0) return;
    const Timestamp end = work_.grid.at(returns_.size() - late);
    work_.report.warn(part_ + ": prices end at " + timestamp_text(end) +
                      ", before the window does; today's vol is that of then");
  }

  double sample_vol() const { return std::sqrt(fit::variance_of(there_) / years_); }
  // What the mean of the spot grew at, per year: the mean log-return, and half of its variance.
  double drift() const { return fit::mean_of(there_) / years_ + 0.5 * sample_vol() * sample_vol(); }

  void describe_returns() {
    const double n = static_cast<double>(there_.size()), vol = sample_vol();
    const fit::StudentTFit t = fit::fit_student_t(there_);
    const auto& errors = t.likelihood.standard_errors;
    const double root = std::sqrt(years_);
    const auto [least, most] = std::minmax_element(there_.begin(), there_.end());
    Estimate told(part_, "log-returns, Student's t by maximum likelihood", work_.grid.period, there_.size());
    told.parameter("drift", drift(), vol / std::sqrt(n * years_), "per year")
        .parameter("vol", vol, vol * std::sqrt((fit::kurtosis_of(there_) - 1.0) / (4.0 * n)), "per root year")
        .parameter("location", t.location / years_, errors[0] / years_, "per year")
        .parameter("scale", t.scale / root, errors[1] / root, "per root year")
        .parameter("dof", t.dof, errors[2], "")
        .parameter("least", *least, kNoSpotError, "log-return")
        .parameter("most", *most, kNoSpotError, "log-return")
        .likelihood(t.likelihood);
    const fit::Distance distance =
        fit::distance_to(there_, [&](double x) { return fit::t_cdf((x - t.location) / t.scale, t.dof); });
    told.test("Kolmogorov-Smirnov to the t", distance.kolmogorov_smirnov)
        .statistic("Anderson-Darling to the t", distance.anderson_darling);
    if (there_.size() > kLags) {
      std::vector<double> squares;
      for (const double r : there_) squares.push_back(r * r);
      told.test("Ljung-Box of returns, 20 lags", fit::ljung_box(there_, kLags))
          .test("Ljung-Box of their squares, 20 lags", fit::ljung_box(squares, kLags));
    }
    work_.report.add(told);
  }

  // Percent squared per period beside what the model file has, since that is what most programs print.
  void tell_garch(const fit::GarchFit& fit, SpotVolEstimate kind) {
    const fit::GarchParameters &p = fit.parameters, &e = fit.errors;
    Estimate told(part_, method_of(kind, student_t_), work_.grid.period, fit.likelihood.observations);
    told.parameter("mean", p.mean / years_, e.mean / years_, "per year");
    if (kind == SpotVolEstimate::constant) {
      const double vol = std::sqrt(p.omega / years_);
      told.parameter("vol", vol, 0.5 * vol * e.omega / p.omega, "per root year");
    } else {
      told.parameter("vol today", std::sqrt(fit.forecast() / years_), kNoSpotError, "per root year")
          .parameter("omega", p.omega / years_, e.omega / years_, "per year")
          .parameter("omega in percent", 1e4 * p.omega, 1e4 * e.omega, "percent^2 per period")
          .parameter("alpha", p.alpha, e.alpha, "")
          .parameter("beta", p.beta, e.beta, "");
      if (kind == SpotVolEstimate::gjr) told.parameter("gamma", p.gamma, e.gamma, "");
      told.parameter("persistence", p.persistence(), kNoSpotError, "");
    }
    if (student_t_) told.parameter("dof", p.dof, e.dof, "");
    told.likelihood(fit.likelihood);
    const std::vector<double> z = fit::without_gaps(fit.path.residuals);
    std::vector<double> squares;
    for (const double x : z) squares.push_back(x * x);
    const fit::Distance distance = fit::distance_to(z, [&](double x) { return fit::unit_t_cdf(x, p.dof); });
    told.test("Kolmogorov-Smirnov of residuals", distance.kolmogorov_smirnov)
        .statistic("Anderson-Darling of residuals", distance.anderson_darling)
        .test("Ljung-Box of residuals, 20 lags", fit::ljung_box(z, kLags))
        .test("Ljung-Box of their squares, 20 lags", fit::ljung_box(squares, kLags));
    work_.report.add(told);
    if (!fit.likelihood.converged)
      work_.report.warn(part_ + ": the search for the " + method_of(kind, student_t_) + " has not settled");
  }

  void calibrate_garch(UnderlyingModel& model) {
    const fit::GarchFit fit = fit::fit_garch(returns_, garch_kind(config_.spot_vol), student_t_);
    tell_garch(fit, config_.spot_vol);
    work_.innovations[part_] = fit.path.residuals;
    work_.spot_dof[name_] = fit.parameters.dof;
    model.spot_vol = SpotVolKind::garch;
    model.vol = std::sqrt(fit.forecast() / years_);
    const double largest = std::sqrt(*std::max_element(fit.path.variances.begin(), fit.path.variances.end()) / years_);
    const double cap = std::min(kRoomAboveLargestVol * largest, kMostVol);
    model.garch = {fit.parameters.omega / years_, fit.parameters.alpha, fit.parameters.beta, fit.parameters.gamma,
                   std::max(config_.max_vol.value_or(cap), model.vol)};
    if (config_.max_vol && *config_.max_vol < model.vol) {
      work_.report.warn(part_ + ": `max_vol` is below today's vol, which the model has in its place");
    }
    if (fit.integrated && config_.spot_vol != SpotVolEstimate::ewma) {
      work_.report.warn(part_ +
                        ": the persistence of the variance is at its bound of 1; its errors are given that, "
                        "and `max_vol` keeps vols finite");
    }
  }

  Work& work_;
  const CalibrateConfig& config_;
  std::string name_, part_;
  const std::vector<double>& returns_;
  std::vector<double> there_;
  double years_;
  bool student_t_;
};

}  // namespace

void calibrate_spots(Work& work) {
  for (const auto& [name, unused] : work.returns) SpotPart(work, name).calibrate();
}

}  // namespace tailbit::calibration
