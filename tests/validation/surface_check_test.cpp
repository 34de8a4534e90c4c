// Simulated surfaces of the stressed chain of 5 February 2026.
#include "host/ops/surface_check.hpp"

#include <filesystem>
#include <iostream>

#include <gtest/gtest.h>

#include "host/fit/chain_surface.hpp"

namespace tailbit::surface_check_test {
namespace {

constexpr const char* kChain = TAILBIT_MARKET_DATA "/options/deribit_chain_BTC_ETH_20260205T2129Z_stress.csv";

struct Shares {
  double butterflies_3, butterflies_5, crossings_3;
};

Shares shares(const SurfaceCheck& check) {
  const nlohmann::ordered_json total = to_json(check)["total"];
  return {total["within_3"]["butterfly_share"], total["within_5"]["butterfly_share"],
          total["within_3"]["crossing_share"]};
}

TEST(ShockedSurfacesOfTheStressedChain, SeldomHaveButterflies) {
  if (!std::filesystem::exists(kChain)) GTEST_SKIP() << kChain << " is not there";
  const Chain chain = read_chain(kChain);
  const Market market = chain_market(chain, fit_chain(chain));

  const SurfaceCheck plain = check_shocked_surfaces(market, {}, 86'400, 20'000, 42, 0);
  const SurfaceCheck stressed = check_shocked_surfaces(market, kStressedShocks, 86'400, 20'000, 42, 0);
  std::cout << to_json(plain)["total"] << "\n" << to_json(stressed)["total"] << "\n";
  ASSERT_EQ(plain.underlyings.size(), 2u);
  for (const UnderlyingCheck& u : plain.underlyings) {
    EXPECT_EQ(u.slices.size(), 11u) << u.name;
    EXPECT_EQ(u.expired, 1u) << u.name;
    for (const SliceCheck& s : u.slices) {
      EXPECT_GT(s.within_5.least_g_unshocked, 0.0) << u.name;  // the fit has no arbitrage, and time brings none
      EXPECT_EQ(s.within_3.butterflies, 0u) << u.name;
      EXPECT_EQ(s.floored, 0u) << u.name;
    }
  }
  // Of 10^6 surfaces: 0, 0.015 % and 0.16 % of slices; under the stressed shocks 0.076 %, 0.71 % and 2.3 %.
  EXPECT_LT(shares(plain).butterflies_5, 4e-4);
  EXPECT_LT(shares(plain).crossings_3, 4e-3);
  EXPECT_GT(shares(stressed).butterflies_3, 3e-4);
  EXPECT_LT(shares(stressed).butterflies_3, 2e-3);
  EXPECT_GT(shares(stressed).butterflies_5, 3e-3);
  EXPECT_LT(shares(stressed).butterflies_5, 1.4e-2);
}

}  // namespace
}  // namespace tailbit::surface_check_test
