// Which pricer a contract needs at a date, and the constants it is priced with.
#pragma once

#include <cstdint>
#include <optional>

#include "host/io/inputs.hpp"
#include "tailbit/engine/families.hpp"
#include "tailbit/market/underlying.hpp"

namespace tailbit {

// The expiry of families that have one.
inline std::optional<Timestamp> expiry_of(const ContractTerms& terms) {
  std::optional<Timestamp> expiry;
  visit_family(terms, [&]<class Family>(const auto& held) {
    if constexpr (requires { held.expiry; }) expiry = held.expiry;
  });
  return expiry;
}

// Place in Pricers of the first pricer of a family.
template <class Family>
consteval std::size_t first_pricer() {
  std::size_t first = Pricers::size;
  for_each_type<Pricers>([&]<class P, std::size_t id>() {
    if constexpr (std::is_same_v<typename P::Family, Family>) {
      if (id < first) first = id;
    }
  });
  return first;
}

// Place among a family's variants of the one for a contract that has expired: coins that were sold when they were
// received are cash.
template <class Family>
std::size_t settled_variant(const typename Family::Terms& terms, const market::UnderlyingToday& underlying) {
  if constexpr (kContains<market::SettledInCoin, typename Family::Variants>) {
    if (coin_settled(terms) && !underlying.coins_sold_at_receipt)
      return IndexOf<market::SettledInCoin, typename Family::Variants>::value;
  }
  return IndexOf<market::Settled, typename Family::Variants>::value;
}

// Place in Pricers of the way a contract is priced at `now`: settled once its expiry has come.
inline std::uint32_t pricer_of(const ContractTerms& terms, const market::UnderlyingToday& underlying, Timestamp now) {
  std::size_t pricer = 0;
  const std::optional<Timestamp> expiry = expiry_of(terms);
  visit_family(terms, [&]<class Family>(const auto& held) {
    std::size_t variant = 0;
    if (expiry && *expiry <= now) {
      if constexpr (requires { held.expiry; }) variant = settled_variant<Family>(held, underlying);
    } else {
      variant = Family::variant(held, underlying);
    }
    pricer = first_pricer<Family>() + variant;
  });
  return static_cast<std::uint32_t>(pricer);
}

}  // namespace tailbit
