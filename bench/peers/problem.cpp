#include "bench/peers/problem.hpp"

#include <cmath>

#include "bench/cases.hpp"
#include "host/backend_cpu/run.hpp"
#include "host/compile/compile.hpp"

namespace tailbit::bench {
namespace {

// Profit in every scenario, USD.
std::vector<double> profits(const Inputs& inputs) {
  const CompiledJob job = compile(inputs);
  const Pnl pnl = cpu::run(job.plan, cpu::Options{});
  std::vector<double> result;
  for (std::uint64_t s = 0; s < pnl.scenarios; ++s) result.push_back(static_cast<double>(pnl.row(0, 0)[s]) * pnl.unit);
  return result;
}

// The paths do not depend on the book, so a book of one coin shows where its spot goes.
std::vector<double> spots(const Inputs& inputs, const std::string& underlying) {
  Inputs coin = inputs;
  coin.instruments = {{"coin", underlying, 1.0, Spot::Terms{}}};
  coin.positions = {};
  coin.positions.push_back({.instrument = "coin", .quantity = 1.0});
  std::vector<double> result = profits(coin);
  for (double& s : result) s += inputs.market.underlyings.at(underlying).spot;
  return result;
}

PeerOption make_option(const European::Terms& terms, const UnderlyingMarket& market, double rate,
                       std::int64_t horizon) {
  PeerOption option{};
  option.call = terms.option == OptionKind::call;
  option.strike = terms.strike;
  option.days = static_cast<int>((terms.expiry.seconds - kAsOf.seconds - horizon) / kDay);
  option.years = option.days / 365.0;
  option.growth = std::exp(rate * option.years);
  option.discount = std::exp(-rate * option.years);
  option.vol = terms.vol.value_or(0.0);
  const double years_today = option.days / 365.0 + static_cast<double>(horizon) / (365.0 * kDay);
  PeerOption today = option;
  if (!terms.vol) {
    for (const SviQuote& slice : std::get<SviSurface>(market.surface).slices) {
      if (slice.expiry != terms.expiry) continue;
      const double share = option.years / years_today;  // vol at fixed moneyness stays: less time, less variance
      option.a = slice.a * share;
      option.b = slice.b * share;
      option.rho = slice.rho;
      option.m = slice.m;
      option.s = slice.sigma;
      today = option;
      today.a = slice.a;
      today.b = slice.b;
    }
  }
  today.years = years_today;
  const double forward = market.spot * std::exp(rate * years_today);
  option.value_today =
      plain_black(option.call, forward, option.strike, total_stdev(today, forward), std::exp(-rate * years_today));
  return option;
}

}  // namespace

double total_stdev(const PeerOption& option, double forward) {
  if (option.vol > 0.0) return option.vol * std::sqrt(option.years);
  const double distance = std::log(option.strike / forward) - option.m;
  return std::sqrt(option.a +
                   option.b * (option.rho * distance + std::sqrt(distance * distance + option.s * option.s)));
}

double plain_black(bool call, double forward, double strike, double stdev, double discount) {
  const double d1 = std::log(forward / strike) / stdev + 0.5 * stdev;
  const double d2 = d1 - stdev;
  const double sign = call ? 1.0 : -1.0;
  const double n1 = 0.5 * std::erfc(-sign * d1 * M_SQRT1_2);
  const double n2 = 0.5 * std::erfc(-sign * d2 * M_SQRT1_2);
  return discount * sign * (forward * n1 - strike * n2);
}

PeerProblem make_problem(const Inputs& inputs) {
  PeerProblem problem{};
  problem.usd_rate = inputs.market.usd_rate;
  std::map<std::string, double> quantities;
  for (const PositionRow position : inputs.positions) quantities[std::string(position.instrument)] = position.quantity;
  for (const auto& [name, market] : inputs.market.underlyings) {
    problem.spot_today = market.spot;
    for (const Instrument& instrument : inputs.instruments) {
      if (instrument.underlying != name) continue;
      PeerOption option = make_option(std::get<European::Terms>(instrument.terms), market, problem.usd_rate,
                                      inputs.config.horizon_seconds);
      option.underlying = static_cast<int>(problem.spots.size());
      option.quantity = quantities.at(instrument.id);
      problem.gross_value += std::abs(option.quantity * option.value_today);
      problem.options.push_back(option);
    }
    problem.spots.push_back(spots(inputs, name));
  }
  problem.own_profit = profits(inputs);
  return problem;
}

}  // namespace tailbit::bench
