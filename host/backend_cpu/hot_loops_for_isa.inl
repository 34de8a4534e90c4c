// The table of hot loops for one instruction set. Included once per instruction set by a file that defines TAILBIT_ISA
// (a namespace) and TAILBIT_TARGET (a function attribute). Only the functions below carry the attribute, and all they
// call is inlined into them: no code for a newer processor can leak into the rest of the program through the linker.

namespace tailbit::cpu::TAILBIT_ISA {
namespace {

TAILBIT_TARGET void draw(Tile& tile, std::uint32_t step, const Fixing* fixing) { body::draw(tile, step, fixing); }
TAILBIT_TARGET void mix(Tile& tile, const Step& step) { body::mix(tile, step); }
TAILBIT_TARGET void scale_normals(Tile& tile) { body::scale_normals(tile); }
TAILBIT_TARGET void begin_regime(Tile& tile, const Step& step) { body::begin_regime(tile, step); }
TAILBIT_TARGET void begin_period_moves(Tile& tile, const Step& step) { body::begin_period_moves(tile, step); }
TAILBIT_TARGET void bridge_normals(Tile& tile, const Step& step) { body::bridge_normals(tile, step); }
TAILBIT_TARGET void advance(Tile& tile, std::uint32_t step) { body::advance(tile, step); }
TAILBIT_TARGET void bridge(Tile& tile, std::uint32_t fixing) { body::bridge(tile, fixing); }
TAILBIT_TARGET void jump(Tile& tile, std::uint32_t step, const Fixing* fixing) { body::jump(tile, step, fixing); }
TAILBIT_TARGET void spots(Tile& tile, DateId date) { body::spots(tile, date); }
TAILBIT_TARGET void end_period(Tile& tile) { body::end_period(tile); }
TAILBIT_TARGET void forwards(Tile& tile, const RevaluationNode& node) { body::forwards(tile, node); }
template <class P>
TAILBIT_TARGET void observe(Tile& tile, const ObserverRun& run) {
  body::observe<P>(tile, run);
}
template <class Precise, class P>
TAILBIT_TARGET void price(Tile& tile, const Run& run, std::uint32_t first, std::uint32_t count) {
  body::price<Precise, P>(tile, run, first, count);
}
TAILBIT_TARGET std::uint64_t accumulate(const Tile& tile, const LeafTerms& leaves, const Chunk& chunk,
                                        std::uint64_t* sums, std::size_t sums_stride) {
  return body::accumulate(tile, leaves, chunk, sums, sums_stride);
}

}  // namespace

HotLoops loops() {
  HotLoops table{};
  table.draw = draw;
  table.mix = mix;
  table.scale_normals = scale_normals;
  table.begin_regime = begin_regime;
  table.begin_period_moves = begin_period_moves;
  table.bridge_normals = bridge_normals;
  table.advance = advance;
  table.bridge = bridge;
  table.jump = jump;
  table.spots = spots;
  table.end_period = end_period;
  table.forwards = forwards;
  table.accumulate = accumulate;
  for_each_type<Pricers>([&]<class P, std::size_t id>() {
    table.price[0][id] = price<double, P>;
    table.price[1][id] = price<float, P>;
    if constexpr (P::has_state) table.observe[id] = observe<P>;
  });
  return table;
}

}  // namespace tailbit::cpu::TAILBIT_ISA
