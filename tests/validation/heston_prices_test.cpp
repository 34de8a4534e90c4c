// Options on paths with Heston's variance, and with jumps too (Bates 1996), against prices from characteristic
// functions.
//
// False alarms: z-tests at 4 standard errors, some 80 of them, 6.3e-5 each for a normal mean. The scheme has a bias of
// its own, of which the steps taken here leave less than the tolerance that is added: 0.1 % of the price, and 0.002 %
// of the spot where options are worth next to nothing.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/characteristic_prices.hpp"

namespace tailbit::heston_prices_test {
namespace {

using test::characteristic_price;
using test::Complex;
using test::Heston;
using test::ListRow;
using test::number_of;
using test::path_model;
using Json = nlohmann::json;

Json spot_vol(const Heston& h) {
  return {{"kind", "heston"},           {"v0", h.v0},  {"kappa", h.kappa}, {"theta", h.theta},
          {"vol_of_vol", h.vol_of_vol}, {"rho", h.rho}};
}

void expect_price(const ListRow& row, const test::PricedRow& priced, double exact, const std::string& what) {
  const double value = number_of(priced, "value"), se = number_of(priced, "se");
  const double bias = 1e-3 * exact + 2e-5 * (row.family == "inverse" ? 1.0 : row.spot);
  EXPECT_LT(std::abs(value - exact), 4.0 * se + bias)
      << what << ", " << row.text() << ": " << value << " against " << exact << ", standard error " << se;
  EXPECT_LT(se, 0.02 * exact + 2e-4 * row.spot) << row.text();  // so that the check means something
}

struct Case {
  const char* name;
  Heston law;
};
// As fitted to options on BTC and ETH in 2025-26, variances that touch 0 included; spot and vol against and with each
// other.
const Case kCases[] = {{"BTC", {0.255, 9.3, 0.286, 2.33, -0.35}},
                       {"ETH", {0.48, 19.9, 0.50, 4.49, -0.22}},
                       {"Rally", {0.30, 3.0, 0.6, 0.9, 0.6}},
                       {"Calm", {0.09, 2.0, 0.16, 0.3, 0.0}}};

class HestonPrices : public testing::TestWithParam<Case> {};

TEST_P(HestonPrices, AreThoseOfTheCharacteristicFunction) {
  const Heston& h = GetParam().law;
  std::vector<ListRow> rows;
  for (const double years : {0.1, 0.5}) {
    for (const double strike : {80.0, 100.0, 125.0}) {
      rows.push_back({"european", "call", strike, years, 0.03, 0.08});
      rows.push_back({"inverse", "put", strike, years, 0.5, -0.06});
    }
  }
  const auto priced = test::price_on_paths(rows, path_model({{"spot_vol", spot_vol(h)}}), {"", 400'000, 50, 11});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double exact = characteristic_price(rows[i], [&](Complex u) { return test::heston(u, rows[i].years, h); });
    expect_price(rows[i], priced[i], exact, GetParam().name);
  }
}

INSTANTIATE_TEST_SUITE_P(Laws, HestonPrices, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(HestonPrices, WithJumpsAreThoseOfBates) {
  const Heston h{0.224, 13.4, 0.108, 0.94, -0.43};
  const Json model =
      path_model({{"spot_vol", spot_vol(h)}, {"jumps", {{"intensity", 1.29}, {"mean", -0.066}, {"stdev", 0.158}}}});
  std::vector<ListRow> rows;
  for (const double strike : {80.0, 100.0, 125.0}) rows.push_back({"european", "put", strike, 0.25, 0.03, 0.08});
  const auto priced = test::price_on_paths(rows, model, {"", 400'000, 50, 11});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double exact = characteristic_price(rows[i], [&](Complex u) {
      return test::heston(u, 0.25, h) *
             test::jumps(u, 1.29 * 0.25, [](Complex v) { return test::normal_size(v, -0.066, 0.158); });
    });
    expect_price(rows[i], priced[i], exact, "Bates");
  }
}

TEST(HestonPrices, OfTheCharacteristicFunctionAreTheOracles) {
  TAILBIT_ORACLE_OR_SKIP(table, "heston_reference.csv");
  for (const auto& row : table.rows) {
    const Heston h{row.number("v0"), row.number("kappa"), row.number("theta"), row.number("sigma"), row.number("rho")};
    const ListRow option{"european",
                         row.text("type"),
                         row.number("K"),
                         row.number("T"),
                         row.number("r"),
                         row.number("r") - row.number("q"),
                         0.0,
                         row.number("S")};
    const double exact = row.number("ref");
    EXPECT_NEAR(characteristic_price(option, [&](Complex u) { return test::heston(u, option.years, h); }), exact, 1e-7)
        << option.text();
    const auto steps = static_cast<std::uint32_t>(50.0 * option.years);
    const auto priced =
        test::price_on_paths({option}, path_model({{"spot_vol", spot_vol(h)}}), {"", 100'000, steps, 3});
    expect_price(option, priced[0], exact, "oracle");
  }
}

// The mean of the spot is exact whatever the steps, except where the scheme cannot correct it.
TEST(HestonPrices, TheSpotIsAMartingale) {
  const ListRow spot{"digital", "call", 1e-9, 0.5, 0.03, 0.2, 0.0, 100.0, "asset"};
  for (const Case& c : kCases) {
    for (const std::uint32_t steps : {10u, 20u}) {
      const auto priced =
          test::price_on_paths({spot}, path_model({{"spot_vol", spot_vol(c.law)}}), {"", 400'000, steps, 5});
      EXPECT_LT(std::abs(number_of(priced[0], "value") - spot.discount() * spot.forward()),
                4.0 * number_of(priced[0], "se"))
          << c.name << " in " << steps << " steps";
    }
  }
}

}  // namespace
}  // namespace tailbit::heston_prices_test
