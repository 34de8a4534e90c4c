// The table of hot loops for one instruction set. Included once per instruction set by a file that defines TAILBIT_ISA
// (a namespace) and TAILBIT_TARGET (a function attribute). Only the functions below carry the attribute, and all they
// call is inlined into them: no code for a newer processor can leak into the rest of the program through the linker.

namespace tailbit::cpu::TAILBIT_ISA {
namespace {

TAILBIT_TARGET void draw(Tile& tile, std::uint32_t step, std::uint32_t block, std::uint32_t stream,
                         bool date_inside_step) {
  body::draw(tile, step, block, stream, date_inside_step);
}
TAILBIT_TARGET void advance(Tile& tile) { body::advance(tile); }
TAILBIT_TARGET void bridge(Tile& tile, const Fixing& fixing) { body::bridge(tile, fixing); }
TAILBIT_TARGET void spots(Tile& tile, PointId first, std::uint32_t count) { body::spots(tile, first, count); }
template <class P>
TAILBIT_TARGET void observe(Tile& tile, const ObserverRun& run) {
  body::observe<P>(tile, run);
}
template <class Precise, class P>
TAILBIT_TARGET std::uint64_t revalue(Tile& tile, const Run& run, std::uint64_t* sums, std::size_t sums_stride) {
  return body::revalue<Precise, P>(tile, run, sums, sums_stride);
}

}  // namespace

HotLoops loops() {
  HotLoops table{};
  table.draw = draw;
  table.advance = advance;
  table.bridge = bridge;
  table.spots = spots;
  for_each_type<Pricers>([&]<class P, std::size_t id>() {
    table.revalue[0][id] = revalue<double, P>;
    table.revalue[1][id] = revalue<float, P>;
    if constexpr (P::has_state) table.observe[id] = observe<P>;
  });
  return table;
}

}  // namespace tailbit::cpu::TAILBIT_ISA
