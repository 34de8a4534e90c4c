// Black's formula turned around: against itself over extreme grids, against reference prices, and where no vol is
// right.
#include "host/fit/implied_vol.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "tests/support/oracles.hpp"

namespace tailbit::implied_vol_test {
namespace {

// In more digits than what is tested.
using Long = long double;
Long normal(Long x) { return 0.5L * std::erfc(-x / std::sqrt(2.0L)); }

struct Black {
  double price, vega;
};
Black black(OptionKind option, Long forward, Long strike, Long years, Long vol) {
  const Long s = vol * std::sqrt(years), d1 = std::log(forward / strike) / s + 0.5L * s, d2 = d1 - s;
  const Long vega = forward * std::sqrt(years) * std::exp(-0.5L * d1 * d1) / std::sqrt(2.0L * std::numbers::pi_v<Long>);
  const Long price = option == OptionKind::call ? forward * normal(d1) - strike * normal(d2)
                                                : strike * normal(-d2) - forward * normal(-d1);
  return {static_cast<double>(price), static_cast<double>(vega)};
}

// From an hour to ten years, vols of 1 % to 800 %, 12 standard deviations to both sides.
TEST(ImpliedVol, GivesBackTheVolOfAPrice) {
  std::size_t tried = 0;
  for (const double years : {1.0 / 8760.0, 1.0 / 365.0, 0.02, 0.25, 1.0, 10.0}) {
    for (const double vol : {0.01, 0.1, 0.35, 0.8, 1.5, 3.0, 8.0}) {
      for (double z = -12.0; z <= 12.0; z += 0.25) {
        for (const OptionKind option : {OptionKind::call, OptionKind::put}) {
          const double forward = 63'725.0, strike = forward * std::exp(z * vol * std::sqrt(years));
          const Black b = black(option, forward, strike, years, vol);
          const double intrinsic = std::max(0.0, option == OptionKind::call ? forward - strike : strike - forward);
          const double bound = option == OptionKind::call ? forward : strike;
          // What roundings of the price, of the intrinsic value in it, and of the little that is missing to the bound
          // make of the vol.
          const double error = 4e-16 * (b.price + intrinsic + (b.price > 0.3 * bound ? bound : 0.0)) / b.vega;
          if (!(error < 1e-6 * vol)) continue;  // no digits left
          ++tried;
          const auto implied = implied_vol(option, forward, strike, years, b.price);
          ASSERT_TRUE(implied) << years << " " << vol << " " << z;
          // Black's formula itself cancels by |d1| / stdev.
          const double cancelled = 1e-15 * (10.0 + std::abs(z) / (vol * std::sqrt(years)));
          EXPECT_NEAR(*implied, vol, 4.0 * error + cancelled * vol) << years << " " << vol << " " << z;
        }
      }
    }
  }
  EXPECT_GT(tried, 4000u);
}

TEST(ImpliedVol, OfPricesFarOutOfTheMoney) {
  // 30 standard deviations: prices of 1e-200.
  const double forward = 100.0, years = 0.25, vol = 0.5;
  for (const double z : {20.0, 25.0, 30.0}) {
    const double strike = forward * std::exp(z * vol * std::sqrt(years));
    const Black b = black(OptionKind::call, forward, strike, years, vol);
    ASSERT_LT(b.price, 1e-80);
    const auto implied = implied_vol(OptionKind::call, forward, strike, years, b.price);
    ASSERT_TRUE(implied);
    EXPECT_NEAR(*implied, vol, 1e-11);
  }
}

TEST(ImpliedVol, AtTheMoneyOfTheSmallestPrices) {
  // The value at the money is F erf(s / sqrt 8).
  for (const double vol : {1e-8, 1e-4, 0.01, 1.0, 5.0}) {
    const double price = 2000.0 * std::erf(vol / std::sqrt(8.0));
    for (const OptionKind option : {OptionKind::call, OptionKind::put}) {
      const auto implied = implied_vol(option, 2000.0, 2000.0, 1.0, price);
      ASSERT_TRUE(implied);
      EXPECT_NEAR(*implied, vol, 1e-13 * vol) << vol;
    }
  }
}

TEST(ImpliedVol, OfReferencePrices) {
  TAILBIT_ORACLE_OR_SKIP(table, "black76_reference.csv");
  ASSERT_EQ(table.rows.size(), 14u);
  for (const test::OracleRow& row : table.rows) {
    const OptionKind option = row.text("type") == "call" ? OptionKind::call : OptionKind::put;
    const double years = row.number("T"), undiscounted = row.number("price") * std::exp(row.number("r") * years);
    const auto implied = implied_vol(option, row.number("F"), row.number("K"), years, undiscounted);
    ASSERT_TRUE(implied);
    EXPECT_NEAR(*implied, row.number("sigma"), 1e-13);
  }
}

TEST(ImpliedVol, IsNothingAtIntrinsicAndBelow) {
  EXPECT_FALSE(implied_vol(OptionKind::call, 100.0, 80.0, 1.0, 20.0));
  EXPECT_FALSE(implied_vol(OptionKind::call, 100.0, 80.0, 1.0, 19.9));
  EXPECT_TRUE(implied_vol(OptionKind::call, 100.0, 80.0, 1.0, 20.1));
  EXPECT_FALSE(implied_vol(OptionKind::put, 100.0, 130.0, 1.0, 30.0));
  EXPECT_TRUE(implied_vol(OptionKind::put, 100.0, 130.0, 1.0, 30.1));
  EXPECT_FALSE(implied_vol(OptionKind::put, 100.0, 80.0, 1.0, 0.0));
  EXPECT_FALSE(implied_vol(OptionKind::call, 100.0, 120.0, 1.0, -1.0));
}

TEST(ImpliedVol, IsNothingAtTheBoundAndAbove) {
  EXPECT_FALSE(implied_vol(OptionKind::call, 100.0, 80.0, 1.0, 100.0));
  EXPECT_TRUE(implied_vol(OptionKind::call, 100.0, 80.0, 1.0, 99.9));
  EXPECT_FALSE(implied_vol(OptionKind::put, 100.0, 80.0, 1.0, 80.0));
  EXPECT_FALSE(implied_vol(OptionKind::put, 100.0, 80.0, 1.0, 90.0));
  EXPECT_TRUE(implied_vol(OptionKind::put, 100.0, 80.0, 1.0, 79.9));
}

// Whatever rounding does to the intrinsic value: the bounds give nothing, next to them is a vol that could be.
TEST(ImpliedVol, KnowsItsBoundsToTheLastBit) {
  for (double forward = 0.1; forward < 3.0; forward *= 1.07) {
    for (double strike = 0.1; strike < 3.0; strike *= 1.09) {
      for (const OptionKind option : {OptionKind::call, OptionKind::put}) {
        const double bound = option == OptionKind::call ? forward : strike;
        const double intrinsic = std::max(0.0, option == OptionKind::call ? forward - strike : strike - forward);
        EXPECT_FALSE(implied_vol(option, forward, strike, 1.0, bound));
        EXPECT_FALSE(implied_vol(option, forward, strike, 1.0, intrinsic));
        EXPECT_LT(implied_vol(option, forward, strike, 1.0, std::nextafter(bound, 0.0)).value_or(1.0), 20.0);
        EXPECT_GT(implied_vol(option, forward, strike, 1.0, std::nextafter(intrinsic, 9.0)).value_or(1.0), 0.0);
      }
    }
  }
}

TEST(ImpliedVol, IsNothingOfNumbersThatAreNone) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {0.0, -1.0, nan, infinity}) {
    EXPECT_FALSE(implied_vol(OptionKind::call, bad, 100.0, 1.0, 5.0));
    EXPECT_FALSE(implied_vol(OptionKind::call, 100.0, bad, 1.0, 5.0));
    EXPECT_FALSE(implied_vol(OptionKind::call, 100.0, 100.0, bad, 5.0));
    EXPECT_FALSE(implied_vol(OptionKind::call, 100.0, 100.0, 1.0, bad));
  }
}

}  // namespace
}  // namespace tailbit::implied_vol_test
