// A contract's value as of today, by the pricer that values it in scenarios.
#pragma once

#include "host/compile/pricers.hpp"

namespace tailbit {

// No factor has moved yet.
template <class R>
void today_point(R spot, Point<R>& point) {
  point = {R(0), spot};
}
template <class R>
void today_point(R spot, ForwardPoint<R>& point) {
  point = {R(0), spot, R(1), R(1), R(0)};
}

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
    const R spot = static_cast<R>(underlying.spot);
    typename P::template At<R> today;
    today_point(spot, today);
    if constexpr (P::holds_coins) {
      value = static_cast<double>(Family::value(constants, today, CoinsHeld<R>{spot}));
    } else {
      typename P::State state{};
      if constexpr (P::has_state)
        state =
            Family::template initial_state<typename P::Variant>(std::get<typename Family::Terms>(terms), underlying);
      value = static_cast<double>(Family::value(constants, today, state));
    }
  });
  return value;
}

}  // namespace tailbit
