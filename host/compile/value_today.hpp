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

// Of a contract priced by P with these constants, at a date, where no factor has moved until then. USD per payoff
// unit.
template <class P, class R>
double value_unmoved(const typename P::Family::template Constants<R, typename P::Variant>& constants,
                     const ContractTerms& terms, const market::UnderlyingToday& underlying) {
  using Family = typename P::Family;
  const R spot = static_cast<R>(underlying.spot);
  typename P::template At<R> today;
  today_point(spot, today);
  if constexpr (P::holds_coins) {
    return static_cast<double>(Family::value(constants, today, CoinsHeld<R>{spot}));
  } else {
    typename P::State state{};
    if constexpr (P::has_state)
      state = Family::template initial_state<typename P::Variant>(std::get<typename Family::Terms>(terms), underlying);
    return static_cast<double>(Family::value(constants, today, state));
  }
}

// USD per payoff unit, in double whatever the precision of the run.
inline double value_today(const ContractTerms& terms, const market::UnderlyingToday& underlying) {
  const std::uint32_t pricer = pricer_of(terms, underlying, underlying.as_of);
  double value = 0.0;
  for_each_type<Pricers>([&]<class P, std::size_t id>() {
    if (pricer != id) return;
    const auto constants = P::Family::template constants<double, typename P::Variant>(
        std::get<typename P::Family::Terms>(terms), underlying, {underlying.as_of, 0.0});
    value = value_unmoved<P, double>(constants, terms, underlying);
  });
  return value;
}

}  // namespace tailbit
