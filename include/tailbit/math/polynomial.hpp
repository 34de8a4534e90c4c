// Polynomials in one variable, and tables of constants.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "tailbit/core/platform.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit::math {

// c0 + c1 x + c2 x^2 + ..., lowest degree first, one fma per degree.
//
// The coefficients are arguments, not an array: an array in the body of a simd loop keeps g++ from vectorising it.
// Plain Horner, because a loop over scenarios has parallel work enough to hide its latency and Estrin costs more
// operations.
template <class R>
HD R horner(R, R c0) {
  return c0;
}
template <class R, class... Rest>
HD R horner(R x, R c0, Rest... rest) {
  return fma(x, horner(x, rest...), c0);
}

// Constants of a hot loop, at namespace scope: Table name{c0, c1, ...}.
template <class R, std::size_t n>
struct Table {
  R values[n];
  static constexpr std::size_t size = n;
  using Value = R;
};
template <class R, class... Rest>
Table(R, Rest...) -> Table<R, 1 + sizeof...(Rest)>;

#if defined(__CUDACC__)
// A copy in the device's constant memory: a 64-bit constant of the code itself takes two instructions wherever it is
// used, one that is read from there takes one, or none.
template <const auto& table>
__constant__ std::remove_cvref_t<decltype(table)> in_constant_memory = table;
#endif

namespace detail {
template <const auto& table, std::size_t i>
inline constexpr auto entry = table.values[i];
}
template <const auto& table, std::size_t i>
HD auto constant() {
#if defined(__CUDA_ARCH__)
  if constexpr (sizeof(detail::entry<table, i>) == 8) return in_constant_memory<table>.values[i];
#endif
  return detail::entry<table, i>;
}

namespace detail {
template <const auto& table, class R, std::size_t... i>
HD R polynomial(R x, std::index_sequence<i...>) {
  return horner(x, constant<table, i>()...);
}
}  // namespace detail

// The polynomial whose coefficients a table holds, lowest degree first.
template <const auto& table, class R>
HD R polynomial(R x) {
  return detail::polynomial<table>(x, std::make_index_sequence<std::remove_cvref_t<decltype(table)>::size>());
}

}  // namespace tailbit::math
