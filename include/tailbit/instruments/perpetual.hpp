// Perpetual: settled to mark at as_of, so worth nothing now.
//
// Settled in USD ("linear", quantity in coin): pays q (M_h - M_0), and funding on the way in USD. Settled in coin
// ("inverse", quantity in USD): pays Q (1/M_0 - 1/M_h) coins, and funding in coins, all of which are held and valued at
// S_h.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/core/type_list.hpp"
#include "tailbit/instruments/point.hpp"
#include "tailbit/instruments/terms.hpp"
#include "tailbit/market/underlying.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

struct Perpetual {
  static constexpr const char* name = "perpetual";

  struct Terms {
    Settlement settlement = Settlement::usd;
  };
  template <class Visitor, class T>
  static void fields(Visitor&& visit, T& terms) {
    visit.defaulted("settlement", terms.settlement);
  }

  // USD per unit of quantity.
  static double notional(const Terms& terms, double spot) { return coin_settled(terms) ? 1.0 : spot; }
  static double scale(const Terms& terms, double spot) { return notional(terms, spot); }

  // What a position is settled to; profit since its entry price has been paid or is owed.
  static double mark_today(const Terms&, const market::UnderlyingToday& underlying) { return underlying.spot; }

  // Without funding there is nothing to remember.
  struct Funded {};
  struct Inverse {};
  struct FundedInverse {};
  using Variants = TypeList<Plain, Funded, Inverse, FundedInverse>;
  static std::size_t variant(const Terms& terms, const market::UnderlyingToday& underlying) {
    return (coin_settled(terms) ? 2 : 0) + (underlying.funding_rate_8h == 0.0 ? 0 : 1);
  }
  template <class Variant>
  static constexpr bool is_funded = std::is_same_v<Variant, Funded> || std::is_same_v<Variant, FundedInverse>;
  template <class Variant>
  static constexpr bool is_inverse = std::is_same_v<Variant, Inverse> || std::is_same_v<Variant, FundedInverse>;

  struct FundingState {
    double received;     // USD per coin of a linear one, coins per USD of an inverse one (a long pays when the rate is
                         // positive, so mostly negative)
    double last_charge;  // what the running period is charged on, per unit: the mark at the last observation, or coins
                         // per USD
  };
  template <class Variant>
  struct FundedState : FundingState {};
  template <class Variant>
  using State = std::conditional_t<is_funded<Variant>, FundedState<Variant>, NoState>;
  template <class Variant>
  static FundedState<Variant> initial_state(const market::UnderlyingToday& underlying) {
    return {{0.0, is_inverse<Variant> ? 1.0 / underlying.spot : underlying.spot}};
  }

  template <class R>
  using Real = double;

  // Funding a long receives over `years`, as a share of what it is charged on.
  static double funding_share(const market::UnderlyingToday& underlying, double years) {
    constexpr double kFundingPeriodsPerYear = kSecondsPerYear / (8.0 * 3600.0);
    return -underlying.funding_rate_8h * (years * kFundingPeriodsPerYear);
  }

  struct Observation {
    double funding_share;  // over the step that ends
  };
  static Observation observation(const Terms&, const market::UnderlyingToday& underlying, double step_years) {
    return {funding_share(underlying, step_years)};
  }
  // At the end of a step: the step's funding, at the rate and mark of its start.
  template <class Variant>
  HD static void observe(const Observation& observation, const Point<double>& point, FundedState<Variant>& state) {
    state.received = math::fma(state.last_charge, observation.funding_share, state.received);
    state.last_charge = is_inverse<Variant> ? 1.0 / point.spot : point.spot;
  }

  template <class R, class Variant>
  struct Constants {
    double mark_today;     // M_0, USD
    double funding_share;  // since the last observation
  };
  template <class R, class Variant>
  static Constants<R, Variant> constants(const Terms& terms, const market::UnderlyingToday& underlying,
                                         const NodeTime& node) {
    return {mark_today(terms, underlying), funding_share(underlying, node.years_since_observed)};
  }

  // USD per unit of quantity, funding received included.
  template <class R, class Variant>
  HD static double value(const Constants<R, Variant>& c, const Point<double>& point, const State<Variant>& state) {
    const double gain = is_inverse<Variant> ? point.spot / c.mark_today - 1.0 : point.spot - c.mark_today;
    if constexpr (is_funded<Variant>) {
      const double received = math::fma(state.last_charge, c.funding_share, state.received);
      return is_inverse<Variant> ? math::fma(received, point.spot, gain) : gain + received;
    } else {
      return gain;
    }
  }
};

}  // namespace tailbit
