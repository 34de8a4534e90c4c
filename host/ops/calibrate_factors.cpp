#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "host/fit/ou_fit.hpp"
#include "host/io/json_file.hpp"
#include "host/io/text.hpp"
#include "host/ops/calibrate_parts.hpp"
#include "host/ops/usual_factors.hpp"

namespace tailbit::calibration {
namespace {

constexpr double kThirtyDays = 30.0 * 86'400.0;
// N^-1(3/4) doubled: what lies between the log-moneynesses of a call and a put of 25 delta, in total deviations.
constexpr double kBetweenDeltas = 2.0 * 0.67448975019608171;
constexpr std::size_t kFewestFactorPairs = 50;
constexpr double kNoFactorError = std::numeric_limits<double>::quiet_NaN();
constexpr Within<double> kDecayRange{0.0, 2.0}, kKappaRange{0.0, 1e6};
constexpr double kMostFactorVol = 20.0;

// How a series becomes the factor that the model has, by the values of one moment.
template <class Convert>
std::vector<double> converted(const std::vector<double>& values, Convert&& convert) {
  std::vector<double> out;
  for (const double value : values) out.push_back(is_gap(value) ? kGap : convert(value));
  return out;
}

// The term nearest to thirty days, in logarithms.
std::int64_t nearest_term(const std::map<std::int64_t, History>& terms) {
  std::int64_t nearest = terms.begin()->first;
  const auto off = [](std::int64_t seconds) { return std::abs(std::log(static_cast<double>(seconds) / kThirtyDays)); };
  for (const auto& [seconds, unused] : terms) {
    if (off(seconds) < off(nearest)) nearest = seconds;
  }
  return nearest;
}

// Levels, skews, basis and premium of one underlying.
class FactorParts {
 public:
  FactorParts(Work& work, const std::string& name)
      : work_(work),
        name_(name),
        series_(work.config.underlyings.at(name)),
        histories_(work.histories.at(name)),
        model_(work.model.underlyings[name]) {}

  void calibrate() {
    calibrate_level();
    calibrate_skew();
    calibrate_basis();
    calibrate_premium();
  }

 private:
  // A factor seen on its own grid and, for what it has in common with others, on that of the prices.
  struct Seen {
    Grid own;
    std::vector<double> values, on_common;
  };

  template <class Convert>
  Seen see(const std::string& part, const CalibratedSeries& series, const History& history, Convert&& convert) {
    Seen seen;
    const Sampled own = work_.sampled(part, series, history, seen.own);
    seen.values = converted(own.values, convert);
    seen.on_common = converted(sample(history, work_.grid, work_.grid.period).values, convert);
    return seen;
  }

  // Tells the process and keeps its innovations.
  fit::OuFit fit_factor(const std::string& part, const std::string& what, const Seen& seen, const std::string& unit) {
    std::size_t pairs = 0;
    for (const double change : changes(seen.values)) pairs += !is_gap(change);
    if (pairs < kFewestFactorPairs) too_short(part, "changes", pairs, kFewestFactorPairs);
    fit::OuFit fit = [&] {
      try {
        return fit::fit_ou(seen.values, seen.own.period_years());
      } catch (const std::invalid_argument&) {
        throw Failure(ExitCode::bad_data, part + ": all values are alike; leave the series out");
      }
    }();
    Estimate told(part, "Ornstein-Uhlenbeck process of the " + what + ", least squares", seen.own.period,
                  fit.observations);
    const double days = 365.0;
    told.parameter("kappa", fit.kappa, fit.kappa_error, "per year")
        .parameter("half-life", days * fit.half_life(),
                   fit.kappa > 0.0 ? days * fit.half_life() * fit.kappa_error / fit.kappa : kNoFactorError, "days")
        .parameter("vol", fit.vol, fit.vol_error, "per root year")
        .parameter("mean", fit.mean, fit.mean_error, unit)
        .parameter("phi", fit.phi, fit.phi_error, "by period")
        .parameter("bias of phi, about", -fit.phi_bias, kNoFactorError, "by period")
        .parameter("deviation of residuals", fit.residual_deviation, kNoFactorError, unit);
    const std::vector<double> residuals = fit::without_gaps(fit.residuals);
    if (residuals.size() > 20) told.test("Ljung-Box of residuals, 20 lags", fit::ljung_box(residuals, 20));
    work_.report.add(told);
    if (fit.fast) {
      work_.report.warn(part + ": the factor forgets itself within a period of " + duration_text(seen.own.period) +
                        "; its kappa is the least that can be told, give a shorter `period`");
    }
    if (fit.kappa == 0.0) work_.report.warn(part + ": the series does not revert to a mean; kappa is 0");
    work_.innovations[part] = common_innovations(seen, fit);
    return fit;
  }

  // By period of the common grid; nothing but gaps where the series is seen too seldom there.
  std::vector<double> common_innovations(const Seen& seen, const fit::OuFit& own) const {
    if (seen.own.period == work_.grid.period) return own.residuals;
    try {
      return fit::fit_ou(seen.on_common, work_.grid.period_years()).residuals;
    } catch (const std::invalid_argument&) {
      return std::vector<double>(work_.grid.count - 1, kGap);
    }
  }

  // How fast changes of a factor fall with the term. Nothing for fewer than two terms.
  std::optional<double> term_decay(const std::string& part, const ByTerm& series,
                                   const std::map<std::int64_t, History>& histories, bool logarithms) {
    std::vector<double> terms, deviations;
    std::size_t observations = 0;
    Grid own;
    for (const auto& [seconds, history] : histories) {
      const CalibratedSeries& layout = series.at(seconds);
      own = make_grid(work_.grid.first, work_.grid.at(work_.grid.count - 1), layout.period_seconds);
      const std::vector<double> values = sample(history, own, own.period).values;
      const std::vector<double> moves = fit::without_gaps(logarithms ? log_changes(values) : changes(values));
      if (moves.size() < kFewestFactorPairs) continue;
      observations = std::max(observations, moves.size());
      terms.push_back(static_cast<double>(std::max<std::int64_t>(seconds, 86'400)) / 86'400.0);
      deviations.push_back(std::sqrt(fit::variance_of(moves)));
    }
    if (terms.size() < 2 || terms.front() == terms.back()) return std::nullopt;
    const fit::TermDecay decay = fit::fit_term_decay(terms, deviations);
    Estimate told(part, "regression of ln deviation on ln term", own.period, observations);
    told.parameter("term_decay", decay.power, decay.power_error, "")
        .parameter("R squared", decay.r_squared, kNoFactorError, "");
    for (std::size_t i = 0; i < terms.size(); ++i) {
      told.parameter("deviation, " + number_text(terms[i]) + " days", deviations[i], kNoFactorError,
                     logarithms ? "log-change" : "change");
    }
    work_.report.add(told);
    return within(part + " term_decay", decay.power, kDecayRange);
  }

  double within(const std::string& what, double value, Within<double> range) {
    const double cut = std::clamp(value, range.least, range.most);
    if (cut != value) {
      work_.report.warn(what + ": the estimate " + number_text(value) + " is cut to " + number_text(cut) +
                        ", what a model may have");
    }
    return cut;
  }
  double kappa(const std::string& part, const fit::OuFit& fit) {
    return within(part + " kappa", fit.kappa, kKappaRange);
  }
  double vol(const std::string& part, double value) { return within(part + " vol", value, {0.0, kMostFactorVol}); }

  // Uses the usual factor, or none, as the config says.
  template <class Factor>
  void missing(std::optional<Factor>& out, const Factor& usual, const std::string& part, const std::string& series) {
    if (work_.config.missing == MissingFactors::leave_out) {
      work_.report.add_default(part, "no " + series + " is given: the factor is left out of the model");
      return;
    }
    out = usual;
    work_.report.add_default(part,
                             "no " + series + " is given: the model has the usual factor, independent of all others");
  }

  double usual_decay(const std::string& part, double usual) {
    work_.report.add_default(part + " term_decay",
                             "fewer than two terms are given: the model has the usual " + number_text(usual));
    return usual;
  }

  void calibrate_level() {
    const std::string part = name_ + ".vol";
    if (!histories_.vol_index && histories_.atm_vol.empty())
      return missing(model_.level, kUsualLevel, part, "vol index or vol at the money");
    const auto logarithm = [](double vol) { return std::log(vol); };
    const std::int64_t term = histories_.vol_index ? 30 * 86'400 : nearest_term(histories_.atm_vol);
    const Seen seen = histories_.vol_index
                          ? see(part, *series_.vol_index, *histories_.vol_index, logarithm)
                          : see(part, series_.atm_vol.at(term), histories_.atm_vol.at(term), logarithm);
    const fit::OuFit fit = fit_factor(part, "logarithm of the vol", seen, "ln vol");
    const auto decay = term_decay(part, series_.atm_vol, histories_.atm_vol, true);
    const double power = decay ? *decay : usual_decay(part, kUsualLevel.term_decay);
    model_.level = LevelModel{kappa(part, fit), vol(part, at_thirty_days(fit.vol, term, power)), power};
  }

  // The vol of a factor that was seen at one term and moves terms by a power of theirs.
  static double at_thirty_days(double vol, std::int64_t term, double power) {
    return vol * std::pow(static_cast<double>(term) / kThirtyDays, power);
  }

  // Of the smile at thirty days, by which a vol changes with ln(K/F): the risk reversal over what lies between its
  // strikes. The slope of another term is (30 days / term)^(1/2) of it.
  void calibrate_skew() {
    const std::string part = name_ + ".skew";
    if (histories_.risk_reversal.empty()) return missing(model_.skew, kUsualSkew, part, "risk reversal");
    const std::int64_t term = nearest_term(histories_.risk_reversal);
    const double years = static_cast<double>(term) / kSecondsPerYear;
    const double factor = std::sqrt(static_cast<double>(term) / kThirtyDays) / (kBetweenDeltas * std::sqrt(years));
    const CalibratedSeries& layout = series_.risk_reversal.at(term);
    const History& vols = histories_.atm_vol.at(term);
    Seen seen;
    const Sampled own = work_.sampled(part, layout, histories_.risk_reversal.at(term), seen.own);
    const auto slopes = [&](const std::vector<double>& reversals, const Grid& grid) {
      const std::vector<double> at_money = sample(vols, grid, grid.period).values;
      std::vector<double> out;
      for (std::size_t i = 0; i < reversals.size(); ++i) out.push_back(factor * reversals[i] / at_money[i]);
      return out;
    };
    seen.values = slopes(own.values, seen.own);
    seen.on_common =
        slopes(sample(histories_.risk_reversal.at(term), work_.grid, work_.grid.period).values, work_.grid);
    const fit::OuFit fit = fit_factor(part, "slope of vols in ln(K/F) at 30 days", seen, "vol per ln(K/F)");
    model_.skew = SkewModel{kappa(part, fit), vol(part, fit.vol)};
  }

  void calibrate_basis() {
    const std::string part = name_ + ".basis";
    if (histories_.basis.empty()) return missing(model_.basis, kUsualBasis, part, "basis");
    const std::int64_t term = nearest_term(histories_.basis);
    const Seen seen = see(part, series_.basis.at(term), histories_.basis.at(term), [](double carry) { return carry; });
    const fit::OuFit fit = fit_factor(part, "carry of forwards", seen, "per year");
    const auto decay = term_decay(part, series_.basis, histories_.basis, false);
    const double power = decay ? *decay : usual_decay(part, kUsualBasis.term_decay);
    model_.basis = BasisModel{kappa(part, fit), vol(part, at_thirty_days(fit.vol, term, power)), power};
  }

  void calibrate_premium() {
    const std::string part = name_ + ".premium";
    if (!histories_.funding) return missing(model_.premium, kUsualPremium, part, "funding");
    const FundingSeries& funding = *series_.funding;
    std::size_t known = 0, unseen = 0;
    const auto premium = [&](double rate) {
      const ImpliedPremium implied = premium_of_funding(rate, funding);
      ++known;
      unseen += !implied.seen;
      return std::log1p(implied.premium);
    };
    Seen seen = see(part, funding.series, *histories_.funding, premium);
    const fit::OuFit fit = fit_factor(part, "log-premium", seen, "log-premium");
    model_.premium = PremiumModel{kappa(part, fit), vol(part, fit.vol), fit.mean};
    if (std::isnan(fit.mean)) model_.premium->mean = kUsualPremium.mean;
    if (unseen == 0) return;
    work_.report.warn(part + ": " +
                      number_text(std::round(100.0 * static_cast<double>(unseen) / static_cast<double>(known))) +
                      " % of the funding rates are those of a premium that is too small to be seen, and stand for the "
                      "middle of its range");
  }

  struct ImpliedPremium {
    double premium;
    bool seen;
  };
  // The rules of docs/definitions, backwards.
  static ImpliedPremium premium_of_funding(double rate, const FundingSeries& funding) {
    constexpr double kDeribitBand = 0.00025, kBinanceBand = 0.0005, kPrinted = 5e-9;
    switch (funding.rule) {
      case FundingRule::deribit:
        if (std::abs(rate) <= kPrinted) return {0.0, false};
        return {rate + std::copysign(kDeribitBand, rate), true};
      case FundingRule::binance:
        if (std::abs(rate - funding.interest) <= kPrinted) return {funding.interest, false};
        return {rate + std::copysign(kBinanceBand, rate - funding.interest), true};
      case FundingRule::constant: break;
    }
    return {rate, true};
  }

  Work& work_;
  std::string name_;
  const CalibratedUnderlying& series_;
  const UnderlyingHistories& histories_;
  UnderlyingModel& model_;
};

}  // namespace

void calibrate_factors(Work& work) {
  for (const auto& [name, unused] : work.returns) FactorParts(work, name).calibrate();
}

}  // namespace tailbit::calibration
