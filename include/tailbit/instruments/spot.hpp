// Coins held: worth their spot price.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/core/type_list.hpp"
#include "tailbit/instruments/point.hpp"
#include "tailbit/market/underlying.hpp"

namespace tailbit {

struct Spot {
  static constexpr const char* name = "spot";

  struct Terms {};
  template <class Visitor, class T>
  static void fields(Visitor&&, T&) {}

  // Of the order of the most that a unit is worth, USD: what the quantum is scaled by.
  static double scale(const Terms&, double spot) { return spot; }

  // Coin per unit.
  static double delta_today(const Terms&, const market::UnderlyingToday&) { return 1.0; }

  using Variants = TypeList<Plain>;
  static std::size_t variant(const Terms&, const market::UnderlyingToday&) { return 0; }

  template <class Variant>
  using State = NoState;
  template <class R>
  using Real = double;  // linear: double costs nothing here and keeps hedges exact in single-precision runs

  template <class R, class Variant>
  struct Constants {};
  template <class R, class Variant>
  static Constants<R, Variant> constants(const Terms&, const market::UnderlyingToday&, const NodeTime&) {
    return {};
  }

  // USD per coin.
  template <class R, class Variant>
  HD static R value(const Constants<R, Variant>&, const Point<R>& point, const NoState&) {
    return point.spot;
  }
};

}  // namespace tailbit
