// Counts of arbitrage over simulated surfaces: against a check of one surface at a time, and against known cases.
#include "host/ops/surface_check.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "host/backend_cpu/shocked_slices.hpp"
#include "tests/support/shocked_surfaces.hpp"

namespace tailbit::surface_check_test {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr SurfaceShocks kNone{.vol_of_vol = 0.0, .skew_vol = 0.0};
// So strong that everything that is counted occurs.
constexpr SurfaceShocks kStrong{.vol_of_vol = 5.0, .term_decay = 0.4, .skew_vol = 12.0, .correlation = 0.3};

TEST(CheckShockedSurfaces, CountsWhatACheckOneByOneCounts) {
  const Market market = test::skewed_market();
  constexpr std::uint64_t kCount = 700;  // two tiles and a part of one
  const SurfaceCheck check = check_shocked_surfaces(market, kStrong, kDay, kCount, 7, 1, 2);
  ASSERT_EQ(check.underlyings.size(), 2u);
  std::uint32_t underlying = 0;
  for (const UnderlyingCheck& u : check.underlyings) {
    const auto& slices = std::get<SviSurface>(market.underlyings.at(u.name).surface).slices;
    ASSERT_EQ(u.slices.size() + u.expired, slices.size());
    std::vector<bool> any_3(kCount), any_5(kCount);
    for (std::size_t i = 0; i < u.slices.size(); ++i) {
      const SviQuote* quote = &slices[u.expired + i];
      const SliceCheck& slice = u.slices[i];
      EXPECT_EQ(slice.expiry, quote->expiry);
      EXPECT_EQ(slice.has_next, i + 1 < u.slices.size());
      const test::PlainCheck plain = test::plain_check(*quote, slice.has_next ? quote + 1 : nullptr, market.as_of, kDay,
                                                       kStrong, kCount, 7, underlying, 2);
      for (std::size_t n = 0; n < kCount; ++n) {
        any_3[n] = any_3[n] || plain.with_butterfly_3[n];
        any_5[n] = any_5[n] || plain.with_butterfly_5[n];
      }
      const std::string where = u.name + " " + std::to_string(i);
      EXPECT_EQ(slice.within_3.butterflies, plain.butterflies_3) << where;
      EXPECT_EQ(slice.within_5.butterflies, plain.butterflies_5) << where;
      EXPECT_EQ(slice.within_3.crossings, plain.crossings_3) << where;
      EXPECT_EQ(slice.within_5.crossings, plain.crossings_5) << where;
      EXPECT_EQ(slice.floored, plain.floored) << where;
      EXPECT_NEAR(slice.within_3.least_g, plain.least_g_3, 1e-9 * std::abs(plain.least_g_3)) << where;
      EXPECT_NEAR(slice.within_5.least_g, plain.least_g_5, 1e-9 * std::abs(plain.least_g_5)) << where;
      for (const std::uint64_t n : {plain.butterflies_3, plain.butterflies_5, plain.floored}) {
        EXPECT_GT(n, 0u) << where << ": the test shows nothing";
        EXPECT_LT(n, kCount) << where << ": the test shows nothing";
      }
      EXPECT_EQ(plain.crossings_5 > 0, slice.has_next) << where << ": the test shows nothing";
    }
    EXPECT_EQ(u.with_butterfly_3, static_cast<std::uint64_t>(std::count(any_3.begin(), any_3.end(), true))) << u.name;
    EXPECT_EQ(u.with_butterfly_5, static_cast<std::uint64_t>(std::count(any_5.begin(), any_5.end(), true))) << u.name;
    ++underlying;
  }
  EXPECT_EQ(check.underlyings[0].expired, 1u);
  EXPECT_EQ(check.underlyings[1].expired, 0u);
}

TEST(CheckShockedSurfaces, FindsOnlyTodaysSlicesWithoutShocks) {
  const Market market = test::skewed_market();
  const SurfaceCheck check = check_shocked_surfaces(market, kNone, kDay, 300, 1, 1);
  for (const UnderlyingCheck& u : check.underlyings) {
    for (const SliceCheck& s : u.slices) {
      EXPECT_EQ(s.within_3.least_g, s.within_3.least_g_unshocked);
      EXPECT_EQ(s.within_5.least_g, s.within_5.least_g_unshocked);
      EXPECT_EQ(s.within_5.butterflies, 0u);
      EXPECT_EQ(s.floored, 0u);
    }
  }
}

// A factor that returns to its mean has, at one time, the law of one that does not and moves less.
TEST(CheckShockedSurfaces, TakesReversionAsASmallerVol) {
  const auto smaller = [](double vol, double kappa) {
    return vol * std::sqrt(-std::expm1(-2.0 * kappa / 365.0) / (2.0 * kappa / 365.0));
  };
  SurfaceShocks reverting = kStrong, plain = kStrong;
  reverting.level_kappa = 90.0, reverting.skew_kappa = 400.0;
  plain.vol_of_vol = smaller(kStrong.vol_of_vol, 90.0), plain.skew_vol = smaller(kStrong.skew_vol, 400.0);
  const SurfaceCheck a = check_shocked_surfaces(test::skewed_market(), reverting, kDay, 700, 7, 1, 2);
  const SurfaceCheck b = check_shocked_surfaces(test::skewed_market(), plain, kDay, 700, 7, 1, 2);
  for (std::size_t u = 0; u < 2; ++u) {
    for (std::size_t i = 0; i < a.underlyings[u].slices.size(); ++i) {
      const SliceCheck &x = a.underlyings[u].slices[i], &y = b.underlyings[u].slices[i];
      EXPECT_EQ(x.within_5.butterflies, y.within_5.butterflies);
      EXPECT_EQ(x.within_5.crossings, y.within_5.crossings);
      EXPECT_NEAR(x.within_5.least_g, y.within_5.least_g, 1e-9 * std::abs(y.within_5.least_g));
    }
  }
}

// A slice that is arbitrage today (Axel Vogt's) is so in every surface without shocks.
TEST(CheckShockedSurfaces, FindsTheArbitrageThatIsThereToday) {
  Market market = test::skewed_market();
  market.underlyings.erase("ETH");
  const Timestamp expiry{market.as_of.seconds + 31'536'000};
  market.underlyings["BTC"].surface = SviSurface{{{expiry, -0.0410, 0.1331, 0.3060, 0.3586, 0.4153, std::nullopt}}};
  const SurfaceCheck check = check_shocked_surfaces(market, kNone, 1, 300, 1, 1, 100);
  const UnderlyingCheck& btc = check.underlyings[0];
  EXPECT_EQ(btc.slices[0].within_5.butterflies, 300u);
  EXPECT_EQ(btc.with_butterfly_5, 300u);
  // Its lowest place is at k = 0.9; five deviations end before it.
  const market::SviSlice vogt{1.0, -0.0410, 0.1331, 0.3060, 0.3586, 0.4153};
  const double deviation = std::sqrt(svi_variance_at(vogt, 0.0).variance);
  double least = 1.0;
  for (double u = -5.0; u < 5.005; u += 0.01) least = std::min(least, butterfly_g(vogt, u * deviation));
  EXPECT_NEAR(btc.slices[0].within_5.least_g, least, 1e-6);
  EXPECT_NEAR(btc.slices[0].atm_vol, deviation, 1e-15);
}

TEST(CheckShockedSurfaces, TakesAFlatSurfaceAtTheListedForwards) {
  Market market = test::skewed_market();
  UnderlyingMarket& btc = market.underlyings["BTC"];
  btc.surface = FlatSurface{0.6};
  btc.forwards = {{{market.as_of.seconds + kDay}, 64'000.0}, {{market.as_of.seconds + 30 * kDay}, 64'500.0}};
  const SurfaceCheck check = check_shocked_surfaces(market, kNone, kDay, 10, 1, 1);
  ASSERT_EQ(check.underlyings[0].slices.size(), 1u);
  EXPECT_EQ(check.underlyings[0].expired, 1u);
  EXPECT_NEAR(check.underlyings[0].slices[0].atm_vol, 0.6, 1e-15);
  EXPECT_EQ(check.underlyings[0].slices[0].within_5.least_g, 1.0);
}

TEST(CheckShockedSurfaces, RefusesArgumentsOutOfRange) {
  const Market market = test::skewed_market();
  const auto check = [&](const SurfaceShocks& shocks, std::int64_t horizon, std::uint64_t count, int points) {
    check_shocked_surfaces(market, shocks, horizon, count, 1, 1, points);
  };
  EXPECT_NO_THROW(check({}, kDay, 1, 1));
  EXPECT_THROW(check({}, 0, 1, 1), std::invalid_argument);
  EXPECT_THROW(check({}, kDay, (std::uint64_t{1} << 40) + 1, 1), std::invalid_argument);
  EXPECT_THROW(check({}, kDay, 1, 0), std::invalid_argument);
  EXPECT_THROW(check({.vol_of_vol = -0.1}, kDay, 1, 1), std::invalid_argument);
  EXPECT_THROW(check({.vol_of_vol = 60.0}, kDay, 1, 1), std::invalid_argument);
  EXPECT_THROW(check({.skew_vol = std::nan("")}, kDay, 1, 1), std::invalid_argument);
  EXPECT_THROW(check({.correlation = 1.01}, kDay, 1, 1), std::invalid_argument);
  EXPECT_THROW(check({.level_kappa = -1.0}, kDay, 1, 1), std::invalid_argument);
  EXPECT_THROW(check({.term_decay = -0.5}, kDay, 1, 1), std::invalid_argument);
  EXPECT_THROW(check({.skew_vol = -1.0}, kDay, 1, 1), std::invalid_argument);
  EXPECT_THROW(check({.skew_kappa = -1.0}, kDay, 1, 1), std::invalid_argument);
  Market quoted = market;
  quoted.underlyings["BTC"].surface = QuotedSurface{};
  EXPECT_THROW(check_shocked_surfaces(quoted, {}, kDay, 1, 1, 1), std::invalid_argument);
}

TEST(CheckShockedSurfaces, OfNoneIsEmpty) {
  const nlohmann::ordered_json json = to_json(check_shocked_surfaces(test::skewed_market(), {}, kDay, 0, 1, 2));
  EXPECT_EQ(json["total"]["slices"], 0);
  EXPECT_EQ(json["total"]["within_3"]["butterfly_share"], 0.0);
  EXPECT_TRUE(json["underlyings"]["BTC"]["expiries"][0]["within_3"]["least_g"].is_null());
}

TEST(SurfaceCheckJson, AddsSlicesUp) {
  const SurfaceCheck check = check_shocked_surfaces(test::skewed_market(), kStrong, kDay, 400, 3, 1);
  const nlohmann::ordered_json json = to_json(check);
  EXPECT_EQ(json["surfaces"], 400);
  EXPECT_EQ(json["total"]["slices"], 5 * 400);
  std::uint64_t butterflies = 0, crossings = 0, floored = 0;
  double least_g_3 = 1.0, least_g_5 = 1.0;
  for (const auto& u : json["underlyings"]) {
    for (const auto& e : u["expiries"]) {
      butterflies += e["within_5"]["butterflies"].get<std::uint64_t>();
      crossings += e["within_3"]["crossings"].get<std::uint64_t>();
      floored += e["floored"].get<std::uint64_t>();
      least_g_3 = std::min(least_g_3, e["within_3"]["least_g"].get<double>());
      least_g_5 = std::min(least_g_5, e["within_5"]["least_g"].get<double>());
      EXPECT_EQ(e["within_5"]["butterfly_share"].get<double>(), e["within_5"]["butterflies"].get<double>() / 400.0);
    }
  }
  EXPECT_EQ(json["total"]["within_5"]["butterflies"], butterflies);
  EXPECT_EQ(json["total"]["within_5"]["butterfly_share"].get<double>(), static_cast<double>(butterflies) / 2000.0);
  EXPECT_EQ(json["total"]["within_3"]["crossings"], crossings);
  EXPECT_EQ(json["total"]["within_3"]["crossing_share"].get<double>(), static_cast<double>(crossings) / 1200.0);
  EXPECT_EQ(json["total"]["floored"], floored);
  EXPECT_EQ(json["total"]["within_3"]["least_g"], least_g_3);
  EXPECT_EQ(json["total"]["within_5"]["least_g"], least_g_5);
  EXPECT_EQ(json["underlyings"]["BTC"]["surfaces_with_butterfly"]["within_3"], check.underlyings[0].with_butterfly_3);
  EXPECT_EQ(json["underlyings"]["BTC"]["expired"], 1);
}

TEST(ShockLoops, DrawTheLawOfTheFactors) {
  constexpr std::size_t kCount = 200'000;
  cpu::ShockTile tile(kCount);
  tile.lanes = kCount;
  const double rho = -0.4;
  const cpu::ShockLoops& loops = cpu::shock_loops(cpu::best_isa());
  loops.draw(tile, {0.12, 0.07, rho, std::sqrt(1.0 - rho * rho)}, 5, 1);
  loops.shock(tile, {0.12 * 0.12, 2.1, 1.3}, 1);
  double x2 = 0.0, y2 = 0.0, xy = 0.0, mean = 0.0;
  for (std::size_t i = 0; i < kCount; ++i) {
    const double x = tile.level[i] / 0.12, y = tile.skew[i] / 0.07;
    x2 += x * x, y2 += y * y, xy += x * y, mean += tile.shocks[1].factor[i];
    EXPECT_EQ(tile.shocks[1].tilt[i], 1.3 * tile.skew[i]);
  }
  const double n = static_cast<double>(kCount), five_errors = 5.0 / std::sqrt(n);
  EXPECT_NEAR(x2 / n, 1.0, five_errors * std::sqrt(2.0));
  EXPECT_NEAR(y2 / n, 1.0, five_errors * std::sqrt(2.0));
  EXPECT_NEAR(xy / n, rho, five_errors * std::sqrt(1.0 + rho * rho));
  // Each vol keeps its mean; the factor's variance is exp(d^2 v) - 1.
  EXPECT_NEAR(mean / n, 1.0, five_errors * std::sqrt(std::exp(2.1 * 2.1 * 0.12 * 0.12) - 1.0));
}

}  // namespace
}  // namespace tailbit::surface_check_test
