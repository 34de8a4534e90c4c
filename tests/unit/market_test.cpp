// Today's market: the carry of an expiry and the smile of an expiry, as docs/definitions interpolate them.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "tailbit/instruments/option_market.hpp"
#include "tailbit/market/underlying.hpp"

namespace tailbit::market::market_test {
namespace {

TEST(CarryCurve, GivesTheListedForwards) {
  const CarryCurve carry({{0.25, 0.01}, {1.0, 0.07}}, 0.03);
  EXPECT_NEAR(carry.rate(0.25) * 0.25, 0.01, 1e-16);
  EXPECT_NEAR(carry.rate(1.0) * 1.0, 0.07, 1e-16);
}

TEST(CarryCurve, IsLinearInLogGrowthBetween) {
  const CarryCurve carry({{0.25, 0.01}, {0.75, 0.07}, {1.0, 0.05}}, 0.03);
  EXPECT_NEAR(carry.rate(0.5) * 0.5, 0.04, 1e-16);
  EXPECT_NEAR(carry.rate(0.35) * 0.35, 0.01 + 0.2 * 0.06, 1e-16);
  EXPECT_NEAR(carry.rate(0.875) * 0.875, 0.06, 1e-16);
}

TEST(CarryCurve, StartsAtZeroToday) {
  const CarryCurve carry({{0.25, 0.01}, {1.0, 0.07}}, 0.03);
  EXPECT_NEAR(carry.rate(0.1) * 0.1, 0.004, 1e-16);
  EXPECT_NEAR(carry.rate(1e-9), 0.04, 1e-12);
}

TEST(CarryCurve, KeepsTheLastRateBeyond) {
  const CarryCurve carry({{0.25, 0.01}, {0.5, 0.06}}, 0.03);
  EXPECT_DOUBLE_EQ(carry.rate(0.5), 0.12);
  EXPECT_DOUBLE_EQ(carry.rate(3.0), 0.12);
}

TEST(CarryCurve, IsTheUsdRateWithoutForwards) {
  const CarryCurve carry({}, 0.03);
  EXPECT_EQ(carry.rate(0.01), 0.03);
  EXPECT_EQ(carry.rate(5.0), 0.03);
}

const SviSlice kShort{0.1, 0.002, 0.04, -0.3, 0.01, 0.1};
const SviSlice kLong{0.5, 0.01, 0.09, -0.1, 0.02, 0.2};

double svi(const SviSlice& s, double k) {
  return s.a + s.b * (s.rho * (k - s.m) + std::sqrt((k - s.m) * (k - s.m) + s.sigma * s.sigma));
}

struct Level {
  double variance, slope;
};

// Total variance to expiry as the hot loop sees it, with `left` of `total` years to go.
template <class Vol>
Level hot(const SmileToday& smile, double k, double left, double total, bool put) {
  typename Vol::template Smile<double> s;
  make_smile(s, smile, left, total, put);
  const TotalVol<double> vol = s(put ? k : -k);
  EXPECT_NEAR(vol.stdev * vol.inverse_stdev, 1.0, 1e-15);
  return {vol.stdev * vol.stdev, vol.slope};
}
Level hot(const SmileToday& smile, double k, double left, double total, bool put = false) {
  switch (smile_shape(smile)) {
    case SmileShape::fixed: return hot<FixedVol>(smile, k, left, total, put);
    case SmileShape::svi: return hot<SviVol>(smile, k, left, total, put);
    case SmileShape::svi_blend: return hot<SviBlendVol>(smile, k, left, total, put);
  }
  return {};
}

TEST(VolSurface, GivesTheSliceOfAListedExpiry) {
  const VolSurface surface({kShort, kLong});
  for (const SviSlice& slice : {kShort, kLong}) {
    const SmileToday smile = surface.smile(slice.years);
    ASSERT_EQ(smile_shape(smile), SmileShape::svi);
    for (const double k : {-1.0, -0.1, 0.0, 0.01, 0.4}) {
      EXPECT_NEAR(hot(smile, k, slice.years, slice.years).variance, svi(slice, k), 1e-15);
    }
  }
}

TEST(VolSurface, IsLinearInTotalVarianceBetween) {
  const SmileToday smile = VolSurface({kShort, kLong}).smile(0.2);
  ASSERT_EQ(smile_shape(smile), SmileShape::svi_blend);
  for (const double k : {-1.0, -0.1, 0.0, 0.01, 0.4}) {
    EXPECT_NEAR(hot(smile, k, 0.2, 0.2).variance, 0.75 * svi(kShort, k) + 0.25 * svi(kLong, k), 1e-15);
  }
}

TEST(VolSurface, KeepsTheVolBeforeTheFirstAndAfterTheLast) {
  const VolSurface surface({kShort, kLong});
  for (const double k : {-1.0, 0.0, 0.4}) {
    EXPECT_NEAR(hot(surface.smile(0.03), k, 0.03, 0.03).variance / 0.03, svi(kShort, k) / 0.1, 1e-15);
    EXPECT_NEAR(hot(surface.smile(2.0), k, 2.0, 2.0).variance / 2.0, svi(kLong, k) / 0.5, 1e-15);
  }
}

TEST(VolSurface, VolOfAnExpiryStaysWhileTimePasses) {
  const VolSurface surface({kShort, kLong});
  for (const double total : {0.05, 0.1, 0.2, 0.7}) {
    const SmileToday smile = surface.smile(total);
    for (const double left : {total, 0.5 * total, 0.01 * total}) {
      EXPECT_NEAR(hot(smile, 0.1, left, total).variance / left, hot(smile, 0.1, total, total).variance / total, 1e-14);
    }
  }
}

TEST(VolSurface, SlopeIsTheDerivativeInLogMoneyness) {
  for (const double total : {0.1, 0.2}) {
    const SmileToday smile = VolSurface({kShort, kLong}).smile(total);
    for (const double k : {-0.5, 0.0, 0.02, 0.3}) {
      const double h = 1e-5;
      const double difference =
          (hot(smile, k + h, 0.07, total).variance - hot(smile, k - h, 0.07, total).variance) / (2.0 * h);
      EXPECT_NEAR(hot(smile, k, 0.07, total).slope, difference, 1e-9);
    }
  }
}

TEST(VolSurface, PutsSeeTheSmileOfCallsAtTheSameStrike) {
  for (const double total : {0.05, 0.1, 0.2, 0.7}) {
    const SmileToday smile = VolSurface({kShort, kLong}).smile(total);
    for (const double k : {-0.7, -0.1, 0.0, 0.01, 0.4}) {
      const Level call = hot(smile, k, 0.02, total, false), put = hot(smile, k, 0.02, total, true);
      EXPECT_EQ(put.variance, call.variance) << k;
      EXPECT_EQ(put.slope, -call.slope) << k;  // with respect to -k
    }
  }
}

TEST(VolSurface, FlatVolIsTheSameForEveryExpiryAndStrike) {
  const VolSurface surface(0.6);
  EXPECT_FALSE(surface.empty());
  for (const double years : {0.01, 1.0}) {
    const SmileToday smile = surface.smile(years);
    ASSERT_EQ(smile_shape(smile), SmileShape::fixed);
    EXPECT_NEAR(hot(smile, 0.3, 0.25 * years, years).variance, 0.36 * 0.25 * years, 1e-16);
    EXPECT_EQ(hot(smile, 0.3, years, years).slope, 0.0);
  }
  EXPECT_TRUE(VolSurface().empty());
}

TEST(Underlying, OwnVolReplacesTheSurfaces) {
  const UnderlyingToday coin{"X", {0}, 100.0, 0.0, CarryCurve({}, 0.0), VolSurface({kShort, kLong})};
  EXPECT_EQ(smile_shape(coin.smile({3'000'000}, 0.8)), SmileShape::fixed);
  EXPECT_EQ(coin.smile({3'000'000}, 0.8).fixed_vol, 0.8);
  EXPECT_EQ(smile_shape(coin.smile({31'536'000 / 10}, 0.0)), SmileShape::svi);
  EXPECT_EQ(smile_shape(coin.smile({31'536'000 / 5}, 0.0)), SmileShape::svi_blend);
}

}  // namespace
}  // namespace tailbit::market::market_test
