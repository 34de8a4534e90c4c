#include "host/backtest/rolling_book.hpp"

#include <algorithm>
#include <cmath>

#include "tailbit/instruments/black.hpp"

namespace tailbit::backtest {
namespace {

// Of one option on one coin.
double option_value(OptionKind option, double spot, double strike, double vol, double years) {
  const double stdev = vol * std::sqrt(years);
  const bool call = option == OptionKind::call;
  const double receive = call ? spot : strike, pay = call ? strike : spot;
  return black_value(receive, pay, std::log(receive / pay), market::TotalVol<double>{stdev, 1.0 / stdev, 0.0});
}

}  // namespace

RollingBook::RollingBook(const std::vector<RollingPosition>& positions, const MarketPanel& panel)
    : horizon_years_(panel.grid.period_years()) {
  const auto need = [&](const std::string& underlying, bool is_vol) {
    const std::size_t factor = panel.place(underlying, is_vol);
    const auto found = std::find(factors_.begin(), factors_.end(), factor);
    if (found != factors_.end()) return static_cast<std::size_t>(found - factors_.begin());
    factors_.push_back(factor);
    return factors_.size() - 1;
  };
  for (const RollingPosition& position : positions)
    holdings_.push_back({position, need(position.underlying, false), 0});
  for (Holding& holding : holdings_) {
    if (holding.position.option) holding.vol = need(holding.position.underlying, true);
  }
}

double RollingBook::profit(std::span<const double> levels, std::span<const double> moves) const {
  double sum = 0.0;
  for (const auto& [position, spot, vol] : holdings_) {
    const double now = levels[spot], later = now * std::exp(moves[spot]);
    const double coins = position.notional / now;
    if (!position.option) {
      sum += coins * (later - now);
      continue;
    }
    const double strike = position.moneyness * now, vol_now = levels[vol], vol_later = vol_now * std::exp(moves[vol]);
    const double years = static_cast<double>(position.tenor_seconds) / kSecondsPerYear;
    sum += coins * (option_value(*position.option, later, strike, vol_later, years - horizon_years_) -
                    option_value(*position.option, now, strike, vol_now, years));
  }
  return sum;
}

}  // namespace tailbit::backtest
