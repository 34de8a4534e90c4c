#include <algorithm>
#include <cmath>
#include <limits>

#include "host/fit/jump_fit.hpp"
#include "host/fit/kou_fit.hpp"
#include "host/io/text.hpp"
#include "host/ops/calibrate_parts.hpp"

namespace tailbit::calibration {
namespace {

constexpr double kNoJumpError = std::numeric_limits<double>::quiet_NaN();
// Periods that more than one underlying jumped in, below which there is no process in common.
constexpr std::size_t kFewestInCommon = 3;

// Within what the model's reader takes.
JumpSizeModel normal_size(Work& work, const std::string& part, double mean, double deviation) {
  JumpSizeModel size;
  size.mean = std::clamp(mean, -2.0, 2.0);
  size.stdev = std::clamp(deviation, 0.0, 1.5);
  if (size.mean != mean || size.stdev != deviation) {
    work.report.warn(part + ": jumps of mean " + number_text(mean) + " and deviation " + number_text(deviation) +
                     " are cut to " + number_text(size.mean) + " and " + number_text(size.stdev) +
                     ", what a model may have");
  }
  return size;
}

JumpSizeModel kou_size(Work& work, const std::string& part, const fit::KouSizes& sizes) {
  JumpSizeModel size;
  size.kind = JumpKind::kou;
  size.up_probability = sizes.up_probability;
  size.up_rate = std::max(sizes.up_rate, 2.1);
  size.down_rate = std::clamp(sizes.down_rate, 0.1, 1e6);
  if (size.up_rate != sizes.up_rate || size.down_rate != sizes.down_rate) {
    work.report.warn(part + ": jumps of rates " + number_text(sizes.up_rate) + " and " + number_text(sizes.down_rate) +
                     " are cut to " + number_text(size.up_rate) + " and " + number_text(size.down_rate) +
                     ", what a model may have");
  }
  return size;
}

class JumpsPart {
 public:
  explicit JumpsPart(Work& work) : work_(work), years_(work.grid.period_years()) {}

  void calibrate() {
    for (const auto& [name, unused] : work_.returns) {
      names_.push_back(name);
      series_.push_back(work_.returns.at(name));
      calibrate_own(name);
    }
    if (names_.size() > 1) calibrate_common();
  }

 private:
  bool kou() const { return work_.config.jumps == JumpsEstimate::kou; }

  // Both laws are told where Kou's is asked for, so that they may be compared; the model has the one that is asked for.
  void calibrate_own(const std::string& name) {
    const std::vector<double>& returns = work_.returns.at(name);
    const fit::JumpFit merton = fit::fit_jumps(returns, years_);
    tell_merton(name, merton);
    if (kou()) {
      const fit::KouFit found = fit::fit_kou_jumps(returns, years_);
      tell_kou(name, found);
      if (found.at_bound) {
        work_.report.warn(name + ".spot: Kou's intensity is at its bound of a jump a period of " +
                          duration_text(work_.grid.period) +
                          ": beside one constant vol, jumps stand for clusters of vol too. The errors of the others "
                          "are given that; a shorter `period` tells jumps better");
      }
      sizes_.push_back(found.sizes);
      take(name, found, kou_size(work_, name + ".spot", found.sizes));
    } else {
      take(name, merton, normal_size(work_, name + ".spot", merton.jump_mean, merton.jump_deviation));
    }
  }

  void take(const std::string& name, const fit::JumpDiffusion& fit, const JumpSizeModel& size) {
    UnderlyingModel& model = work_.model.underlyings[name];
    model.vol = fit.vol;
    model.jumps = {{fit.intensity, size}};
    // What diffuses is correlated, what jumps is a process of its own.
    std::vector<double>& innovations = work_.innovations[name + ".spot"];
    for (std::size_t t = 0; t < innovations.size(); ++t) {
      if (fit.probabilities[t] > 0.5) innovations[t] = kGap;
    }
    if (!fit.likelihood.converged) work_.report.warn(name + ".spot: the search for the jump diffusion has not settled");
    fits_.push_back(fit);
  }

  Estimate begun(const std::string& name, const std::string& whose, const fit::JumpDiffusion& fit) const {
    const auto& e = fit.likelihood.standard_errors;
    Estimate told(name + ".spot", whose + " jump diffusion, maximum likelihood", work_.grid.period,
                  fit.likelihood.observations);
    told.parameter("mean", fit.mean / years_, e[0] / years_, "per year")
        .parameter("vol", fit.vol, e[1], "per root year")
        .parameter("intensity", fit.intensity, e[2], "per year");
    return told;
  }

  void tell_merton(const std::string& name, const fit::JumpFit& fit) {
    const auto& e = fit.likelihood.standard_errors;
    Estimate told = begun(name, "Merton's", fit);
    told.parameter("jump mean", fit.jump_mean, e[3], "log-return")
        .parameter("jump deviation", fit.jump_deviation, e[4], "log-return")
        .likelihood(fit.likelihood);
    work_.report.add(told);
  }

  void tell_kou(const std::string& name, const fit::KouFit& fit) {
    const auto& e = fit.likelihood.standard_errors;
    Estimate told = begun(name, "Kou's", fit);
    told.parameter("up probability", fit.sizes.up_probability, e[3], "")
        .parameter("up rate", fit.sizes.up_rate, e[4], "per log-return")
        .parameter("down rate", fit.sizes.down_rate, e[5], "per log-return")
        .likelihood(fit.likelihood);
    work_.report.add(told);
  }

  // What several underlyings do at once is taken from their own processes.
  void calibrate_common() {
    const fit::CommonJumps common = fit::common_jumps(series_, fits_, years_);
    const std::size_t count = common.periods.size();
    const double watched = static_cast<double>(common.watched) * years_;
    const double intensity = watched > 0.0 ? static_cast<double>(count) / watched : 0.0;
    Estimate told("common_jumps", "periods in which two underlyings or more jumped", work_.grid.period, common.watched);
    told.parameter("intensity", intensity,
                   watched > 0.0 ? std::sqrt(static_cast<double>(count)) / watched : kNoJumpError, "per year")
        .parameter("periods", static_cast<double>(count), kNoJumpError, "")
        .parameter("expected by chance", common.expected_by_chance, kNoJumpError, "periods")
        .parameter("correlation of sizes", common.correlation, kNoJumpError, "");
    CommonJumpsModel model{intensity, common.correlation, {}};
    for (std::size_t i = 0; i < names_.size(); ++i) {
      tell_sizes(told, common, i);
      told.parameter(names_[i] + " share", common.shares[i], kNoJumpError, "of its jumps");
      model.underlyings[names_[i]] =
          kou() ? kou_size(work_, "common_jumps", fit::kou_sizes_of(common.sizes[i], sizes_[i]))
                : normal_size(work_, "common_jumps", common.means[i], common.deviations[i]);
    }
    work_.report.add(told);
    if (count < kFewestInCommon) return;
    for (std::size_t i = 0; i < names_.size(); ++i)
      work_.model.underlyings[names_[i]].jumps.front().intensity *= 1.0 - common.shares[i];
    work_.model.common_jumps.push_back(std::move(model));
  }

  void tell_sizes(Estimate& told, const fit::CommonJumps& common, std::size_t i) const {
    const std::size_t count = common.periods.size();
    const double root = std::sqrt(static_cast<double>(std::max<std::size_t>(count, 1)));
    told.parameter(names_[i] + " mean", common.means[i], common.deviations[i] / root, "log-return")
        .parameter(names_[i] + " deviation", common.deviations[i], kNoJumpError, "log-return");
    if (!kou() || count == 0) return;
    const fit::KouSizes sizes = fit::kou_sizes_of(common.sizes[i], sizes_[i]);
    const double up = sizes.up_probability, rises = up * static_cast<double>(count);
    const double falls = static_cast<double>(count) - rises;
    told.parameter(names_[i] + " up probability", up, std::sqrt(up * (1.0 - up)) / root, "")
        .parameter(names_[i] + " up rate", sizes.up_rate, rises > 0.0 ? sizes.up_rate / std::sqrt(rises) : kNoJumpError,
                   "per log-return")
        .parameter(names_[i] + " down rate", sizes.down_rate,
                   falls > 0.0 ? sizes.down_rate / std::sqrt(falls) : kNoJumpError, "per log-return");
  }

  Work& work_;
  double years_;
  std::vector<std::string> names_;
  fit::Rows series_;
  std::vector<fit::JumpDiffusion> fits_;
  std::vector<fit::KouSizes> sizes_;  // of Kou's
};

}  // namespace

void calibrate_jumps(Work& work) {
  if (work.config.jumps != JumpsEstimate::none) JumpsPart(work).calibrate();
}

}  // namespace tailbit::calibration
