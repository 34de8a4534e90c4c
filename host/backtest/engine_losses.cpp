#include "host/backtest/engine_losses.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"
#include "host/fit/garch_fit.hpp"
#include "host/fit/model.hpp"
#include "host/io/model_checks.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit::backtest {
namespace {

// What innovations and regimes say of factors and underlyings that the model no longer has.
void leave_out_factors(Model& model) {
  const std::vector<std::string> factors = model_factors(model);
  const auto is_gone = [&](const std::string& factor) {
    return std::find(factors.begin(), factors.end(), factor) == factors.end();
  };
  if (model.grouped_t) {
    for (TGroup& group : model.grouped_t->groups) std::erase_if(group.factors, is_gone);
    std::erase_if(model.grouped_t->marginals, [&](const auto& marginal) { return is_gone(marginal.first); });
  }
  if (model.bootstrap) {
    for (std::size_t i = model.bootstrap->factors.size(); i-- > 0;) {
      if (!is_gone(model.bootstrap->factors[i])) continue;
      const auto column = static_cast<std::ptrdiff_t>(i);
      model.bootstrap->factors.erase(model.bootstrap->factors.begin() + column);
      for (std::vector<double>& row : model.bootstrap->rows) row.erase(row.begin() + column);
    }
  }
  if (!model.regimes) return;
  for (RegimeModel& regime : model.regimes->states)
    std::erase_if(regime.underlyings, [&](const auto& own) { return is_gone(own.first + ".spot"); });
}

// The model without the underlyings that the book does not hold; its correlations are picked by name.
Model model_of(const std::string& path, const RollingBook& book, std::int64_t horizon_seconds) {
  Problems problems;
  Model model = read_model(path, problems);
  problems.throw_if_any();
  std::set<std::string> held;
  for (const RollingBook::Holding& holding : book.holdings()) held.insert(holding.position.underlying);
  const auto is_left_out = [&](const auto& entry) { return !held.contains(entry.first); };
  std::erase_if(model.underlyings, is_left_out);
  for (CommonJumpsModel& jumps : model.common_jumps) std::erase_if(jumps.underlyings, is_left_out);
  std::erase_if(model.common_jumps, [](const CommonJumpsModel& jumps) { return jumps.underlyings.empty(); });
  for (const std::string& name : held) {
    if (!model.underlyings.contains(name))
      throw Failure(ExitCode::bad_config, path + ":/underlyings: there is no " + in_quotes(name) +
                                              ", which a book holds; add it, or leave the book out");
    if (model.underlyings[name].spot_vol == SpotVolKind::garch && period_seconds(model) != horizon_seconds)
      throw Failure(ExitCode::bad_config, path + ":/underlyings/" + name + "/spot_vol: its GARCH is by periods of " +
                                              duration_text(period_seconds(model)) + ", and the horizon is " +
                                              duration_text(horizon_seconds) + "; make them the same");
  }
  leave_out_factors(model);
  std::vector<std::string> warnings;  // the model is the user's; what a run of it would say is not of the forecasts
  fit_model(model, path, problems, warnings);
  problems.throw_if_any();
  return model;
}

}  // namespace

EngineLosses::EngineLosses(const RollingConfig& config, const ForecastModel& spec, const RollingBook& book)
    : book_(book), decay_(spec.decay), horizon_years_(static_cast<double>(config.horizon_seconds) / kSecondsPerYear) {
  inputs_.config.path = config.path;
  inputs_.config.model = spec.model;
  inputs_.config.horizon_seconds = config.horizon_seconds;
  inputs_.config.steps = spec.steps;
  inputs_.config.scenarios = config.scenarios;
  inputs_.config.seed = config.seed;
  inputs_.config.levels = config.levels;
  inputs_.config.exposure_seconds = {config.horizon_seconds};
  inputs_.model = model_of(spec.model, book, config.horizon_seconds);
}

double EngineLosses::vol_today(const UnderlyingModel& model, const std::vector<double>& moves) const {
  fit::GarchParameters parameters{.alpha = 1.0 - decay_, .beta = decay_};
  if (model.spot_vol == SpotVolKind::garch)
    parameters = {.omega = model.garch.omega * horizon_years_,
                  .alpha = model.garch.alpha,
                  .gamma = model.garch.gamma,
                  .beta = model.garch.beta};
  return std::sqrt(fit::garch_path(moves, parameters).variances.back() / horizon_years_);
}

std::vector<double> EngineLosses::losses(Timestamp now, std::span<const double> levels, const Moves& past) const {
  Inputs inputs = inputs_;
  inputs.market.as_of = now;
  for (std::size_t i = 0; i < book_.holdings().size(); ++i) {
    const auto& [position, spot, vol] = book_.holdings()[i];
    UnderlyingModel& model = inputs.model.underlyings.at(position.underlying);
    UnderlyingMarket& market = inputs.market.underlyings[position.underlying];
    if (market.spot == 0.0) {
      std::vector<double> moves;
      for (const std::vector<double>& row : past) moves.push_back(row[spot]);
      model.vol = std::clamp(vol_today(model, moves), kLeastVol, kMostVol);
      model.heston.v0 = model.vol * model.vol;
      market.spot = levels[spot];
      market.surface = FlatSurface{model.vol};
    }
    const std::string id = "position " + std::to_string(i);
    Instrument instrument{id, position.underlying, 1.0, Spot::Terms{}};
    if (position.option) {
      market.surface = FlatSurface{levels[vol]};
      instrument.terms = European::Terms{*position.option,
                                         position.moneyness * levels[spot],
                                         {now.seconds + position.tenor_seconds},
                                         Settlement::usd,
                                         {}};
    }
    inputs.instruments.push_back(std::move(instrument));
    inputs.positions.push_back({.instrument = id, .quantity = position.notional / levels[spot]});
  }
  std::sort(inputs.instruments.begin(), inputs.instruments.end(),
            [](const Instrument& a, const Instrument& b) { return a.id < b.id; });
  Problems problems;
  check_model(inputs.config, inputs.market, inputs.model, problems);
  problems.throw_if_any();

  const CompiledJob job = compile(inputs);
  std::vector<double> out;
  try {
    const Pnl pnl = cpu::run(job.plan, {});
    for (const std::int64_t quanta : std::span(pnl.row(pnl.nodes - 1, 0), pnl.scenarios))
      out.push_back(-static_cast<double>(quanta) * pnl.unit);
  } catch (const cpu::BadTermError& error) {
    throw Failure(ExitCode::bad_data, inputs.config.model + ": scenario " + std::to_string(error.term().scenario) +
                                          " of the forecast at " + timestamp_text(now) +
                                          " leaves the range of exact sums; give the model a largest move");
  }
  return out;
}

}  // namespace tailbit::backtest
