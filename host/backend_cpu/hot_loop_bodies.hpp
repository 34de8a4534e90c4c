// The bodies of the hot loops, inlined into one function per instruction set (hot_loops_for_isa.inl). The scenario is
// the innermost loop; every array of a tile is contiguous in it.
#pragma once

#include "host/backend_cpu/hot_loops.hpp"
#include "tailbit/models/spot_motion.hpp"
#include "tailbit/models/student_t.hpp"

namespace tailbit::cpu::body {

inline constexpr std::size_t kVectorBytes = 64;

// Standard normals of all factors, for a step or, with its offset, a date inside it.
HD void draw(Tile& tile, std::uint32_t step, const Fixing* fixing) {
  const random::Key key = random::make_key(tile.plan.seed);
  const std::uint64_t scenario = tile.first_scenario;
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t pair = 0; 2 * pair < tile.plan.factors; ++pair) {
    double* first = tile.normals.data() + 2 * pair * tile.stride;
    double* second = first + tile.stride;
    const std::uint32_t block = fixing != nullptr ? fixing->offset_seconds : pair;
    const std::uint32_t stream = fixing != nullptr ? random::kBridge + pair : std::uint32_t{random::kInnovations};
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const auto z = random::two_normals<random::Philox4x32>(key, scenario + lane, step, block, stream);
      first[lane] = z.first;
      second[lane] = z.second;
    }
  }
}

// The variance of a step is its shares' mean of the periods' variances; the scale is its root.
HD void mix(Tile& tile, const Step& step) {
  const random::Key key = random::make_key(tile.plan.seed);
  const std::uint64_t scenario = tile.first_scenario;
  const std::size_t lanes = tile.lanes;
  const double* table = tile.plan.mixing;
  double* scale = tile.scale.data();
  for (std::uint32_t i = 0; i < step.share_count; ++i) {
    const PeriodShare part = tile.plan.shares[step.first_share + i];
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double before = i == 0 ? 0.0 : scale[lane];
      const double z =
          random::two_normals<random::Philox4x32>(key, scenario + lane, 0, part.period, random::kMixing).first;
      scale[lane] = math::fma(part.share, period_variance(table, z), before);
    }
  }
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) scale[lane] = math::sqrt(scale[lane]);
}

// A mixture of normals: all normals of a step, and of the dates inside it, times one scale.
HD void scale_normals(Tile& tile) {
  const std::size_t lanes = tile.lanes;
  const double* scale = tile.scale.data();
  for (std::uint32_t f = 0; f < tile.plan.factors; ++f) {
    double* z = tile.normals.data() + f * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) z[lane] *= scale[lane];
  }
}

// x += sum_j loading[j] spread z_j over the factors that factor f loads on.
HD void diffuse_all(Tile& tile, double* x, std::uint32_t f, double spread) {
  const double* loading = tile.plan.loading + std::size_t{f} * tile.plan.factors;
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t j = 0; j <= f; ++j) {
    const double* z = tile.normals.data() + j * tile.stride;
    const double load = loading[j];
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = diffuse(x[lane], load, spread * z[lane]);
  }
}

// A period's start, and the move since then as far as it is shown: where moves are limited, `factor` is the log-return
// of an underlying before its moves are cut.
HD void limit_moves(const Tile& tile, std::uint32_t u, const double* factor, double* log_return) {
  const double* base = tile.period_base.data() + u * tile.stride;
  const double* start = tile.period_factor.data() + u * tile.stride;
  const double most = tile.plan.max_move;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane)
    log_return[lane] = limited_move(base[lane], factor[lane] - start[lane], most);
}

// The vols that the spots move with over the step: of the levels and spots at its start.
HD void imply_spot_vol(Tile& tile, std::uint32_t step, std::uint32_t u) {
  const SpotMotion motion = tile.plan.spots[u];
  const double* x = tile.before.data() + u * tile.stride;
  if (tile.plan.max_move > 0.0) {
    limit_moves(tile, u, x, tile.change.data());
    x = tile.change.data();
  }
  const double* level = motion.level == kNoFactor ? tile.zeros.data() : tile.before.data() + motion.level * tile.stride;
  const double variance = tile.plan.level_variance[std::size_t{step} * tile.plan.underlyings + u];
  double* vol = tile.spot_vols.data() + u * tile.stride;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane) vol[lane] = implied_spot_vol(motion, x[lane], level[lane], variance);
}

// `noise` becomes the log-return after a step.
HD void move_implied(Tile& tile, std::uint32_t u, double* noise) {
  const double drift = tile.plan.spots[u].drift;
  const double convexity = tile.plan.simple_returns ? 0.0 : -0.5 * tile.plan.step_years;
  const double* before = tile.before.data() + u * tile.stride;
  const double* vol = tile.spot_vols.data() + u * tile.stride;
  const std::size_t lanes = tile.lanes;
#pragma omp simd
  for (std::size_t lane = 0; lane < lanes; ++lane)
    noise[lane] = implied_move(before[lane], drift, convexity, vol[lane], noise[lane]);
}

HD void advance(Tile& tile, std::uint32_t step) {
  const std::size_t lanes = tile.lanes;
  const PlanView& plan = tile.plan;
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    const double* x = tile.factor(0, f);
    double* before = tile.before.data() + f * tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) before[lane] = x[lane];
  }
  for (std::uint32_t f = 0; f < plan.factors; ++f) {
    double* x = tile.factor(0, f);
    const bool implied = f < plan.underlyings && plan.spots[f].implied;
    if (implied) {
      imply_spot_vol(tile, step, f);
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = 0.0;
    } else {
      const Transition over_step = plan.transitions[f];
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = transition(x[lane], over_step);
    }
    diffuse_all(tile, x, f, 1.0);
    if (implied) move_implied(tile, f, x);
    if (plan.simple_returns && f < plan.underlyings) {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = log_of_simple_return(x[lane]);
    }
  }
}

HD void bridge(Tile& tile, std::uint32_t index) {
  const Fixing& fixing = tile.plan.fixings[index];
  const std::size_t lanes = tile.lanes;
  for (std::uint32_t f = 0; f < tile.plan.factors; ++f) {
    const double* before =
        fixing.left == Fixing::kStepStart ? tile.before.data() + f * tile.stride : tile.factor(fixing.left, f);
    const double* after = tile.factor(fixing.right, f);
    double* x = tile.factor(fixing.date, f);
    if (fixing.at_step_end) {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = after[lane];
      continue;
    }
    const Bridge over_step = tile.plan.bridges[std::size_t{index} * tile.plan.factors + f];
    const bool implied = f < tile.plan.underlyings && tile.plan.spots[f].implied;
    if (implied) {
      double* noise = tile.change.data();
      const double* vol = tile.spot_vols.data() + f * tile.stride;
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) noise[lane] = 0.0;
      diffuse_all(tile, noise, f, over_step.spread);
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane)
        x[lane] = math::fma(vol[lane], noise[lane], bridge_centre(before[lane], after[lane], over_step));
    } else {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = bridge_centre(before[lane], after[lane], over_step);
      diffuse_all(tile, x, f, over_step.spread);
    }
  }
}

// Log-returns and spots of a date, from its factors.
HD void spots(Tile& tile, DateId date) {
  const std::size_t lanes = tile.lanes;
  const bool single = tile.spots_single.size() != 0;
  for (std::uint32_t u = 0; u < tile.plan.underlyings; ++u) {
    const double* factor = tile.factor(date, u);
    const std::size_t at = (std::size_t{date} * tile.plan.underlyings + u) * tile.stride;
    double* x = tile.log_returns.data() + at;
    double* s = tile.spots.data() + at;
    const double today = tile.plan.spot_today[u];
    if (tile.plan.max_move > 0.0) {
      limit_moves(tile, u, factor, x);
    } else {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = factor[lane];
    }
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) s[lane] = spot_of(today, x[lane]);
    if (!single) continue;
    float* x_single = tile.log_returns_single.data() + at;
    float* s_single = tile.spots_single.data() + at;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      x_single[lane] = static_cast<float>(x[lane]);
      s_single[lane] = static_cast<float>(s[lane]);
    }
  }
}

// Where moves are limited: what the next period starts from.
HD void end_period(Tile& tile) {
  const std::size_t lanes = tile.lanes;
  const double most = tile.plan.max_move;
  std::uint64_t limited = 0;
  for (std::uint32_t u = 0; u < tile.plan.underlyings; ++u) {
    const double* factor = tile.factor(0, u);
    double* base = tile.period_base.data() + u * tile.stride;
    double* start = tile.period_factor.data() + u * tile.stride;
#pragma omp simd reduction(+ : limited)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double moved = factor[lane] - start[lane];
      limited += math::abs(moved) > most ? 1u : 0u;
      base[lane] = limited_move(base[lane], moved, most);
      start[lane] = factor[lane];
    }
  }
  tile.tally.moves_limited += limited;
}

// The forward points of a node's tenors.
HD void forwards(Tile& tile, const RevaluationNode& node) {
  const std::size_t lanes = tile.lanes;
  const bool single = tile.forwards_single.size() != 0;
  for (std::uint32_t i = 0; i < node.tenor_count; ++i) {
    const Tenor tenor = tile.plan.tenors[node.first_tenor + i];
    const PointId point = node.date * tile.plan.underlyings + tenor.underlying;
    const double* x = tile.log_return<double>(point);
    const double* s = tile.spot<double>(point);
    const double* level = tile.factor_or_zero(node.date, tenor.level);
    const double* skew = tile.factor_or_zero(node.date, tenor.skew);
    const double* shift = tile.factor_or_zero(node.date, tenor.shift);
    double* out = tile.forwards.data() + i * kForwardLanes * tile.stride;
    const std::size_t stride = tile.stride;
#pragma omp simd
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const auto p = forward_point(tenor, Point<double>{x[lane], s[lane]}, level[lane], skew[lane], shift[lane]);
      out[kLogReturn * stride + lane] = p.log_return;
      out[kCoinLeg * stride + lane] = p.coin_leg;
      out[kDollarLeg * stride + lane] = p.dollar_leg;
      out[kVolFactor * stride + lane] = p.vol_factor;
      out[kVolTilt * stride + lane] = p.vol_tilt;
    }
    if (!single) continue;
    float* rounded_out = tile.forwards_single.data() + i * kForwardLanes * tile.stride;
    for (std::size_t array = 0; array < kForwardLanes; ++array) {
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane)
        rounded_out[array * stride + lane] = static_cast<float>(out[array * stride + lane]);
    }
  }
}

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
