// The registry of contract families: the one place that names them all. Both backends, the readers and `price` expand
// this list.
#pragma once

#include <cstddef>
#include <variant>

#include "tailbit/core/type_list.hpp"
#include "tailbit/instruments/digital.hpp"
#include "tailbit/instruments/european.hpp"
#include "tailbit/instruments/future.hpp"
#include "tailbit/instruments/perpetual.hpp"
#include "tailbit/instruments/spot.hpp"

namespace tailbit {

// The order is part of the results' layout only through the order of contracts in a plan, which changes no bit.
using Families = TypeList<Spot, Perpetual, Future, European, Digital>;

namespace detail {
template <class List>
struct TermsOf;
template <class... Fs>
struct TermsOf<TypeList<Fs...>> {
  using type = std::variant<typename Fs::Terms...>;
};
}  // namespace detail

// Terms of a contract of any family; the alternative's index is the family's place in Families.
using ContractTerms = detail::TermsOf<Families>::type;

// visit_family(terms, []<class Family>(auto& terms) { ... }): calls with the family that the terms belong to.
template <class Terms, class Callable>
void visit_family(Terms&& terms, Callable&& callable) {
  for_each_type<Families>([&]<class Family, std::size_t index>() {
    if (auto* held = std::get_if<index>(&terms)) callable.template operator()<Family>(*held);
  });
}

// Whether a contract pays in coin.
inline bool in_coin(const ContractTerms& terms) {
  return std::visit([](const auto& held) { return coin_settled(held); }, terms);
}

// One family priced in one shape: what a hot loop or kernel is instantiated for.
template <class FamilyType, class VariantType>
struct Pricer {
  using Family = FamilyType;
  using Variant = VariantType;
  using State = typename Family::template State<Variant>;
  static constexpr bool has_state = !std::is_same_v<State, NoState>;
  // Priced from the point at which the payoff was fixed and from the spot now, instead of from a state.
  static constexpr bool holds_coins = std::is_same_v<Variant, market::SettledInCoin>;
  // Priced on a ForwardPoint, which the factors of the underlying make; else on a Point.
  static constexpr bool on_forward = requires { Variant::on_forward; };

  // The arithmetic of a family in a run of precision P.
  template <class P>
  using Real = typename Family::template Real<P>;
  template <class P>
  using Constants = typename Family::template Constants<Real<P>, Variant>;

  // What a value depends on besides constants and state.
  template <class R>
  using At = std::conditional_t<on_forward, ForwardPoint<R>, Point<R>>;
  // Priced from a vol that differs between scenarios: Family::vol gives it, and Family::value takes it.
  static constexpr bool has_vol = requires { requires Variant::varies; };
  // Priced from a vol, and in two parts: Family::parts takes the vol, and Family::value the parts.
  template <class R>
  static constexpr bool in_parts = requires(const typename Family::template Constants<R, Variant>& c, const At<R>& p,
                                            const market::TotalVol<R>& vol) {
    Variant::varies;
    Family::parts(c, p, vol);
  };
  // Whether a scenario can push its vol to the floor.
  template <class R>
  static constexpr bool has_vol_floor = requires(const typename Family::template Constants<R, Variant>& c,
                                                 const ForwardPoint<R>& p) {
    c.smile.floor;
    Family::at_vol_floor(c, p);
  };
};

namespace detail {
template <class Family, class Variants>
struct PricersOf;
template <class Family, class... Vs>
struct PricersOf<Family, TypeList<Vs...>> {
  using type = TypeList<Pricer<Family, Vs>...>;
};
template <class List>
struct AllPricers;
template <class... Fs>
struct AllPricers<TypeList<Fs...>> {
  using type = typename Concat<typename PricersOf<Fs, typename Fs::Variants>::type...>::type;
};
}  // namespace detail

// Every pricer of every family; its place in this list is the `PricerId` of a plan's rows.
using Pricers = detail::AllPricers<Families>::type;

}  // namespace tailbit
