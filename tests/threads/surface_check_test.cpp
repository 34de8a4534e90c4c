// Counts over simulated surfaces do not depend on threads, nor on the instruction set.
#include <gtest/gtest.h>

#include "host/backend_cpu/shocked_slices.hpp"
#include "tests/support/shocked_surfaces.hpp"

namespace tailbit::surface_check_test {
namespace {

constexpr SurfaceShocks kStrong{.vol_of_vol = 3.0, .skew_vol = 6.0};

TEST(CheckShockedSurfaces, DoesNotDependOnThreads) {
  const auto check = [](unsigned threads) {
    return to_json(check_shocked_surfaces(test::skewed_market(), kStrong, 86'400, 3'000, 11, threads, 2)).dump();
  };
  const std::string one = check(1);
  for (const unsigned threads : {0u, 2u, 3u, 8u, 100u}) EXPECT_EQ(check(threads), one) << threads;
}

TEST(ShockLoops, GiveTheSameBitsFromEveryInstructionSet) {
  constexpr std::size_t kLanes = 203;
  const cpu::SliceAhead early{{2e-3, 0.07, -0.5, 0.02, 0.0064, 1.0 / 0.0067}, 0.004, 0.06, {0.02, 3.5, 3.5}};
  const cpu::SliceAhead late{{3e-3, 0.10, -0.5, 0.02, 0.04, 1.0 / 0.0204}, 0.0177, 0.15, {0.02, 2.0, 2.0}};
  std::vector<double> grid;
  for (int i = -20; i <= 20; ++i) grid.push_back(0.25 * i);
  std::vector<std::vector<double>> results;
  for (const cpu::Isa isa : cpu::available_isas()) {
    const cpu::ShockLoops& loops = cpu::shock_loops(isa);
    cpu::ShockTile tile(kLanes);
    tile.lanes = kLanes;
    tile.first_surface = 1'000'000'000'000;
    for (auto* least : {&tile.least_g, &tile.least_vol, &tile.least_gap}) std::fill(least->begin(), least->end(), 1e9);
    loops.draw(tile, {0.14, 0.1, -0.2, 0.98}, 3, 5);
    loops.shock(tile, early.scale, 0);
    loops.shock(tile, late.scale, 1);
    loops.least_g(tile, 0, early, grid);
    loops.least_gap(tile, 0, early, late, grid);
    std::vector<double> all;
    for (auto* a : {&tile.level, &tile.skew, &tile.shocks[0].factor, &tile.shocks[1].tilt, &tile.least_g,
                    &tile.least_vol, &tile.least_gap})
      all.insert(all.end(), a->begin(), a->end());
    results.push_back(std::move(all));
    EXPECT_EQ(results.back(), results.front()) << cpu::isa_name(isa);
  }
  EXPECT_LT(*std::min_element(results[0].end() - 3 * kLanes, results[0].end() - 2 * kLanes), 0.0);
  EXPECT_LT(*std::min_element(results[0].end() - kLanes, results[0].end()), 0.0);
}

}  // namespace
}  // namespace tailbit::surface_check_test
