#include "host/backtest/market_panel.hpp"

#include <algorithm>

#include "host/io/text.hpp"

namespace tailbit::backtest {
namespace {

// The grid's times, a horizon apart, that has the forecasts' first among them and goes back as far as any series does.
Grid grid_of(const RollingConfig& config, const std::vector<std::vector<History>>& histories) {
  std::int64_t earliest = config.from.seconds;
  for (const auto& sources : histories) {
    for (const History& history : sources) {
      if (!history.observations.empty()) earliest = std::min(earliest, history.observations.front().known.seconds);
    }
  }
  const std::int64_t back = (config.from.seconds - earliest) / config.horizon_seconds;
  const Timestamp first{config.from.seconds - back * config.horizon_seconds};
  const auto count = static_cast<std::size_t>((config.to.seconds - first.seconds) / config.horizon_seconds) + 1;
  return {first, config.horizon_seconds, count};
}

// Of each time the first source that knows it; of each move the first that knows both ends.
void fill(const std::vector<History>& sources, const Grid& grid, Factor& factor) {
  factor.values.assign(grid.count, kGap);
  factor.moves.assign(grid.count, kGap);
  for (const History& history : sources) {
    const Sampled sampled = sample(history, grid, grid.period);
    const std::vector<double> moves = log_changes(sampled.values);
    for (std::size_t i = 0; i < grid.count; ++i) {
      if (is_gap(factor.values[i])) factor.values[i] = sampled.values[i];
      if (i > 0 && is_gap(factor.moves[i])) factor.moves[i] = moves[i - 1];
    }
  }
}

}  // namespace

std::size_t MarketPanel::place(const std::string& underlying, bool is_vol) const {
  const auto found = std::find_if(factors.begin(), factors.end(), [&](const Factor& factor) {
    return factor.underlying == underlying && factor.is_vol == is_vol;
  });
  return static_cast<std::size_t>(found - factors.begin());
}

MarketPanel read_market_panel(const RollingConfig& config, Problems& problems) {
  MarketPanel panel;
  std::vector<std::vector<History>> histories;
  for (const auto& [name, underlying] : config.underlyings) {
    std::vector<History>& prices = histories.emplace_back();
    for (const SeriesSource& source : underlying.prices) prices.push_back(read_history(source, problems));
    panel.factors.push_back({name, false, {}, {}});
    if (!underlying.vol_index) continue;
    histories.push_back({read_history(*underlying.vol_index, problems)});
    panel.factors.push_back({name, true, {}, {}});
  }
  problems.throw_if_any();
  panel.grid = grid_of(config, histories);
  for (std::size_t f = 0; f < panel.factors.size(); ++f) {
    Factor& factor = panel.factors[f];
    fill(histories[f], panel.grid, factor);
    if (std::all_of(factor.moves.begin(), factor.moves.end(), is_gap))
      problems.add(ExitCode::bad_data, {histories[f].front().source.file, "the file as a whole",
                                        "no two values a horizon apart are known until " + timestamp_text(config.to),
                                        "give more history, or a later `to`"});
  }
  problems.throw_if_any();
  panel.first_forecast = static_cast<std::size_t>((config.from.seconds - panel.grid.first.seconds) / panel.grid.period);
  panel.end = panel.grid.count;
  return panel;
}

}  // namespace tailbit::backtest
