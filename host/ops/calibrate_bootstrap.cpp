#include <algorithm>
#include <cmath>
#include <limits>

#include "host/io/text.hpp"
#include "host/ops/calibrate_parts.hpp"

namespace tailbit::calibration {
namespace {

constexpr double kNoBootstrapError = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kFewestHistoryRows = 100;
constexpr std::size_t kBootstrapLags = 20;
// Of the spots' periods, those that a factor must have to be in the history: else it would cost too many of them.
constexpr double kLeastShare = 0.5;

double to_nine_decimals_of(double residual) { return std::round(residual * 1e9) / 1e9 + 0.0; }

bool is_spot(const std::string& factor) { return factor.ends_with(".spot"); }

// The history of residuals that innovations are drawn from: periods that have all of its factors.
class BootstrapPart {
 public:
  explicit BootstrapPart(Work& work) : work_(work), whole_(work.grid.count - 1, true) {}

  void calibrate() {
    for (const auto& [factor, unused] : work_.innovations) {
      if (is_spot(factor)) take(factor);
    }
    spot_periods_ = count(whole_);
    if (spot_periods_ < kFewestHistoryRows)
      too_short("innovations", "periods that have all spots", spot_periods_, kFewestHistoryRows);
    take_others();
    fill_model();
    tell_periods();
    tell();
  }

 private:
  static std::size_t count(const std::vector<bool>& periods) {
    return static_cast<std::size_t>(std::count(periods.begin(), periods.end(), true));
  }

  std::vector<bool> whole_with(const std::string& factor) const {
    const std::vector<double>& series = work_.innovations.at(factor);
    std::vector<bool> out = whole_;
    for (std::size_t t = 0; t < out.size(); ++t) out[t] = out[t] && !is_gap(series[t]);
    return out;
  }

  void take(const std::string& factor) {
    whole_ = whole_with(factor);
    taken_.push_back(factor);
  }

  // The best known ones first, as long as half of the spots' periods are left.
  void take_others() {
    std::vector<std::pair<std::size_t, std::string>> others;
    for (const auto& [factor, unused] : work_.innovations) {
      if (!is_spot(factor)) others.emplace_back(count(whole_with(factor)), factor);
    }
    std::stable_sort(others.begin(), others.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [unused, factor] : others) {
      const std::size_t left = count(whole_with(factor));
      if (static_cast<double>(left) >= kLeastShare * static_cast<double>(spot_periods_)) {
        take(factor);
        continue;
      }
      work_.report.warn(
          "innovations: " + factor + " is left out of the history, of whose " + std::to_string(count(whole_)) +
          " periods it would leave " + std::to_string(left) +
          "; the model has it Gaussian and independent. A window that it covers (`from`, `to`) would keep it");
    }
  }

  void fill_model() {
    BootstrapModel& out = work_.model.bootstrap.emplace();
    for (const std::string& factor : model_factors(work_.model)) {
      if (std::find(taken_.begin(), taken_.end(), factor) != taken_.end()) out.factors.push_back(factor);
    }
    out.rows.assign(count(whole_), {});
    for (const std::string& factor : out.factors) {
      const std::vector<double> values = values_of(factor);
      if (fit::all_alike(values))
        throw Failure(ExitCode::bad_data,
                      factor + ": all its innovations in the history are alike; leave the series out");
      const double mean = fit::mean_of(values), deviation = std::sqrt(fit::variance_of(values));
      for (std::size_t r = 0; r < values.size(); ++r)
        out.rows[r].push_back(to_nine_decimals_of((values[r] - mean) / deviation));
    }
    for (std::size_t t = 0; t < whole_.size(); ++t) {
      if (whole_[t]) work_.history_times.push_back(work_.grid.at(t + 1));
    }
    work_.model.max_move = work_.config.max_move;
    if (work_.config.mean_block) {
      out.mean_block = *work_.config.mean_block;
      return;
    }
    out.mean_block = std::round(std::cbrt(static_cast<double>(out.rows.size())));
    work_.report.add_default(
        "innovations mean_block",
        "blocks of " + number_text(out.mean_block) + " periods on average, the cube root of those in the history");
  }

  std::vector<double> values_of(const std::string& factor) const {
    const std::vector<double>& series = work_.innovations.at(factor);
    std::vector<double> out;
    for (std::size_t t = 0; t < whole_.size(); ++t) {
      if (whole_[t]) out.push_back(series[t]);
    }
    return out;
  }

  // Rows that follow on each other in the history and not in time.
  std::size_t seams() const {
    std::size_t out = 0, last = whole_.size();
    for (std::size_t t = 0; t < whole_.size(); ++t) {
      if (!whole_[t]) continue;
      out += last < t && last + 1 != t;
      last = t;
    }
    return out;
  }

  void tell_periods() {
    const std::size_t dropped = whole_.size() - count(whole_);
    if (dropped == 0) return;
    std::string list;
    for (const std::string& factor : taken_) {
      const std::vector<double>& series = work_.innovations.at(factor);
      const auto lacks = static_cast<std::size_t>(std::count_if(series.begin(), series.end(), is_gap));
      if (lacks > 0) list += (list.empty() ? "" : ", ") + factor + " " + std::to_string(lacks);
    }
    const auto first = static_cast<std::size_t>(std::find(whole_.begin(), whole_.end(), false) - whole_.begin());
    work_.report.warn(
        "innovations: " + std::to_string(dropped) + " of " + std::to_string(whole_.size()) +
        " periods lack a factor and are not in the history (" + list + "), the first until " +
        timestamp_text(work_.grid.at(first + 1)) + "; blocks run over " + std::to_string(seams()) +
        " places where periods are left out. A window that all series cover, or a series fewer, keeps more");
  }

  void tell() {
    const BootstrapModel& bootstrap = *work_.model.bootstrap;
    Estimate told("innovations", "history of residuals, of mean 0 and unit variance", work_.grid.period,
                  bootstrap.rows.size());
    told.parameter("mean block", bootstrap.mean_block, kNoBootstrapError, "periods")
        .parameter("periods left out", static_cast<double>(whole_.size() - bootstrap.rows.size()), kNoBootstrapError,
                   "periods")
        .parameter("seams", static_cast<double>(seams()), kNoBootstrapError, "rows");
    for (const std::string& factor : bootstrap.factors) tell_factor(told, factor);
    work_.report.add(told);
  }

  void tell_factor(Estimate& told, const std::string& factor) const {
    const std::vector<double> values = values_of(factor);
    const double n = static_cast<double>(values.size());
    const double mean = fit::mean_of(values), deviation = std::sqrt(fit::variance_of(values));
    const double kurtosis = fit::kurtosis_of(values);
    double cubes = 0.0;
    std::vector<double> squares;
    for (const double value : values) {
      cubes += std::pow((value - mean) / deviation, 3) / n;
      squares.push_back((value - mean) * (value - mean));
    }
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    told.parameter(factor + " mean taken off", mean / deviation, 1.0 / std::sqrt(n), "deviations")
        .parameter(factor + " skewness", cubes, kNoBootstrapError, "")
        .parameter(factor + " kurtosis", kurtosis, kNoBootstrapError, "")
        .parameter(factor + " least", (*least - mean) / deviation, kNoBootstrapError, "deviations")
        .parameter(factor + " most", (*most - mean) / deviation, kNoBootstrapError, "deviations")
        .test(factor + " Ljung-Box, 20 lags", fit::ljung_box(values, kBootstrapLags))
        .test(factor + " Ljung-Box of squares, 20 lags", fit::ljung_box(squares, kBootstrapLags));
    if (is_spot(factor))
      told.parameter(factor + " deviation", deviation, deviation * std::sqrt((kurtosis - 1.0) / (4.0 * n)), "vols");
  }

  Work& work_;
  std::vector<std::string> taken_;
  std::vector<bool> whole_;  // [periods] that have all factors taken so far
  std::size_t spot_periods_ = 0;
};

}  // namespace

void calibrate_bootstrap(Work& work) {
  if (work.config.innovations == InnovationsEstimate::bootstrap) BootstrapPart(work).calibrate();
}

}  // namespace tailbit::calibration
