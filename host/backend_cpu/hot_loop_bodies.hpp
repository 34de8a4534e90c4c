// The bodies of the hot loops that price contracts and sum their terms, inlined into one function per instruction set
// (hot_loops_for_isa.inl). The scenario is the innermost loop; every array of a tile is contiguous in it.
#pragma once

#include "host/backend_cpu/hot_loops.hpp"

namespace tailbit::cpu::body {

inline constexpr std::size_t kVectorBytes = 64;

template <class P>
HD void observe(Tile& tile, const ObserverRun& run) {
  using State = typename P::State;
  using Observation = typename P::Family::Observation;
  const auto* observations = reinterpret_cast<const Observation*>(tile.plan.constants + run.observations_offset);
  const auto* places = reinterpret_cast<const ObservedPlace*>(tile.plan.constants + run.places_offset);
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t i = 0; i < run.state_count; ++i) {
    const Observation observation = observations[i];
    const double* x = tile.log_return<double>(places[i].underlying);
    const double* s = tile.spot<double>(places[i].underlying);
    const double* premium = tile.factor_or_zero(0, places[i].premium);
    State* state = tile.state<State>(run.states_offset, i);
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      P::Family::observe(observation, Observed{x[lane], s[lane], premium[lane]}, state[lane]);
    }
  }
}

// The lanes that contracts of pricer P look at: those of a point or of a tenor. They price instead of returning a
// point: g++ 12 would copy a Point as a whole, and not vectorise the loop around that.
template <class P, class R>
struct Lanes {
  const R *log_return, *spot;
  HD Lanes(const Tile& tile, std::uint32_t point) : log_return(tile.log_return<R>(point)), spot(tile.spot<R>(point)) {}
  template <class Constants, class Memory>
  HD R value(const Constants& c, std::size_t lane, const Memory& memory) const {
    return P::Family::value(c, Point<R>{log_return[lane], spot[lane]}, memory);
  }
  template <class Constants>
  HD market::TotalVol<R> vol(const Constants& c, std::size_t lane) const {
    return P::Family::vol(c, Point<R>{log_return[lane], spot[lane]});
  }
};
template <class P, class R>
requires P::on_forward struct Lanes<P, R> {
  const R *log_return, *coin, *dollar, *factor, *tilt;
  HD Lanes(const Tile& tile, std::uint32_t tenor)
      : log_return(tile.forward<R>(tenor, kLogReturn)),
        coin(tile.forward<R>(tenor, kCoinLeg)),
        dollar(tile.forward<R>(tenor, kDollarLeg)),
        factor(tile.forward<R>(tenor, kVolFactor)),
        tilt(tile.forward<R>(tenor, kVolTilt)) {}
  template <class Constants, class Memory>
  HD R value(const Constants& c, std::size_t lane, const Memory& memory) const {
    return P::Family::value(c, point(lane), memory);
  }
  template <class Constants>
  HD market::TotalVol<R> vol(const Constants& c, std::size_t lane) const {
    return P::Family::vol(c, point(lane));
  }
  template <class Constants>
  HD R at_vol_floor(const Constants& c, std::size_t lane) const {
    return P::Family::at_vol_floor(c, point(lane)) ? R(1) : R(0);
  }

 private:
  HD ForwardPoint<R> point(std::size_t lane) const {
    return {log_return[lane], coin[lane], dollar[lane], factor[lane], tilt[lane]};
  }
};

// The lanes of a contract's vols.
template <class R, bool with_slope>
struct VolLanes {
  R *stdev, *inverse_stdev, *slope;
  template <class At, class Constants>
  HD R value(const At& at, const Constants& c, std::size_t lane) const {
    if constexpr (with_slope)
      return at.value(c, lane, market::TotalVol<R>{stdev[lane], inverse_stdev[lane], slope[lane]});
    else
      return at.value(c, lane, market::TotalVol<R>{stdev[lane], inverse_stdev[lane], R(0)});
  }
};

// What contracts remember, by lane; a pointer for those that have a state.
struct NothingRemembered {
  template <class At, class Constants>
  HD auto value(const At& at, const Constants& c, std::size_t lane) const {
    return at.value(c, lane, NoState{});
  }
};
template <class State>
struct StateRemembered {
  const State* state;
  template <class At, class Constants>
  HD auto value(const At& at, const Constants& c, std::size_t lane) const {
    return at.value(c, lane, state[lane]);
  }
};
template <class R>
struct CoinsRemembered {
  const R* spot_now;
  template <class At, class Constants>
  HD R value(const At& at, const Constants& c, std::size_t lane) const {
    return at.value(c, lane, CoinsHeld<R>{spot_now[lane]});
  }
};

template <class P, class R, class Constants, class Memory>
HD void value_changes(const Lanes<P, R>& at, const Constants& c, double counted_from, const Memory& memory,
                      std::size_t lanes, double* change) {
  // As many lanes as a vector of R has: clang would take those of the doubles that are stored.
#pragma omp simd simdlen(kVectorBytes / sizeof(R))
  for (std::size_t lane = 0; lane < lanes; ++lane)
    change[lane] = static_cast<double>(memory.value(at, c, lane)) - counted_from;
}

// The vols of a contract, in a pass of their own: the roots and the divisions that a vol takes one after another are
// waited for by little other work, so that many lanes' are under way at once. Returns how many lanes are at the floor.
template <class P, class R, class Constants>
HD std::uint64_t find_vols(const Lanes<P, R>& at, const Constants& c, std::size_t lanes,
                           const VolLanes<R, P::Family::reads_slope>& vols) {
  R count = R(0);  // exact: a tile has fewer than 2^24 lanes
#pragma omp simd reduction(+ : count)
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto vol = at.vol(c, lane);
    if constexpr (P::template has_vol_floor<R>) count += at.at_vol_floor(c, lane);  // before the stores: one evaluation
    vols.stdev[lane] = vol.stdev;
    vols.inverse_stdev[lane] = vol.inverse_stdev;
    if constexpr (P::Family::reads_slope) vols.slope[lane] = vol.slope;
  }
  return static_cast<std::uint64_t>(count);
}

// Prices rows [first, first + count) of a run into the tile's changes. P prices in arithmetic R.
template <class Precise, class P>
HD void price(Tile& tile, const Run& run, std::uint32_t first, std::uint32_t count) {
  using R = typename P::template Real<Precise>;
  using Constants = typename P::template Constants<Precise>;
  const Row* rows = tile.plan.rows + run.first_row + first;
  const auto* constants = reinterpret_cast<const Constants*>(tile.plan.constants + run.constants_offset) + first;
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Row row = rows[i];
    const Constants c = constants[i];
    const Lanes<P, R> at(tile, row.at);
    double* change = tile.change.data() + i * tile.stride;
    if constexpr (P::holds_coins) {
      value_changes(at, c, row.counted_from, CoinsRemembered<R>{tile.spot<R>(row.point_now)}, lanes, change);
    } else if constexpr (P::has_state) {
      const auto* state = tile.state<typename P::State>(run.states_offset, row.state);
      value_changes(at, c, row.counted_from, StateRemembered<typename P::State>{state}, lanes, change);
    } else if constexpr (P::has_vol) {
      const VolLanes<R, P::Family::reads_slope> vols{tile.vols<R>(0), tile.vols<R>(1), tile.vols<R>(2)};
      tile.tally.vols_at_floor += find_vols(at, c, lanes, vols);
      value_changes(at, c, row.counted_from, vols, lanes, change);
    } else {
      value_changes(at, c, row.counted_from, NothingRemembered{}, lanes, change);
    }
  }
}

// One contract's changes in value and what a leaf holds of it.
struct Product {
  const double* change;
  double quantity;
};
// Adds quantities times changes to a leaf's sums; returns the or of the terms' deviations from the shifter's bits.
template <class... Products>
HD std::uint64_t add_products(std::uint64_t* sums, double shifter, std::size_t lanes, Products... products) {
  const std::uint64_t shifter_bits = math::to_bits(shifter);
  std::uint64_t deviation = 0;
#pragma omp simd reduction(| : deviation)
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    sums[lane] += (quantise(products.quantity, products.change[lane], shifter) + ...);
    deviation |= ((quantise(products.quantity, products.change[lane], shifter) ^ shifter_bits) | ...);
  }
  return deviation;
}

// Adds a chunk's terms to the sums of the leaves that hold it, several at a time so that a sum is seldom loaded and
// stored.
HD std::uint64_t accumulate(const Tile& tile, const LeafTerms& leaves, const Chunk& chunk, std::uint64_t* sums,
                            std::size_t sums_stride) {
  const double shifter = tile.plan.quantum.shifter();
  const std::size_t lanes = tile.lanes;
  std::uint64_t deviation = 0;
  for (std::uint32_t h = chunk.first_holding; h < chunk.first_holding + chunk.holding_count; ++h) {
    const Holding holding = leaves.holdings[h];
    std::uint64_t* sum = sums + holding.leaf * sums_stride;
    const Term* term = leaves.terms.data() + holding.first_term;
    std::uint32_t left = holding.term_count;
#define PRODUCT(i) \
  Product { tile.change.data() + term[i].row *tile.stride, term[i].quantity }
    for (; left >= 8; left -= 8, term += 8)
      deviation |= add_products(sum, shifter, lanes, PRODUCT(0), PRODUCT(1), PRODUCT(2), PRODUCT(3), PRODUCT(4),
                                PRODUCT(5), PRODUCT(6), PRODUCT(7));
    for (; left >= 2; left -= 2, term += 2) deviation |= add_products(sum, shifter, lanes, PRODUCT(0), PRODUCT(1));
    if (left != 0) deviation |= add_products(sum, shifter, lanes, PRODUCT(0));
#undef PRODUCT
  }
  return deviation >> 52;
}

}  // namespace tailbit::cpu::body
