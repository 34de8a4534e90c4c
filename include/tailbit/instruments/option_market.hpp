// What compile reads from the market for one option at one date; shared by every family with a strike and one expiry.
#pragma once

#include <optional>

#include "tailbit/core/type_list.hpp"
#include "tailbit/instruments/point.hpp"
#include "tailbit/market/underlying.hpp"
#include "tailbit/math/exp.hpp"
#include "tailbit/math/log.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

// The shapes an option is compiled for: the smiles in the order of market::SmileShape, the same moved by factors of
// their own, and settled.
using OptionVariants = TypeList<market::FixedVol, market::SviVol, market::SviBlendVol, market::Moved<market::FixedVol>,
                                market::Moved<market::SviVol>, market::Moved<market::SviBlendVol>, market::Settled>;
inline constexpr std::size_t kSmileShapes = 3;
// Those of an option that may pay in coin. Before it pays it is priced as any other (see OptionMarket).
using CoinOptionVariants = Concat<OptionVariants, TypeList<market::SettledInCoin>>::type;

// Which smile an option that is still alive is priced on: its position in OptionVariants.
template <class Terms>
std::size_t option_variant(const Terms& terms, const market::UnderlyingToday& underlying) {
  const bool moved = underlying.moves.smile || underlying.moves.forwards;
  const auto shape = underlying.moves.sticky_strike
                         ? market::SmileShape::fixed
                         : market::smile_shape(underlying.smile(terms.expiry, terms.vol.value_or(0.0)));
  return static_cast<std::size_t>(shape) + (moved ? kSmileShapes : 0);
}

// The total vol of an option whose underlying's factors are part of the point, or are not.
template <class Smile, class R>
HD market::TotalVol<R> total_vol(const Smile& smile, R log_ratio, const Point<R>&) {
  return smile(log_ratio);
}
template <class Smile, class R>
HD market::TotalVol<R> total_vol(const Smile& smile, R log_ratio, const ForwardPoint<R>& point) {
  return smile(log_ratio, point);
}

// An option settled in coin is worth Black(F, K) / F coins, so S e^{-c T} Black(F, K) / S = e^{-c T} Black(F, K) USD:
// that of one settled in USD which is discounted at the carry, not at the rate.
struct OptionMarket {
  double years_total, years_left;  // from as_of, from the date; to expiry
  double spot_factor = 1.0;        // the discounted forward over the spot
  double discount = 1.0;           // from expiry to the date
  double log_moneyness;            // ln(F_t / K) where S_t = S_0
  market::SmileToday smile;

  template <class Terms>
  OptionMarket(const Terms& terms, const market::UnderlyingToday& underlying, const NodeTime& node)
      : years_total(years_between(underlying.as_of, terms.expiry)), years_left(years_between(node.now, terms.expiry)) {
    log_moneyness = math::log(underlying.spot / terms.strike);
    if (years_left <= 0.0) return;  // settled: the spot of the expiry is all that counts
    const double carry = underlying.carry.rate(years_total);
    discount = math::exp(-(coin_settled(terms) ? carry : underlying.usd_rate) * years_left);
    if (!coin_settled(terms)) spot_factor = math::exp(carry * years_left) * discount;
    log_moneyness = math::fma(carry, years_left, log_moneyness);
    smile = underlying.smile(terms.expiry, terms.vol.value_or(0.0));
    if (underlying.moves.sticky_strike)
      smile = smile.frozen(math::fma(-carry, years_total, math::log(terms.strike / underlying.spot)), years_total);
  }

  template <class Smile>
  void make_smile(Smile& out, bool mirrored) const {
    market::make_smile(out, smile, years_left, years_total, mirrored);
  }
  template <class R>
  void make_smile(market::Settled::Smile<R>&, bool) const {}
};

}  // namespace tailbit
