// Linear perpetual: settled to mark at as_of, so worth nothing now; pays q (M_h - M_0) and the funding on the way in
// USD.
#pragma once

#include "tailbit/core/platform.hpp"
#include "tailbit/core/type_list.hpp"
#include "tailbit/instruments/point.hpp"
#include "tailbit/instruments/terms.hpp"
#include "tailbit/market/underlying.hpp"
#include "tailbit/math/primitives.hpp"

namespace tailbit {

struct LinearPerpetual {
  static constexpr const char* name = "perpetual";
  static constexpr bool settled_to_mark = true;  // worth nothing now; profit since entry_price has been paid or is owed

  struct Terms {
    Settlement settlement = Settlement::usd;
  };
  template <class Visitor, class T>
  static void fields(Visitor&& visit, T& terms) {
    visit.defaulted("settlement", terms.settlement);
  }

  static double scale(const Terms&, double spot) { return spot; }

  // Without funding there is nothing to remember.
  struct Funded {};
  using Variants = TypeList<Plain, Funded>;
  static std::size_t variant(const Terms&, const market::UnderlyingToday& underlying) {
    return underlying.funding_rate_8h == 0.0 ? 0 : 1;
  }

  struct FundingState {
    double received;   // USD per coin so far (a long pays when the rate is positive, so mostly negative)
    double last_mark;  // mark at the last observation, which the running period is charged on
  };
  template <class Variant>
  using State = std::conditional_t<std::is_same_v<Variant, Funded>, FundingState, NoState>;
  static FundingState initial_state(const market::UnderlyingToday& underlying) { return {0.0, underlying.spot}; }

  template <class R>
  using Real = double;

  // Funding a long receives over `years`, per USD of mark.
  static double funding_per_mark(const market::UnderlyingToday& underlying, double years) {
    constexpr double kFundingPeriodsPerYear = kSecondsPerYear / (8.0 * 3600.0);
    return -underlying.funding_rate_8h * (years * kFundingPeriodsPerYear);
  }

  struct Observation {
    double funding_per_mark;  // over the step that ends
  };
  static Observation observation(const Terms&, const market::UnderlyingToday& underlying, double step_years) {
    return {funding_per_mark(underlying, step_years)};
  }
  // At the end of a step: the step's funding, at the rate and mark of its start.
  HD static void observe(const Observation& observation, const Point<double>& point, FundingState& state) {
    state.received = math::fma(state.last_mark, observation.funding_per_mark, state.received);
    state.last_mark = point.spot;
  }

  template <class R, class Variant>
  struct Constants {
    double mark_today;        // M_0, USD
    double funding_per_mark;  // since the last observation
  };
  template <class R, class Variant>
  static Constants<R, Variant> constants(const Terms&, const market::UnderlyingToday& underlying,
                                         const NodeTime& node) {
    return {underlying.spot, funding_per_mark(underlying, node.years_since_observed)};
  }

  // USD per coin, funding received included.
  template <class R, class Variant>
  HD static double value(const Constants<R, Variant>& c, const Point<double>& point, const State<Variant>& state) {
    const double gain = point.spot - c.mark_today;
    if constexpr (std::is_same_v<Variant, Funded>) {
      return gain + math::fma(state.last_mark, c.funding_per_mark, state.received);
    } else {
      return gain;
    }
  }
};

}  // namespace tailbit
