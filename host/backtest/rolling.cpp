#include "host/backtest/rolling.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>

#include "host/backtest/engine_losses.hpp"
#include "host/backtest/forecaster.hpp"
#include "host/backtest/market_panel.hpp"
#include "host/backtest/rolling_book.hpp"
#include "host/io/text.hpp"
#include "tailbit/measure/level.hpp"

namespace tailbit::backtest {
namespace {

struct TailMeasures {
  double var, es;
};

// VaR and ES of equally probable losses as of a run (docs/definitions): with m = N (1 - a), f its whole part, VaR is
// the loss of descending rank f + 1 and ES the mean of the m greatest.
TailMeasures tail_measures(std::vector<double> losses, double level) {
  const measure::TailCount tail = measure::tail_count(losses.size(), measure::make_level(level));
  const auto border = losses.begin() + static_cast<std::ptrdiff_t>(tail.whole);
  std::nth_element(losses.begin(), border, losses.end(), std::greater<>());
  std::sort(losses.begin(), border);  // so that the sum has one order
  const double rest = static_cast<double>(tail.rest) / static_cast<double>(tail.denominator);
  double sum = rest * *border;
  for (auto loss = losses.begin(); loss != border; ++loss) sum += *loss;
  return {*border, sum / (static_cast<double>(tail.whole) + rest)};
}

// The share of scenarios that lost more than what came, a half of those that lost the same among them.
double transform(const std::vector<double>& losses, double came) {
  double more = 0.0;
  for (const double loss : losses) more += loss > came ? 1.0 : loss == came ? 0.5 : 0.0;
  return more / static_cast<double>(losses.size());
}

// The factors of one book through time.
class BookHistory {
 public:
  BookHistory(const RollingBook& book, const MarketPanel& panel) : book_(book), panel_(panel) {
    for (std::size_t t = 0; t < panel.grid.count; ++t) {
      if (moves_known(t)) known_.push_back(t);
    }
  }

  bool moves_known(std::size_t t) const {
    return std::none_of(book_.factors().begin(), book_.factors().end(),
                        [&](std::size_t f) { return is_gap(panel_.factors[f].moves[t]); });
  }
  // How many moves are known at a time.
  std::size_t count_until(std::size_t t) const {
    return static_cast<std::size_t>(std::upper_bound(known_.begin(), known_.end(), t) - known_.begin());
  }
  // The last `count` of them, oldest first.
  Moves last(std::size_t t, std::size_t count) const {
    Moves out;
    const std::size_t end = count_until(t);
    for (std::size_t i = end - count; i < end; ++i) out.push_back(moves_at(known_[i]));
    return out;
  }
  std::vector<double> moves_at(std::size_t t) const {
    std::vector<double> out;
    for (const std::size_t f : book_.factors()) out.push_back(panel_.factors[f].moves[t]);
    return out;
  }
  std::vector<double> levels_at(std::size_t t) const {
    std::vector<double> out;
    for (const std::size_t f : book_.factors()) out.push_back(panel_.factors[f].values[t]);
    return out;
  }

 private:
  const RollingBook& book_;
  const MarketPanel& panel_;
  std::vector<std::size_t> known_;  // times whose moves are all known, rising
};

// The times of a book's forecasts.
struct Schedule {
  std::vector<std::size_t> times;
  std::size_t left_out = 0;  // after the first, for gaps
};

class BookBacktest {
 public:
  BookBacktest(const RollingConfig& config, const MarketPanel& panel, const std::string& name,
               const std::vector<RollingPosition>& positions)
      : config_(config), panel_(panel), name_(name), book_(positions, panel), history_(book_, panel) {}

  void run(RollingForecasts& out) const {
    const Schedule schedule = make_schedule();
    if (schedule.times.size() < kFewestForecasts)
      throw Failure(ExitCode::bad_data,
                    config_.path + ":/books/" + name_ + ": only " + std::to_string(schedule.times.size()) +
                        " forecasts have a whole window before and an outcome after them; give more "
                        "history or shorter windows");
    add_warnings(schedule, out.warnings);
    for (const auto& [model_name, model] : config_.models) {
      try {
        add_series(model_name, model, schedule, out.series);
      } catch (const std::invalid_argument& error) {
        throw Failure(ExitCode::bad_data, config_.path + ":/models/" + model_name + ": cannot be fitted for book " +
                                              in_quotes(name_) + ": " + error.what() + "; give longer windows");
      }
    }
  }

 private:
  Schedule make_schedule() const {
    std::size_t window = 0;
    for (const auto& [unused, model] : config_.models)
      window = std::max(window, static_cast<std::size_t>(model.window));
    Schedule out;
    for (std::size_t t = panel_.first_forecast; t + 1 < panel_.end; ++t) {
      if (history_.count_until(t) < window) continue;
      const std::vector<double> levels = history_.levels_at(t);
      if (history_.moves_known(t + 1) && std::none_of(levels.begin(), levels.end(), is_gap)) {
        out.times.push_back(t);
      } else {
        out.left_out += !out.times.empty();
      }
    }
    return out;
  }

  void add_warnings(const Schedule& schedule, std::vector<std::string>& warnings) const {
    if (schedule.times.front() > panel_.first_forecast)
      warnings.push_back("book " + in_quotes(name_) + ": the first forecast is of " +
                         timestamp_text(panel_.grid.at(schedule.times.front())) +
                         ", when the longest window is filled");
    if (schedule.left_out > 0)
      warnings.push_back("book " + in_quotes(name_) + ": " + std::to_string(schedule.left_out) +
                         " moments are left out, at which a price or vol index is not known");
  }

  using LossForecaster =
      std::function<std::vector<double>(std::size_t, const std::vector<double>& levels, const Moves& past)>;
  LossForecaster loss_forecaster(const ForecastModel& model) const {
    if (model.kind == ForecastKind::engine) {
      return [this, engine = std::make_shared<EngineLosses>(config_, model, book_)](
                 std::size_t t, const std::vector<double>& levels, const Moves& past) {
        return engine->losses(panel_.grid.at(t), levels, past);
      };
    }
    const std::shared_ptr<Forecaster> forecaster = make_forecaster(model, config_.scenarios, config_.seed);
    return [this, forecaster](std::size_t, const std::vector<double>& levels, const Moves& past) {
      std::vector<double> losses;
      for (const std::vector<double>& moves : forecaster->scenarios(past))
        losses.push_back(-book_.profit(levels, moves));
      return losses;
    };
  }

  void add_series(const std::string& model_name, const ForecastModel& model, const Schedule& schedule,
                  std::vector<ForecastSeries>& out) const {
    const std::size_t first = out.size();
    for (const double level : config_.levels) out.push_back({name_, model_name, level, {}});
    const LossForecaster forecast_losses = loss_forecaster(model);
    for (const std::size_t t : schedule.times) {
      const std::vector<double> levels = history_.levels_at(t);
      const std::vector<double> losses = forecast_losses(t, levels, history_.last(t, model.window));
      const double came = -book_.profit(levels, history_.moves_at(t + 1));
      const Timestamp when = panel_.grid.at(t + 1);
      for (std::size_t l = 0; l < config_.levels.size(); ++l) {
        const TailMeasures tail = tail_measures(losses, config_.levels[l]);
        if (!(tail.es > 0.0))
          throw Failure(ExitCode::bad_data,
                        config_.path + ":/books/" + name_ + ": model " + in_quotes(model_name) +
                            " forecasts no loss for " + timestamp_text(when) +
                            ", and expected shortfall must be above 0; give positions that can lose");
        out[first + l].days.push_back(
            {timestamp_text(when), when, came, tail.var, tail.es, transform(losses, came), {}});
      }
    }
  }

  const RollingConfig& config_;
  const MarketPanel& panel_;
  const std::string& name_;
  RollingBook book_;
  BookHistory history_;
};

}  // namespace

RollingForecasts roll(const RollingConfig& config) {
  Problems problems;
  const MarketPanel panel = read_market_panel(config, problems);
  RollingForecasts out;
  for (const auto& [name, positions] : config.books) BookBacktest(config, panel, name, positions).run(out);
  return out;
}

}  // namespace tailbit::backtest
