#include "host/ops/surface_check.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "host/backend_cpu/floating_point.hpp"
#include "host/backend_cpu/shocked_slices.hpp"
#include "tailbit/models/ornstein_uhlenbeck.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kNear = 3, kFar = 5;  // deviations
constexpr std::size_t kTile = 256;  // surfaces: the arrays of a tile stay in a core's first cache

// Places in deviations, nearer and farther than kNear.
struct Grid {
  std::vector<double> near, far;
};

Grid make_grid(int points_per_deviation) {
  Grid grid;
  for (int i = -kFar * points_per_deviation; i <= kFar * points_per_deviation; ++i) {
    auto& ring = std::abs(i) <= kNear * points_per_deviation ? grid.near : grid.far;
    ring.push_back(static_cast<double>(i) / points_per_deviation);
  }
  return grid;
}

// The slices of an underlying that are left at the horizon, with their expiries.
struct Slices {
  std::vector<Timestamp> expiries;
  std::vector<cpu::SliceAhead> ahead;
  std::size_t expired = 0;
};

// A flat surface has no expiries of its own: those of the listed forwards.
std::vector<SviQuote> slices_of(const UnderlyingMarket& underlying, Timestamp as_of) {
  std::vector<SviQuote> out;
  if (const auto* svi = std::get_if<SviSurface>(&underlying.surface)) out = svi->slices;
  if (const auto* flat = std::get_if<FlatSurface>(&underlying.surface)) {
    for (const ListedForward& f : underlying.forwards)
      out.push_back({f.expiry, flat->vol * flat->vol * years_between(as_of, f.expiry), 0.0, 0.0, 0.0, 1.0});
  }
  if (std::holds_alternative<QuotedSurface>(underlying.surface))
    throw std::invalid_argument("check_shocked_surfaces: a quoted surface is to be fitted first");
  return out;
}

Slices make_slices(const Market& market, const UnderlyingMarket& underlying, const SurfaceCheck& check) {
  const SurfaceShocks& shocks = check.shocks;
  const Timestamp horizon{market.as_of.seconds + check.horizon_seconds};
  const double level_variance =
      ornstein_uhlenbeck_variance(shocks.vol_of_vol, shocks.level_kappa, years_between(market.as_of, horizon));
  Slices slices;
  for (const SviQuote& q : slices_of(underlying, market.as_of)) {
    if (q.expiry <= horizon) {
      ++slices.expired;
      continue;
    }
    const double years = years_between(market.as_of, q.expiry), years_left = years_between(horizon, q.expiry);
    const market::SviSmile<double> today{q.a, q.b, q.rho, q.m, q.sigma * q.sigma, 1.0 / years};
    const cpu::ShockScale scale{level_variance, market::term_scale(years, shocks.term_decay),
                                market::term_scale(years, 0.5)};
    slices.expiries.push_back(q.expiry);
    slices.ahead.push_back({today, years_left, today.vol(0.0) * math::sqrt(years_left), scale});
  }
  return slices;
}

double least_g_unshocked(const cpu::SliceAhead& slice, const std::vector<double>& grid) {
  double least = kInfinity;
  for (const double place : grid) {
    const double k = place * slice.deviation;
    least = std::min(least, market::butterfly_g(slice.today.at(k), k, slice.years_left));
  }
  return least;
}

UnderlyingCheck blank_check(const std::string& name, const Slices& slices, const Grid& grid) {
  UnderlyingCheck out;
  out.name = name;
  out.expired = slices.expired;
  for (std::size_t i = 0; i < slices.ahead.size(); ++i) {
    const cpu::SliceAhead& ahead = slices.ahead[i];
    SliceCheck slice;
    slice.expiry = slices.expiries[i];
    slice.atm_vol = ahead.today.vol(0.0);
    slice.within_3.least_g_unshocked = least_g_unshocked(ahead, grid.near);
    slice.within_5.least_g_unshocked = std::min(slice.within_3.least_g_unshocked, least_g_unshocked(ahead, grid.far));
    slice.has_next = i + 1 < slices.ahead.size();
    out.slices.push_back(slice);
  }
  return out;
}

void add(RangeCheck& to, const RangeCheck& from) {
  to.butterflies += from.butterflies;
  to.crossings += from.crossings;
  to.least_g = std::min(to.least_g, from.least_g);
}

void add(UnderlyingCheck& to, const UnderlyingCheck& from) {
  to.with_butterfly_3 += from.with_butterfly_3;
  to.with_butterfly_5 += from.with_butterfly_5;
  for (std::size_t i = 0; i < to.slices.size(); ++i) {
    add(to.slices[i].within_3, from.slices[i].within_3);
    add(to.slices[i].within_5, from.slices[i].within_5);
    to.slices[i].floored += from.slices[i].floored;
  }
}

// One worker's look at tiles of surfaces.
class Checker {
 public:
  Checker(const cpu::ShockLoops& loops, const cpu::ShockLaw& law, const Grid& grid, std::uint64_t seed)
      : loops_(loops), law_(law), grid_(grid), seed_(seed) {}

  void check(const std::vector<cpu::SliceAhead>& slices, std::uint32_t underlying, std::uint64_t first,
             std::size_t lanes, UnderlyingCheck& out) {
    if (slices.empty()) return;
    tile_.first_surface = first;
    tile_.lanes = lanes;
    std::fill(any_3_.begin(), any_3_.end(), 0);
    std::fill(any_5_.begin(), any_5_.end(), 0);
    loops_.draw(tile_, law_, seed_, underlying);
    loops_.shock(tile_, slices[0].scale, 0);
    for (std::size_t i = 0; i < slices.size(); ++i) {
      const int slot = static_cast<int>(i % 2);
      check_butterflies(slices[i], slot, out.slices[i]);
      if (i + 1 == slices.size()) break;
      loops_.shock(tile_, slices[i + 1].scale, 1 - slot);
      check_crossings(slices[i], slices[i + 1], slot, out.slices[i]);
    }
    out.with_butterfly_3 += count(any_3_);
    out.with_butterfly_5 += count(any_5_);
  }

 private:
  using Flags = std::vector<unsigned char>;  // [kTile]
  std::uint64_t count(const Flags& flags) const {
    return static_cast<std::uint64_t>(std::count(flags.begin(), flags.begin() + lanes(), 1));
  }
  std::ptrdiff_t lanes() const { return static_cast<std::ptrdiff_t>(tile_.lanes); }

  void check_butterflies(const cpu::SliceAhead& slice, int slot, SliceCheck& out) {
    std::fill(tile_.least_g.begin(), tile_.least_g.end(), kInfinity);
    std::fill(tile_.least_vol.begin(), tile_.least_vol.end(), kInfinity);
    loops_.least_g(tile_, slot, slice, grid_.near);
    tell_butterflies(out.within_3, any_3_);
    loops_.least_g(tile_, slot, slice, grid_.far);
    tell_butterflies(out.within_5, any_5_);
    out.floored += static_cast<std::uint64_t>(std::count_if(tile_.least_vol.begin(), tile_.least_vol.begin() + lanes(),
                                                            [](double vol) { return vol < market::kVolFloor; }));
  }
  void tell_butterflies(RangeCheck& out, Flags& any) {
    for (std::size_t lane = 0; lane < tile_.lanes; ++lane) {
      const bool found = tile_.least_g[lane] < 0.0;
      out.butterflies += found;
      any[lane] |= found;
      out.least_g = std::min(out.least_g, tile_.least_g[lane]);
    }
  }

  void check_crossings(const cpu::SliceAhead& slice, const cpu::SliceAhead& next, int slot, SliceCheck& out) {
    std::fill(tile_.least_gap.begin(), tile_.least_gap.end(), kInfinity);
    loops_.least_gap(tile_, slot, slice, next, grid_.near);
    out.within_3.crossings += crossings();
    loops_.least_gap(tile_, slot, slice, next, grid_.far);
    out.within_5.crossings += crossings();
  }
  std::uint64_t crossings() const {
    return static_cast<std::uint64_t>(std::count_if(tile_.least_gap.begin(), tile_.least_gap.begin() + lanes(),
                                                    [](double gap) { return gap < 0.0; }));
  }

  const cpu::ShockLoops& loops_;
  const cpu::ShockLaw law_;
  const Grid& grid_;
  const std::uint64_t seed_;
  cpu::ShockTile tile_{kTile};
  Flags any_3_ = Flags(kTile), any_5_ = Flags(kTile);
};

cpu::ShockLaw shock_law(const SurfaceShocks& shocks, double years) {
  return {math::sqrt(ornstein_uhlenbeck_variance(shocks.vol_of_vol, shocks.level_kappa, years)),
          math::sqrt(ornstein_uhlenbeck_variance(shocks.skew_vol, shocks.skew_kappa, years)), shocks.correlation,
          math::sqrt(1.0 - shocks.correlation * shocks.correlation)};
}

void check_arguments(const SurfaceCheck& check) {
  const SurfaceShocks& s = check.shocks;
  const bool sound = s.vol_of_vol >= 0.0 && s.level_kappa >= 0.0 && s.term_decay >= 0.0 && s.skew_vol >= 0.0 &&
                     s.skew_kappa >= 0.0 && s.correlation >= -1.0 && s.correlation <= 1.0;
  if (!sound)
    throw std::invalid_argument("check_shocked_surfaces: a negative vol, kappa or decay, or a correlation beyond 1");
  if (check.horizon_seconds <= 0) throw std::invalid_argument("check_shocked_surfaces: the horizon is not ahead");
  // Beyond, squares of vols leave the range of numbers, and a g that is no number would count as none.
  const double years = static_cast<double>(check.horizon_seconds) / kSecondsPerYear;
  const double widest = shock_law(s, years).level_stdev * market::term_scale(0.0, s.term_decay);
  if (!(widest <= 10.0) || !(s.skew_vol <= 1e6))
    throw std::invalid_argument(
        "check_shocked_surfaces: the log of a vol moves by more than 10, or the skew vol is above 1e6");
  if (check.surfaces > random::kMaxScenarios) throw std::invalid_argument("check_shocked_surfaces: too many surfaces");
  if (check.points_per_deviation < 1) throw std::invalid_argument("check_shocked_surfaces: a grid without points");
}

}  // namespace

SurfaceCheck check_shocked_surfaces(const Market& market, const SurfaceShocks& shocks, std::int64_t horizon_seconds,
                                    std::uint64_t count, std::uint64_t seed, unsigned threads,
                                    int points_per_deviation) {
  SurfaceCheck out{market.as_of, horizon_seconds, count, seed, points_per_deviation, shocks, {}};
  check_arguments(out);
  const Grid grid = make_grid(points_per_deviation);
  std::vector<Slices> slices;
  for (const auto& [name, underlying] : market.underlyings) {
    slices.push_back(make_slices(market, underlying, out));
    out.underlyings.push_back(blank_check(name, slices.back(), grid));
  }
  const std::vector<UnderlyingCheck> blank = out.underlyings;
  const cpu::ShockLaw law = shock_law(shocks, static_cast<double>(horizon_seconds) / kSecondsPerYear);
  const std::uint64_t tiles = (count + kTile - 1) / kTile;
  const std::uint64_t jobs = tiles * slices.size();

  std::atomic<std::uint64_t> next_job{0};
  std::exception_ptr failure;
  std::mutex mutex;  // guards failure and out
  const auto work = [&] {
    try {
      const cpu::StandardFloatingPoint environment;
      Checker checker(cpu::shock_loops(cpu::best_isa()), law, grid, seed);
      std::vector<UnderlyingCheck> mine = blank;
      for (std::uint64_t job = next_job++; job < jobs; job = next_job++) {
        const auto u = static_cast<std::uint32_t>(job / tiles);
        const std::uint64_t first = job % tiles * kTile;
        checker.check(slices[u].ahead, u, first, std::min<std::uint64_t>(kTile, count - first), mine[u]);
      }
      const std::lock_guard lock(mutex);
      for (std::size_t u = 0; u < mine.size(); ++u) add(out.underlyings[u], mine[u]);
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
  };
  const unsigned wanted = threads != 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < std::min<std::uint64_t>(wanted, jobs); ++i) others.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  return out;
}

}  // namespace tailbit
