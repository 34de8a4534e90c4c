// A contract's value as of today, by the pricer that values it in scenarios.
#pragma once

#include "host/compile/pricers.hpp"

namespace tailbit {

// USD per unit of quantity times multiplier, in a run's precision.
template <class Precise>
double value_today(const ContractTerms& terms, const market::UnderlyingToday& underlying) {
  const std::uint32_t pricer = pricer_of(terms, underlying, underlying.as_of);
  double value = 0.0;
  for_each_type<Pricers>([&]<class P, std::size_t id>() {
    if (pricer != id) return;
    using Family = typename P::Family;
    using R = typename P::template Real<Precise>;
    const auto constants = Family::template constants<R, typename P::Variant>(std::get<typename Family::Terms>(terms),
                                                                              underlying, {underlying.as_of, 0.0});
    const Point<R> today{R(0), static_cast<R>(underlying.spot)};
    if constexpr (P::holds_coins) {
      value = static_cast<double>(Family::value(constants, today, CoinsHeld<R>{today.spot}));
    } else {
      typename P::State state{};
      if constexpr (P::has_state) state = Family::template initial_state<typename P::Variant>(underlying);
      value = static_cast<double>(Family::value(constants, today, state));
    }
  });
  return value;
}

}  // namespace tailbit
