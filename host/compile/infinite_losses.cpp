#include "host/compile/infinite_losses.hpp"

#include <limits>
#include <map>

#include "host/compile/pricers.hpp"
#include "tailbit/core/exact_sum.hpp"

namespace tailbit {
namespace {

// Change of the USD value at a date per 1 of spot then, as the spot grows without bound: of one unit, in coin.
double slope_at_infinity(const ContractTerms& terms, const market::UnderlyingToday& underlying, Timestamp date) {
  double slope = 0.0;
  visit_family(terms, [&]<class Family>(const auto& held) {
    if constexpr (requires { Family::slope_at_infinity(held, underlying, date); })
      slope = Family::slope_at_infinity(held, underlying, date);
    else
      slope = Family::delta_today(held, underlying);  // linear
  });
  return slope;
}

// Coins paid at an expiry as a function of x, one over the spot then: quantity (constant + slope x), of options no less
// than 0 per unit.
struct CoinPayoff {
  double quantity, constant, slope;
  bool option;

  double at(double x) const {
    const double coins = constant + slope * x;
    return quantity * (option && coins < 0.0 ? 0.0 : coins);
  }
};
CoinPayoff coin_payoff(const ContractTerms& terms, const market::UnderlyingToday& underlying, double quantity) {
  CoinPayoff payoff{quantity, 0.0, 0.0, false};
  visit_family(terms, [&]<class Family>(const auto& held) {
    if constexpr (requires { Family::delta_today(held, underlying); }) {
      payoff.constant = Family::delta_today(held, underlying);
      payoff.slope = -1.0;
    } else if constexpr (std::is_same_v<Family, European>) {
      const double sign = held.option == OptionKind::call ? 1.0 : -1.0;
      payoff = {quantity, sign, -sign * held.strike, true};
    } else {
      static_assert(!kContains<market::SettledInCoin, typename Family::Variants>, "say what the family pays in coin");
    }
  });
  return payoff;
}

// The fewest coins that payoffs of one expiry can leave; minus infinity where there is no fewest.
double least_coins(const std::vector<CoinPayoff>& payoffs) {
  const auto coins_at = [&](double x) {
    double coins = 0.0;
    for (const CoinPayoff& payoff : payoffs) coins += payoff.at(x);
    return coins;
  };
  double far_slope = 0.0, least = coins_at(0.0);
  for (const CoinPayoff& payoff : payoffs) {
    if (payoff.option) least = math::min(least, coins_at(-payoff.constant / payoff.slope));
    if (!payoff.option || payoff.slope > 0.0) far_slope += payoff.quantity * payoff.slope;
  }
  return far_slope < 0.0 ? -std::numeric_limits<double>::infinity() : least;
}

// What a book gains on one underlying as its spot grows at one of the dates that it looks at, whatever it does at the
// others: no date's gain makes up for another's loss. Nor does a contract's for that of another whose forward over spot
// may go anywhere.
class Gains {
 public:
  Gains(const market::UnderlyingToday& underlying, Timestamp horizon) : underlying_(underlying), horizon_(horizon) {}

  void add(const ContractTerms& terms, double quantity) {
    const std::optional<Timestamp> expiry = expiry_of(terms);
    const bool expires = expiry && *expiry <= horizon_;
    if (expires && in_coin(terms) && !underlying_.coins_sold_at_receipt) {
      coins_[*expiry].push_back(coin_payoff(terms, underlying_, quantity));
      return;
    }
    const Timestamp date = expires ? *expiry : horizon_;
    slopes_[{date, expires ? kOfSpot : leg_of(terms, expiry)}].add(quantity *
                                                                   slope_at_infinity(terms, underlying_, date));
  }

  bool lose_without_bound() const {
    double coins = 0.0;  // held at the horizon
    for (const auto& [expiry, payoffs] : coins_) coins += least_coins(payoffs);
    const std::pair<Timestamp, std::int64_t> with_coins{horizon_, kOfSpot};
    for (const auto& [leg, slope] : slopes_) {
      if (slope.value() + (leg == with_coins ? coins : 0.0) < 0.0) return true;
    }
    return !slopes_.contains(with_coins) && coins < 0.0;
  }

 private:
  static constexpr std::int64_t kOfSpot = -1, kOfPerpetual = -2;

  // Which forward the USD value grows with, where that moves by itself. What is settled in coin grows with the spot.
  std::int64_t leg_of(const ContractTerms& terms, const std::optional<Timestamp>& expiry) const {
    if (in_coin(terms)) return kOfSpot;
    if (expiry) return underlying_.moves.forwards ? expiry->seconds : kOfSpot;
    return underlying_.moves.premium && std::holds_alternative<Perpetual::Terms>(terms) ? kOfPerpetual : kOfSpot;
  }

  const market::UnderlyingToday& underlying_;
  Timestamp horizon_;
  std::map<std::pair<Timestamp, std::int64_t>, ExactSum> slopes_;  // by date and leg
  std::map<Timestamp, std::vector<CoinPayoff>> coins_;
};

}  // namespace

std::vector<std::string> infinite_loss_warnings(const Inputs& inputs, const NettedBook& book,
                                                const std::vector<market::UnderlyingToday>& underlyings) {
  std::vector<std::string> warnings;
  const Model& model = inputs.model;
  if (max_move(model) || model.returns == Returns::simple) return warnings;
  const Timestamp horizon{inputs.market.as_of.seconds + inputs.config.horizon_seconds};
  std::vector<Gains> gains;
  for (const market::UnderlyingToday& underlying : underlyings) gains.emplace_back(underlying, horizon);
  for (const Contract& contract : book.contracts) {
    for (std::uint32_t w = contract.first_weight; w < contract.first_weight + contract.weight_count; ++w)
      gains[contract.underlying].add(contract.instrument->terms, book.weights[w].quantity);
  }
  for (std::size_t u = 0; u < gains.size(); ++u) {
    if (!has_t_returns(model, underlyings[u].name) || !gains[u].lose_without_bound()) continue;
    warnings.push_back("es_not_finite: the book loses without bound as " + underlyings[u].name +
                       " rises, and t-distributed log-returns have no finite mean there; the expected shortfall is " +
                       "that of this sample alone; set innovations.max_move");
  }
  return warnings;
}

}  // namespace tailbit
