#include "host/backend_cpu/shocked_slices.hpp"

#include "tailbit/random/draws.hpp"

#define TAILBIT_ISA baseline
#define TAILBIT_TARGET
#include "host/backend_cpu/shocked_slices_for_isa.inl"

#define TAILBIT_ISA v3
#define TAILBIT_TARGET __attribute__((target("arch=x86-64-v3")))
#include "host/backend_cpu/shocked_slices_for_isa.inl"

#define TAILBIT_ISA v4
#define TAILBIT_TARGET __attribute__((target("arch=x86-64-v4")))
#include "host/backend_cpu/shocked_slices_for_isa.inl"

namespace tailbit::cpu {

ShockTile::ShockTile(std::size_t capacity)
    : level(capacity),
      skew(capacity),
      shocks{{AlignedArray<double>(capacity), AlignedArray<double>(capacity)},
             {AlignedArray<double>(capacity), AlignedArray<double>(capacity)}},
      least_g(capacity),
      least_vol(capacity),
      least_gap(capacity) {}

const ShockLoops& shock_loops(Isa isa) {
  static const ShockLoops tables[] = {baseline::shock_loops(), v3::shock_loops(), v4::shock_loops()};
  return tables[static_cast<int>(isa)];
}

}  // namespace tailbit::cpu
