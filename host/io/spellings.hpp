// How the choices of config, market and model are written, for readers and writers alike.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "host/io/inputs.hpp"
#include "tailbit/instruments/terms.hpp"

namespace tailbit {

template <>
struct Spelling<FundingRule> {
  static constexpr std::array<std::string_view, 3> names{"constant", "deribit", "binance"};
};
template <>
struct Spelling<Returns> {
  static constexpr std::array<std::string_view, 2> names{"log", "simple"};
};
template <>
struct Spelling<SpotVolKind> {
  static constexpr std::array<std::string_view, 5> names{"constant", "implied", "log_normal", "garch", "heston"};
};
template <>
struct Spelling<JumpKind> {
  static constexpr std::array<std::string_view, 3> names{"normal", "kou", "to_zero"};
};
template <>
struct Spelling<Sticky> {
  static constexpr std::array<std::string_view, 2> names{"moneyness", "strike"};
};
template <>
struct Spelling<CorrelationRepair> {
  static constexpr std::array<std::string_view, 2> names{"reject", "higham"};
};
template <>
struct Spelling<CashConversion> {
  static constexpr std::array<std::string_view, 2> names{"hold", "at_receipt"};
};
template <>
struct Spelling<Sampling> {
  static constexpr std::array<std::string_view, 3> names{"independent", "antithetic", "sobol"};
};

template <class Enum>
std::string spelled(Enum value) {
  return std::string(Spelling<Enum>::names[static_cast<std::size_t>(value)]);
}

}  // namespace tailbit
