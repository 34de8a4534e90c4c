#include "host/ops/calibration.hpp"

#include <algorithm>

#include "host/io/futures_basis.hpp"
#include "host/io/text.hpp"
#include "host/ops/calibrate_parts.hpp"

namespace tailbit {
namespace calibration {

void too_short(const std::string& part, const std::string& what, std::size_t have, std::size_t need) {
  throw Failure(ExitCode::bad_data, part + ": " + std::to_string(have) + " " + what +
                                        " within the window, of at least " + std::to_string(need) +
                                        "; widen the window, shorten the period, or leave the series out");
}

Sampled Work::sampled(const std::string& part, const CalibratedSeries& series, const History& history, Grid& own) {
  own = make_grid(grid.first, grid.at(grid.count - 1), series.period_seconds);
  Sampled out = sample(history, own, own.period);
  report.add_series(part, history, own, out);
  return out;
}

namespace {

// From the first to the last price that is known of any underlying, on whole periods since 1970, unless the config
// says.
Grid common_grid(const CalibrateConfig& config, const Histories& histories) {
  std::optional<Timestamp> first, last;
  for (const auto& [unused, of] : histories) {
    const auto& seen = of.price.observations;
    first = first ? std::min(*first, seen.front().known) : seen.front().known;
    last = last ? std::max(*last, seen.back().known) : seen.back().known;
  }
  const std::int64_t period = config.period_seconds;
  const Timestamp whole{(first->seconds + period - 1) / period * period};
  const Grid grid = make_grid(config.from.value_or(whole), config.to.value_or(*last), period);
  if (grid.count < 2) {
    throw Failure(ExitCode::bad_data, config.path + ": the window holds no whole period of " + duration_text(period) +
                                          "; widen it, or shorten `period`");
  }
  return grid;
}

}  // namespace
}  // namespace calibration

namespace {

// A term that no future reaches has no basis.
void read_futures(const FuturesSeries& futures, const ByTerm& terms, Problems& problems, UnderlyingHistories& out) {
  const History marks = read_history(futures.marks.source, problems), spot = read_history(futures.spot, problems);
  bool any = false;
  for (const auto& [term, unused] : terms) {
    History basis = basis_of_futures(marks, spot, term, futures.marks.period_seconds);
    any = any || !basis.observations.empty();
    if (!basis.observations.empty()) out.basis[term] = std::move(basis);
  }
  if (any || marks.observations.empty() || spot.observations.empty()) return;
  problems.add(ExitCode::bad_data, {futures.marks.source.file, "", "no future reaches a term at a time that has a spot",
                                    "give shorter `terms`, or a `spot` at the times of the marks"});
}

}  // namespace

Histories read_histories(const CalibrateConfig& config, Problems& problems) {
  Histories out;
  const auto read = [&](const CalibratedSeries& series) { return read_history(series.source, problems); };
  for (const auto& [name, of] : config.underlyings) {
    UnderlyingHistories& histories = out[name];
    histories.price = read(of.price);
    if (of.vol_index) histories.vol_index = read(*of.vol_index);
    for (const auto& [term, series] : of.atm_vol) histories.atm_vol[term] = read(series);
    for (const auto& [term, series] : of.risk_reversal) histories.risk_reversal[term] = read(series);
    if (of.futures) {
      read_futures(*of.futures, of.basis, problems, histories);
    } else {
      for (const auto& [term, series] : of.basis) histories.basis[term] = read(series);
    }
    if (of.funding) histories.funding = read(of.funding->series);
  }
  return out;
}

Calibration calibrate(const CalibrateConfig& config, const Histories& histories) {
  calibration::Work work{config, histories, calibration::common_grid(config, histories)};
  for (const auto& [name, of] : histories) {
    Grid own;
    const CalibratedSeries& series = config.underlyings.at(name).price;
    const Sampled prices = work.sampled(name + ".spot", {series.source, config.period_seconds}, of.price, own);
    work.returns[name] = log_changes(prices.values);
  }
  calibration::calibrate_spots(work);
  calibration::calibrate_jumps(work);
  calibration::calibrate_regimes(work);
  calibration::calibrate_factors(work);
  calibration::calibrate_dependence(work);
  nlohmann::ordered_json head = {{"schema", "tailbit.calibration/1"},
                                 {"from", timestamp_text(work.grid.first)},
                                 {"to", timestamp_text(work.grid.at(work.grid.count - 1))},
                                 {"period", duration_text(work.grid.period)}};
  return {std::move(work.model), work.report.json(std::move(head)), work.grid, std::move(work.history_times)};
}

}  // namespace tailbit
