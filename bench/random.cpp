// What a normal costs: one block of Philox4x32-10 and two inversions give two, as in the hot loop; tiles of 512
// scenarios, written to memory that stays in the core's cache.
#include <array>
#include <cstdio>

#include "bench/parts.hpp"
#include "tailbit/random/draws.hpp"

namespace tailbit::bench {
namespace {

constexpr std::size_t kLanes = 512;
using Lanes = std::array<double, kLanes>;

HD void draw(Lanes& first, Lanes& second, std::uint64_t scenario) {
  const random::Key key = random::make_key(42);
#pragma omp simd
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const auto z = random::two_normals<random::Philox4x32>(key, scenario + lane, 0, 0, random::kInnovations);
    first[lane] = z.first;
    second[lane] = z.second;
  }
}

// As the hot loops: one copy per instruction set, everything inlined into it.
__attribute__((target("arch=x86-64-v3"))) void draw_v3(Lanes& a, Lanes& b, std::uint64_t s) { draw(a, b, s); }
__attribute__((target("arch=x86-64-v4"))) void draw_v4(Lanes& a, Lanes& b, std::uint64_t s) { draw(a, b, s); }

}  // namespace

Json measure_random(const Settings& settings) {
  const std::uint64_t tiles = settings.quick ? 256 : 16'384;
  Json rows = Json::array();
  std::printf("\n%-34s %-4s %14s %8s\n", "random numbers", "isa", "ns each", "+- %");
  for (const cpu::Isa isa : measured_isas()) {
    const auto draw_tile = isa == cpu::Isa::v4 ? draw_v4 : draw_v3;
    alignas(64) static Lanes first, second;
    volatile double sink = 0.0;
    const Timed time = repeat(settings.repeats, [&] {
      for (std::uint64_t t = 0; t < tiles; ++t) {
        draw_tile(first, second, t * kLanes);
        sink = sink + first[t % kLanes] + second[t % kLanes];
      }
    });
    const double nanoseconds = 1e9 * time.seconds / static_cast<double>(2 * tiles * kLanes);
    std::printf("%-34s %-4s %14.2f %8.1f\n", "normals, Philox and inversion", cpu::isa_name(isa), nanoseconds,
                100.0 * time.spread);
    rows.push_back({{"what", "normals, Philox and inversion"},
                    {"isa", cpu::isa_name(isa)},
                    {"nanoseconds", rounded(nanoseconds)},
                    {"spread", rounded(time.spread)}});
  }
  return rows;
}

}  // namespace tailbit::bench
