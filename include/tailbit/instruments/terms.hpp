// The vocabulary that contract terms are written in. A family lists its terms once, in `fields`, and that one list
// serves the instruments file, the columns of `price` and the resolved outputs:
//
//   struct Terms { double strike; std::optional<double> vol; };
//   template <class Visitor, class T> static void fields(Visitor&& visit, T& terms) {
//     visit.required("strike", terms.strike, Positive{});     // missing or out of range: an error
//     visit.optional("vol", terms.vol, Positive{});           // std::optional
//     visit.defaulted("settlement", terms.settlement);        // keeps the default given in Terms when missing
//   }
// T is Terms or const Terms.
#pragma once

#include <array>
#include <string_view>

namespace tailbit {

enum class OptionKind { call, put };
enum class DigitalPayoff { cash, asset };
enum class Settlement { usd, coin };
enum class UsdSettlement { usd };  // of families that are only settled in USD

// Whether a contract pays in coin; false for families that cannot.
template <class Terms>
constexpr bool coin_settled(const Terms& terms) {
  if constexpr (requires { terms.settlement == Settlement::coin; }) {
    return terms.settlement == Settlement::coin;
  } else {
    return false;
  }
}

// What a number must satisfy; readers refuse anything else (and anything not finite).
struct Positive {};

// Spelling of enumerations in files, in the order of their values.
template <class Enum>
struct Spelling;
template <>
struct Spelling<OptionKind> {
  static constexpr std::array<std::string_view, 2> names{"call", "put"};
};
template <>
struct Spelling<DigitalPayoff> {
  static constexpr std::array<std::string_view, 2> names{"cash", "asset"};
};
template <>
struct Spelling<Settlement> {
  static constexpr std::array<std::string_view, 2> names{"usd", "coin"};
};
template <>
struct Spelling<UsdSettlement> {
  static constexpr std::array<std::string_view, 1> names{"usd"};
};

}  // namespace tailbit
