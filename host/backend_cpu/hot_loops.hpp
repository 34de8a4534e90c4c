// The loops that a run spends its time in, one table per instruction set. All tables give the same bits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/backend_cpu/tile.hpp"
#include "tailbit/engine/families.hpp"
#include "tailbit/engine/leaf_terms.hpp"

namespace tailbit::cpu {

enum class Isa {
  baseline,  // plain x86-64: no FMA instruction, the library's fma is called; same bits, about fifty times slower
  v3,        // AVX2 + FMA
  v4,        // AVX-512
};

struct HotLoops {
  // Normals of all factors for one step, or for a date inside it (else null).
  void (*draw)(Tile&, std::uint32_t step, const Fixing*);
  void (*scale_normals)(Tile&);  // where innovations are mixed
  // Of a step that begins a period, or lies in other ones than the step before: the scale of mixed innovations, and the
  // regime.
  void (*mix)(Tile&, const Step&);
  void (*begin_regime)(Tile&, const Step&);
  // Where whole periods are drawn at once: the sums of a new one's normals, and a step's normals as parts of them.
  void (*begin_period_moves)(Tile&, const Step&);
  void (*bridge_normals)(Tile&, const Step&);
  void (*advance)(Tile&, std::uint32_t step);
  void (*bridge)(Tile&, std::uint32_t fixing);
  // What jumps add to the factors, at the step's end or at a date inside it (else null).
  void (*jump)(Tile&, std::uint32_t step, const Fixing*);
  void (*spots)(Tile&, DateId);
  void (*end_period)(Tile&);
  void (*forwards)(Tile&, const RevaluationNode&);
  void (*observe[Pricers::size])(Tile&, const ObserverRun&);  // null for pricers without a state
  // Changes in value of rows [first, first + count) of a run, into tile.change.
  void (*price[2][Pricers::size])(Tile&, const Run&, std::uint32_t first, std::uint32_t count);  // [precision]
  // Adds quantities times the changes of a chunk to sums[leaf * sums_stride + lane] as raw bits. Returns non-zero when
  // a term was out of range or not a number.
  std::uint64_t (*accumulate)(const Tile&, const LeafTerms&, const Chunk&, std::uint64_t* sums,
                              std::size_t sums_stride);
};

const HotLoops& hot_loops(Isa isa);

// What this processor can run, fastest last. Baseline is always there.
std::vector<Isa> available_isas();
Isa best_isa();
const char* isa_name(Isa isa);
// Throws std::invalid_argument with the names there are.
Isa parse_isa(const std::string& name);

}  // namespace tailbit::cpu
