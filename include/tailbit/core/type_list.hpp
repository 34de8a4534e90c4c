// A list of types, and the few things one does with it. The registry of contract families is one.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

namespace tailbit {

template <class... Ts>
struct TypeList {
  static constexpr std::size_t size = sizeof...(Ts);
};

// for_each_type<List>([]<class T, std::size_t index>() { ... }): calls once per type, in order.
template <class List>
struct ForEachType;
template <class... Ts>
struct ForEachType<TypeList<Ts...>> {
  template <class Callable>
  static constexpr void call(Callable&& callable) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (callable.template operator()<Ts, I>(), ...); }
    (std::index_sequence_for<Ts...>{});
  }
};
template <class List, class Callable>
constexpr void for_each_type(Callable&& callable) {
  ForEachType<List>::call(callable);
}

// Concatenation of lists.
template <class... Lists>
struct Concat;
template <>
struct Concat<> {
  using type = TypeList<>;
};
template <class... As>
struct Concat<TypeList<As...>> {
  using type = TypeList<As...>;
};
template <class... As, class... Bs, class... Rest>
struct Concat<TypeList<As...>, TypeList<Bs...>, Rest...> {
  using type = typename Concat<TypeList<As..., Bs...>, Rest...>::type;
};

// Position of T in the list; the list must hold it.
template <class T, class List>
struct IndexOf;
template <class T, class... Rest>
struct IndexOf<T, TypeList<T, Rest...>> {
  static constexpr std::size_t value = 0;
};
template <class T, class Head, class... Rest>
struct IndexOf<T, TypeList<Head, Rest...>> {
  static constexpr std::size_t value = 1 + IndexOf<T, TypeList<Rest...>>::value;
};

// Whether T is in the list.
template <class T, class List>
inline constexpr bool kContains = false;
template <class T, class... Ts>
inline constexpr bool kContains<T, TypeList<Ts...>> = (std::is_same_v<T, Ts> || ...);

}  // namespace tailbit
